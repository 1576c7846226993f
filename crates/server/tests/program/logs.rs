//! All that this process logs, at `debug`.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use jiff::Timestamp;
use ports::{Clock, fake::FakeClock};
use teleconsultation_server::telemetry::{Lines, LogLevel};

static LOGGED: LazyLock<Logged> = LazyLock::new(|| {
    let logged = Logged::default();
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH));
    tracing::subscriber::set_global_default(Lines::new(logged.clone(), clock, LogLevel::Debug).subscriber()).unwrap();
    logged
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
    String::from_utf8(LOGGED.0.lock().unwrap().clone()).unwrap()
}
