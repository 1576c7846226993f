//! One call of an operation: its request put together, and its answer understood.

use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{
    Client, Effect, Error, Form, Malformed, Oddity, PageRequest, Version,
    answer::FromAnswer,
    operation::{Operation, Verb},
    path,
    transport::{Body, Request},
};

/// A call that is being put together.
pub(crate) struct Call<'a> {
    client: &'a Client,
    operation: &'static str,
    verb: Verb,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Body>,
}

impl Client {
    /// Begins a call of an operation with these path segments.
    pub(crate) fn call(&self, operation: Operation, segments: &[&str]) -> Result<Call<'_>, Error> {
        let version = self.version();
        let route = match version {
            Version::V1 => operation.v1,
            Version::V2 => operation.v2,
        };
        let route = route.ok_or(Error::Unsupported { operation: operation.name, version })?;
        let path = path::fill(route.path, segments)
            .ok_or(Error::Invalid { operation: operation.name, reason: path::UNFIT })?;
        Ok(Call { client: self, operation: operation.name, verb: route.verb, path, query: Vec::new(), body: None })
    }
}

impl Call<'_> {
    /// Adds a query parameter.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a query parameter if there is a value for it.
    pub(crate) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Asks for a page.
    pub(crate) fn page(self, page: PageRequest) -> Self {
        let [(offset_name, offset), (limit_name, limit)] = page.parameters(self.client.version());
        self.query(offset_name, &offset).query(limit_name, &limit)
    }

    /// Sets a JSON body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|_| self.invalid("the body cannot be written as JSON"))?;
        self.body = Some(Body { content_type: "application/json".to_owned(), bytes: bytes.into() });
        Ok(self)
    }

    /// Sets a multipart body.
    pub(crate) fn form(mut self, form: &Form) -> Self {
        let (content_type, bytes) = form.encode(&*self.client.inner.chance);
        self.body = Some(Body { content_type, bytes });
        self
    }

    /// Makes the call and reads its answer with `read`.
    pub(crate) async fn read<T>(self, read: impl FnOnce(&Value) -> Result<T, Malformed>) -> Result<T, Error> {
        let (operation, effect) = (self.operation, self.effect());
        self.maybe_read(read).await?.ok_or(Error::Unexpected { operation, effect, source: Oddity::Empty })
    }

    /// Makes the call and reads its answer.
    pub(crate) async fn answer<T: FromAnswer>(self) -> Result<T, Error> {
        self.read(T::from_answer).await
    }

    /// Makes the call and reads its answer, which may be empty (contract §14.3).
    pub(crate) async fn maybe_answer<T: FromAnswer>(self) -> Result<Option<T>, Error> {
        self.maybe_read(T::from_answer).await
    }

    /// Makes the call and does not look at its answer: any success will do (contract §14.3, Q22).
    pub(crate) async fn done(self) -> Result<(), Error> {
        self.make().await.map(drop)
    }

    /// Makes the call and reads its answer with `read`, unless it is empty (contract §14.3).
    pub(crate) async fn maybe_read<T>(
        self,
        read: impl FnOnce(&Value) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Error> {
        let (operation, effect) = (self.operation, self.effect());
        let body = self.make().await?;
        if body.trim_ascii().is_empty() {
            return Ok(None);
        }
        let unexpected = |source| Error::Unexpected { operation, effect, source };
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|error| unexpected(Oddity::NotJson { line: error.line(), column: error.column() }))?;
        read(&answer).map(Some).map_err(|malformed| unexpected(malformed.into()))
    }

    async fn make(self) -> Result<bytes::Bytes, Error> {
        // Made here and not along the way: a `Serializer` cannot move between threads, and neither could any call that holds one.
        let query = Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{mark}{query}", self.client.inner.base.as_str(), self.path);
        let request = Request { method: self.verb.method(), url, body: self.body };
        self.client.repeat(self.operation, self.verb, &request).await
    }

    /// What a call may have done whose answer makes no sense.
    fn effect(&self) -> Effect {
        if self.verb.only_reads() { Effect::None } else { Effect::Possible }
    }

    /// An error about the arguments.
    pub(crate) fn invalid(&self, reason: &'static str) -> Error {
        Error::Invalid { operation: self.operation, reason }
    }
}
