//! The program `teleconsultation`; see `teleconsultation_server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    teleconsultation_server::run()
}
