//! The command line.

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    config::{self, Config, ConfigError},
    doctor, http, program,
    program::{Program, StartError, Stop},
    system::SystemClock,
    telemetry::Lines,
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

fn serve() -> ExitCode {
    let config = match load() {
        Ok(config) => config,
        Err(error) => {
            return fail(&Lines::new(io::stdout(), Arc::new(SystemClock), crate::telemetry::LogLevel::Info), &error);
        }
    };
    let lines = Lines::new(io::stdout(), Arc::new(SystemClock), config.log_level);
    if let Err(error) = tracing::subscriber::set_global_default(lines.subscriber()) {
        return complain(&format!("logs cannot be set up: {error}"));
    }
    log_panics(lines.clone());
    let served = runtime().map_err(ServeError::Runtime).and_then(|runtime| runtime.block_on(until_signal(config)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&lines, &error),
    }
}

/// Why serving ended or never began.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("the system gives no threads")]
    Runtime(#[source] io::Error),
    #[error("the system lets no signals be caught")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Start(#[from] StartError),
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

async fn until_signal(config: Config) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    for note in &config.notes {
        tracing::warn!("{note}");
    }
    let listeners = program::listeners(&config.http).await.map_err(StartError::from)?;
    let program = Program::start(listeners, config).await?;
    // For people, so not on standard output, where every line is a log line.
    let _ = io::stderr().write_all(program.description().as_bytes());
    tracing::info!(version = http::SERVICE_VERSION, "started");
    let stop = tokio::select! {
        _ = terminate.recv() => Stop::Gently,
        _ = interrupt.recv() => Stop::Now,
    };
    let mut stopping = std::pin::pin!(program.stop(stop));
    // Whoever asks again does not want to wait.
    tokio::select! {
        () = stopping.as_mut() => {}
        _ = interrupt.recv() => tracing::warn!("ended without waiting for what was under way"),
    }
    Ok(())
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
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
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
