//! On whose behalf something is asked of other services.

use std::{fmt, sync::Arc};

/// The headers of a caller that travel on to the services of the platform (`mia-platform.md` §2.2): who they are, their session, the
/// request's id. Personal data and secrets: no `Debug` that shows them.
/// Clones share them: every call that is made for a caller has one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Caller(Arc<Vec<(String, String)>>);

impl Caller {
    /// Nobody: for what we do by ourselves.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// A caller with these headers, by lower-case names.
    pub fn new(headers: Vec<(String, String)>) -> Self {
        Self(Arc::new(headers))
    }

    /// The headers, for requests to services of the platform only, and never to a third party.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// One header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The caller with this header, in place of theirs.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let headers = Arc::make_mut(&mut self.0);
        headers.retain(|(known, _)| known != name);
        headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The caller with this header, unless they have it.
    #[must_use]
    pub fn or_with(mut self, name: &str, value: &str) -> Self {
        if self.header(name).is_none() {
            Arc::make_mut(&mut self.0).push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caller").field(&self.0.len()).finish()
    }
}
