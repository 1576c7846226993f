//! The program `teleconsultation`; see `teleconsultation_server`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A tenth of a request went into the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    use_small_pages();
    teleconsultation_server::run()
}

/// The allocator spreads threads over the address space. On huge pages, a few kilobytes of each would take 2 MiB: a quarter of the memory of
/// an idle program.
#[cfg(target_os = "linux")]
fn use_small_pages() {
    // A kernel that cannot gives more memory than is needed, and nothing else changes.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn use_small_pages() {}
