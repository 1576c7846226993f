//! All that this process logs, at `debug`.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use ports::{Clock, fake::FakeClock};
use teleconsultation_server::telemetry::{Lines, LogLevel};

static LOGGED: LazyLock<(Lines, Logged)> = LazyLock::new(|| {
    let logged = Logged::default();
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH));
    let lines = Lines::new(logged.clone(), clock, LogLevel::Debug).unwrap();
    tracing::subscriber::set_global_default(lines.subscriber()).unwrap();
    (lines, logged)
});

#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep what is logged.
pub fn keep() {
    LazyLock::force(&LOGGED);
}

/// All that was logged.
pub fn since_the_start() -> String {
    let (lines, logged) = &*LOGGED;
    assert!(lines.flush(Duration::from_mins(1)));
    String::from_utf8(logged.0.lock().unwrap().clone()).unwrap()
}
