//! The server's process as the kernel sees it.

use std::{
    error::Error,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// What one tick of the kernel's accounting is; `sysconf(_SC_CLK_TCK)` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

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
        let mut ticks = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let stat = fs::read_to_string(task?.path().join("stat"))?;
            let (name, fields) = stat.rsplit_once(") ").ok_or("an unknown form of stat")?;
            if !name.contains("(media-") {
                continue;
            }
            // Fields 14 and 15 of proc_pid_stat(5); the first one here is field 3.
            let times = fields.split(' ').skip(11).take(2);
            ticks += times.map(str::parse::<u32>).sum::<Result<u32, _>>()?;
        }
        Ok(TICK * ticks)
    }

    /// Resident memory in kilobytes (of 1024 bytes).
    pub fn resident_kb(&self) -> Result<u64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for one that hangs.
        drop(self.child.stdin.take());
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
