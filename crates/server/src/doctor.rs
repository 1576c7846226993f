//! `teleconsultation doctor`: tries what the program needs and says, line by line, what is wrong and what to do.
//!
//! It makes and changes nothing: it may be run by another user than the program, and beside it.

mod certificate;
mod files;
mod outside;
mod ports;
mod storage;

use std::fmt;

use tokio_rustls::rustls::RootCertStore;

use crate::config::Config;

/// How one trial went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, perhaps not as meant.
    Doubtful,
    /// It does not work.
    Bad,
}

/// What was tried, how it went, and what to do.
#[derive(Debug)]
pub struct Finding {
    /// How it went.
    pub verdict: Verdict,
    /// What was tried.
    pub about: &'static str,
    /// What was found, and what to do about it.
    pub text: String,
}

impl Finding {
    fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, about, text: text.into() }
    }

    fn doubtful(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Doubtful, about, text: text.into() }
    }

    fn bad(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, about, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Doubtful => "look",
            Verdict::Bad => "BAD",
        };
        write!(f, "{verdict:<5} {:<20} {}", self.about, self.text)
    }
}

/// Tries everything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings: Vec<_> = config.notes.iter().map(|note| Finding::doubtful("settings", note.clone())).collect();
    let (stored, running) = storage::examine(config).await;
    findings.extend(stored);
    findings.extend(files::examine(config).await);
    findings.extend(outside::examine(config).await);
    findings.extend(ports::examine(config, running).await);
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for path in &config.http.authorities {
        findings.push(certificate::trust(&mut roots, path));
    }
    findings.push(certificate::examine(config.http.public_url.as_ref(), roots).await);
    findings
}

/// An error with its causes in one line.
pub fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
