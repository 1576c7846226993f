//! The server's process as the kernel sees it.

use std::{
    error::Error,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The server, which ends when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }

    /// The processor time that the media threads have used.
    pub fn media_cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let mut used = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            if fs::read_to_string(task.join("comm"))?.starts_with("media-") {
                used += thread_cpu(&task)?;
            }
        }
        Ok(used)
    }

    /// Resident memory in kilobytes (of 1024 bytes).
    pub fn resident_kb(&self) -> Result<u64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

/// The processor time that the calling thread has used.
pub fn own_cpu() -> Result<Duration, Box<dyn Error>> {
    thread_cpu(Path::new("/proc/thread-self"))
}

/// The processor time of a thread: the first number of its `schedstat`, in nanoseconds.
fn thread_cpu(task: &Path) -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string(task.join("schedstat"))?;
    let used = stat.split(' ').next().ok_or("an unknown form of schedstat")?;
    Ok(Duration::from_nanos(used.parse()?))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for one that hangs.
        drop(self.child.stdin.take());
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
