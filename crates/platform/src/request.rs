//! One call, put together.

use hyper::Method;
use ports::Caller;

/// One call to a service.
#[derive(Debug)]
pub struct Request {
    pub(crate) method: Method,
    /// What is being done, for errors: "read a teleconsultation".
    pub(crate) doing: &'static str,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<serde_json::Value>,
    pub(crate) caller: Caller,
    pub(crate) repeatable: bool,
}

impl Request {
    fn new(method: Method, doing: &'static str, repeatable: bool) -> Self {
        let (segments, query, body) = (Vec::new(), Vec::new(), None);
        Self { method, doing, segments, query, body, caller: Caller::nobody(), repeatable }
    }

    /// Reads. It is tried again after a failure.
    pub fn get(doing: &'static str) -> Self {
        Self::new(Method::GET, doing, true)
    }

    /// Adds, or changes a state. It is tried again only if it cannot have arrived.
    pub fn post(doing: &'static str) -> Self {
        Self::new(Method::POST, doing, false)
    }

    /// Changes. It is tried again only if it cannot have arrived.
    pub fn patch(doing: &'static str) -> Self {
        Self::new(Method::PATCH, doing, false)
    }

    /// Deletes. It is tried again only if it cannot have arrived.
    pub fn delete(doing: &'static str) -> Self {
        Self::new(Method::DELETE, doing, false)
    }

    /// Doing it twice is as doing it once, so it is tried again after any failure.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Goes one step down from the service's address. Without a step, the path ends with a slash (`mia-platform.md` §9.1).
    #[must_use]
    pub fn below(mut self, segment: &str) -> Self {
        self.segments.push(segment.to_owned());
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn json(mut self, body: impl Into<serde_json::Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Passes the caller's headers on.
    #[must_use]
    pub fn on_behalf_of(mut self, caller: &Caller) -> Self {
        self.caller = caller.clone();
        self
    }
}
