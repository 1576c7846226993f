//! The two servers, each started on a free port with an empty database.

use std::{
    fs::File,
    io::{Error, Result},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::client::Client;

/// How long a server may take to answer its first request.
const START_MAX: Duration = Duration::from_secs(20);

/// What the kernel counts processor time in (`USER_HZ`), on every architecture that both servers run on.
const TICK: Duration = Duration::from_millis(10);

/// A server that runs until this is dropped.
pub struct Server {
    /// How the table names it.
    pub name: &'static str,
    /// Where it listens on the loopback address.
    pub port: u16,
    /// How long it took to be ready.
    pub ready_after: Duration,
    process: Child,
    _data: TempDir,
}

impl Server {
    /// Ours, from its binary.
    pub async fn teleconsultation(program: &Path, data: &Path) -> Result<Self> {
        Self::with("teleconsultation", program, data, &[]).await
    }

    /// Ours, with more settings.
    pub async fn with(name: &'static str, program: &Path, data: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let data = TempDir::new_in(data)?;
        let mut command = Command::new(program);
        command
            .env("DATA_DIR", data.path())
            .env("MEDIA_UDP_PORT", "0")
            .env("MEDIA_TCP_PORT", "0")
            // Fastify's logger is off too.
            .env("LOG_LEVEL", "error")
            .env("WAIT_BEFORE_SERVER_CLOSE_SEC", "0")
            .envs(settings.iter().copied());
        Self::start(name, command, data).await
    }

    /// The one that it is compared with, from its directory.
    pub async fn fastify(directory: &Path, data: &Path) -> Result<Self> {
        let data = TempDir::new_in(data)?;
        let mut command = Command::new("node");
        command
            .arg(directory.join("server.js"))
            .env("NODE_ENV", "production")
            .env("DATABASE", data.path().join("fastify.db"));
        Self::start("Fastify + better-sqlite3", command, data).await
    }

    async fn start(name: &'static str, mut command: Command, data: TempDir) -> Result<Self> {
        let port = free_port()?;
        let begun = Instant::now();
        let log = data.path().join("log");
        command.env("HTTP_PORT", port.to_string()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let process = command.spawn().map_err(|error| {
            Error::new(error.kind(), format!("{} cannot be started: {error}", command.get_program().display()))
        })?;
        let mut server = Self { name, port, ready_after: Duration::ZERO, process, _data: data };
        while !server.is_ready().await {
            if server.process.try_wait()?.is_some() || begun.elapsed() > START_MAX {
                let said = std::fs::read_to_string(log)?;
                return Err(Error::other(format!("{name} does not start: {said}")));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server.ready_after = begun.elapsed();
        Ok(server)
    }

    /// The processor time that it has used so far, all threads together and in the system too. `None` where there is no `/proc`.
    pub fn processor_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name of the program, in brackets, may hold spaces. User and system time are fields 14 and 15 of `proc(5)`.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u32>().ok();
        Some(TICK * (ticks()? + ticks()?))
    }

    /// The memory that it has resident, in KiB. `None` where there is no `/proc`.
    pub fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut client) = Client::connect(self.port).await else { return false };
        let request = b"GET /-/ready HTTP/1.1\r\nhost: localhost\r\n\r\n";
        client.send(request).await.is_ok_and(|answer| answer.status == 200)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that is gone already cannot be killed, which is as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
