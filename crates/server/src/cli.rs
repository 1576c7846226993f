//! The command line.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use platform::{Authorities, OutboundError};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    config::{self, Config, ConfigError},
    doctor::{self, said},
    health, http, program,
    program::{Program, ServeError, StartError, Stop},
    system::SystemClock,
    telemetry::{
        FLUSH_MAX, Lines, LogLevel,
        traces::{self, TraceError, Traces},
    },
};

/// Schedules video visits and carries the calls. Without a command it serves.
#[derive(Parser)]
#[command(name = "teleconsultation", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Read and validate the settings, and do nothing else
    CheckConfig,
    /// Try database, ports, addresses, certificate and disk, and say what to do
    Doctor,
    /// Ask the running program with these settings whether it is alive, for two seconds at most
    Health,
    /// Print the address that opens the reception desk, with its key
    DeskLink,
    /// Write docs/configuration.md
    PrintSettings,
    /// Write docs/openapi.json
    PrintOpenapi,
}

/// Runs the program as the command line asks.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        None => serve(),
        Some(Command::CheckConfig) => check_config(),
        Some(Command::Doctor) => examine(),
        Some(Command::Health) => ask(),
        Some(Command::DeskLink) => desk_link(),
        Some(Command::PrintSettings) => print(&config::markdown()),
        Some(Command::PrintOpenapi) => match serde_json::to_string_pretty(&http::documentation::document()) {
            Ok(document) => print(&(document + "\n")),
            Err(error) => complain(&format!("the API document cannot be written: {error}")),
        },
    }
}

/// The settings of this process.
fn load() -> Result<Config, ConfigError> {
    // A variable that is no text is none of ours, or wrong in a way that reading it as text shows.
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    Config::load(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
}

fn check_config() -> ExitCode {
    match load() {
        Ok(config) => {
            let mut text = String::from("The settings are valid.\n");
            for note in &config.notes {
                text.push_str("Note: ");
                text.push_str(note);
                text.push_str(".\n");
            }
            print(&text)
        }
        Err(error) => complain(&error.to_string()),
    }
}

fn desk_link() -> ExitCode {
    let link = load().map_err(|error| error.to_string()).and_then(|config| program::desk_link(&config));
    match link {
        Ok(link) => print(&(link + "\n")),
        Err(problem) => complain(&problem),
    }
}

fn examine() -> ExitCode {
    let config = match load() {
        Ok(config) => config,
        Err(error) => return complain(&error.to_string()),
    };
    let findings = match runtime() {
        Ok(runtime) => runtime.block_on(doctor::examine(&config)),
        Err(error) => return complain(&format!("the system gives no threads: {error}")),
    };
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    let printed = print(&(lines.join("\n") + "\n"));
    if findings.iter().any(|finding| finding.verdict == doctor::Verdict::Bad) { ExitCode::FAILURE } else { printed }
}

/// For container engines, to which 0 means healthy and 1 unhealthy.
fn ask() -> ExitCode {
    let config = match load() {
        Ok(config) => config,
        Err(error) => return complain(&error.to_string()),
    };
    match runtime() {
        Ok(runtime) => match runtime.block_on(health::ask(&config.http.host, config.http.port)) {
            Ok(()) => print("The program is alive.\n"),
            Err(error) => complain(&said(&error)),
        },
        Err(error) => complain(&format!("the system gives no threads: {error}")),
    }
}

fn serve() -> ExitCode {
    let config = match load() {
        Ok(config) => config,
        Err(error) => {
            return match lines(LogLevel::Info) {
                Ok(lines) => fail(&lines, &error),
                Err(_) => complain(&error.to_string()),
            };
        }
    };
    let lines = match lines(config.log_level) {
        Ok(lines) => lines,
        Err(error) => return complain(&format!("the system gives no threads: {error}")),
    };
    let traces = match observe(&lines, &config) {
        Ok(traces) => traces,
        Err(error) => return fail(&lines, &error),
    };
    log_panics(lines.clone());
    let served = runtime().map_err(RunError::Runtime).and_then(|runtime| runtime.block_on(until_signal(config)));
    if let Some(traces) = traces {
        traces.stop(traces::STOP_MAX);
    }
    match served {
        Ok(()) => {
            // Whoever does not read them cannot keep the program from ending.
            lines.flush(FLUSH_MAX);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&lines, &error),
    }
}

/// Lets the log have what the program tells of itself, and the collector of traces if there is one.
fn observe(lines: &Lines, config: &Config) -> Result<Option<Traces>, ObserveError> {
    let traces = match &config.observability.traces {
        Some(settings) => Some(Traces::start(settings, &Authorities::read(&config.http.authorities)?)?),
        None => None,
    };
    match &traces {
        Some(traces) => tracing::subscriber::set_global_default(lines.subscriber_with(traces))?,
        None => tracing::subscriber::set_global_default(lines.subscriber())?,
    }
    Ok(traces)
}

/// Why the program cannot tell of itself.
#[derive(Debug, thiserror::Error)]
enum ObserveError {
    #[error("the collector of traces cannot be called (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE)")]
    Authorities(#[from] OutboundError),
    #[error(transparent)]
    Traces(#[from] TraceError),
    #[error("logs cannot be set up")]
    Logs(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// The log of this process, on standard output.
fn lines(level: LogLevel) -> io::Result<Lines> {
    Lines::new(io::stdout(), Arc::new(SystemClock), level)
}

/// Why the program failed.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("the system gives no threads")]
    Runtime(#[source] io::Error),
    #[error("the system lets no signals be caught")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

async fn until_signal(config: Config) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    for note in &config.notes {
        tracing::warn!("{note}");
    }
    let listeners = program::listeners(&config.http).await.map_err(StartError::from).map_err(ServeError::from)?;
    let mut program = Program::start(listeners, config).await.map_err(ServeError::from)?;
    // For people, so not on standard output, where every line is a log line. What is not a terminal may be kept somewhere.
    let description = program.description(io::stderr().is_terminal());
    let _ = io::stderr().write_all(description.as_bytes());
    tracing::info!(version = http::SERVICE_VERSION, "started");
    let signals = async {
        tokio::select! {
            _ = terminate.recv() => Stop::Gently,
            _ = interrupt.recv() => Stop::Now,
        }
    };
    let (stop, ended) = program.until(signals).await;
    let mut stopping = std::pin::pin!(program.stop(stop));
    // Whoever asks again does not want to wait.
    tokio::select! {
        () = stopping.as_mut() => {}
        _ = interrupt.recv() => tracing::warn!("ended without waiting for what was under way"),
    }
    Ok(ended.map_err(ServeError::from)?)
}

/// A panic is a defect: where it happened goes to the log. What it says may hold data of people, so only fixed texts do.
fn log_panics(lines: Lines) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic
            .payload()
            .downcast_ref::<&'static str>()
            .copied()
            .unwrap_or("(its text may hold data and is left out)");
        lines.fatal(&format!("panic at {place}: {text}"));
    }));
}

/// Says why the program ends: a line for the log's reader, and sentences for whoever started it.
fn fail(lines: &Lines, error: &dyn std::error::Error) -> ExitCode {
    let text = said(error);
    lines.fatal(&text);
    complain(&text)
}

fn complain(text: &str) -> ExitCode {
    // Without standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
