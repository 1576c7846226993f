//! The program `teleconsultation`; see `teleconsultation_server`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A tenth of a request went into the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    teleconsultation_server::run()
}
