//! One collection and the calls to it.

use domain::TeleconsultationId;
use platform::{PlatformError, Request, Service};
use ports::Caller;
use serde_json::{Value, json};

/// The most documents of one page (`mia-platform.md` §9.2). Always asked for, because versions differ in what they give unasked.
pub(crate) const PAGE_MAX: usize = 200;

/// What errors call the service.
pub(crate) const SERVICE: &str = "the CRUD Service";

/// Names a request through all services; it tells nothing about who asks.
const REQUEST_ID: &str = "x-request-id";

/// Who sees a document (`mia-platform.md` §9.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Public,
    Draft,
    Trash,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Draft => "DRAFT",
            Self::Trash => "TRASH",
        }
    }

    /// The state of a document. One that does not say is seen by everybody.
    pub(crate) fn of(document: &Value) -> Self {
        let state = document["__STATE__"].as_str();
        [Self::Draft, Self::Trash].into_iter().find(|known| Some(known.as_str()) == state).unwrap_or(Self::Public)
    }
}

/// One collection, asked on somebody's behalf.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) service: Service,
    pub(crate) caller: Caller,
}

/// The documents that are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub(crate) states: &'a [State],
    pub(crate) filter: Option<Value>,
}

impl Wanted<'static> {
    /// Drafts that a filter matches.
    pub(crate) fn drafts(filter: Value) -> Self {
        Self { states: &[State::Draft], filter: Some(filter) }
    }
}

impl Wanted<'_> {
    fn of(&self, request: Request) -> Request {
        let states: Vec<_> = self.states.iter().map(|state| state.as_str()).collect();
        let request = request.query("_st", states.join(","));
        match &self.filter {
            Some(filter) => request.query("_q", filter.to_string()),
            None => request,
        }
    }
}

impl Collection {
    /// The same collection, for what we do by ourselves: not in the name of whoever happens to ask.
    pub(crate) fn by_ourselves(&self) -> Self {
        let nobody = Caller::nobody();
        let caller = match self.caller.header(REQUEST_ID) {
            Some(id) => nobody.with(REQUEST_ID, id),
            None => nobody,
        };
        Self { service: self.service.clone(), caller }
    }

    /// The document with this id, if it is among those wanted.
    pub(crate) async fn read(
        &self,
        doing: &'static str,
        id: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Value>, PlatformError> {
        let request = wanted.of(Request::get(doing).below(id)).on_behalf_of(&self.caller);
        found(self.service.call(request).await.and_then(|answer| answer.json()))
    }

    /// The document with this id in whichever state. Other than with [`Self::read`], absence is something that the service says, and not
    /// a status that a gateway may have given: for whoever would do harm by believing it.
    pub(crate) async fn find(&self, doing: &'static str, id: &str) -> Result<Option<Value>, PlatformError> {
        let wanted = Wanted { states: &[State::Public, State::Draft, State::Trash], filter: Some(json!({"_id": id})) };
        Ok(self.list(doing, &wanted, "_id", 1).await?.pop())
    }

    /// At most `limit` of those wanted, in the order of a column.
    pub(crate) async fn list(
        &self,
        doing: &'static str,
        wanted: &Wanted<'_>,
        sort: &'static str,
        limit: usize,
    ) -> Result<Vec<Value>, PlatformError> {
        let limit = limit.clamp(1, PAGE_MAX).to_string();
        let request = wanted.of(Request::get(doing)).query("_s", sort).query("_l", limit).on_behalf_of(&self.caller);
        self.service.call(request).await?.json()
    }

    /// Adds a document, and returns its id.
    pub(crate) async fn insert(&self, doing: &'static str, document: Value) -> Result<String, PlatformError> {
        let answer = self.service.call(Request::post(doing).json(document).on_behalf_of(&self.caller)).await?;
        let inserted: Value = answer.json()?;
        match inserted["_id"].as_str() {
            Some(id) if TeleconsultationId::parse(id).is_ok() => Ok(id.to_owned()),
            Some(_) | None => Err(answer.odd("an inserted document without an id of 24 hexadecimal digits or a UUID")),
        }
    }

    /// Changes the document if it is among those wanted, and returns it as it is then. `None`: it is not.
    pub(crate) async fn change(
        &self,
        doing: &'static str,
        id: &str,
        wanted: &Wanted<'_>,
        commands: Value,
    ) -> Result<Option<Value>, PlatformError> {
        self.changed(Request::patch(doing), id, wanted, commands).await
    }

    /// As [`Self::change`], tried again after any failure. So `None` may also mean that it was changed already, if that takes it out of
    /// those wanted.
    pub(crate) async fn change_surely(
        &self,
        doing: &'static str,
        id: &str,
        wanted: &Wanted<'_>,
        commands: Value,
    ) -> Result<Option<Value>, PlatformError> {
        self.changed(Request::patch(doing).repeatable(), id, wanted, commands).await
    }

    async fn changed(
        &self,
        request: Request,
        id: &str,
        wanted: &Wanted<'_>,
        commands: Value,
    ) -> Result<Option<Value>, PlatformError> {
        let request = wanted.of(request.below(id)).json(commands).on_behalf_of(&self.caller);
        found(self.service.call(request).await.and_then(|answer| answer.json()))
    }

    /// Moves the document to another state. Returns whether there is such a document. Doing it twice is as doing it once.
    pub(crate) async fn move_to(&self, doing: &'static str, id: &str, to: State) -> Result<bool, PlatformError> {
        self.moved(Request::post(doing).repeatable(), id, to).await
    }

    /// As [`Self::move_to`], if a filter matches the document.
    pub(crate) async fn move_if(
        &self,
        doing: &'static str,
        id: &str,
        filter: &Value,
        to: State,
    ) -> Result<bool, PlatformError> {
        self.moved(Request::post(doing).query("_q", filter.to_string()), id, to).await
    }

    async fn moved(&self, request: Request, id: &str, to: State) -> Result<bool, PlatformError> {
        let request = request.below(id).below("state").json(json!({"stateTo": to.as_str()}));
        Ok(found(self.service.call(request.on_behalf_of(&self.caller)).await)?.is_some())
    }

    /// Deletes the document, for good, if it is among those wanted. Returns whether it was: one that is not there is deleted already.
    pub(crate) async fn delete(
        &self,
        doing: &'static str,
        id: &str,
        wanted: &Wanted<'_>,
    ) -> Result<bool, PlatformError> {
        let request = wanted.of(Request::delete(doing).below(id)).repeatable().on_behalf_of(&self.caller);
        Ok(found(self.service.call(request).await)?.is_some())
    }

    /// The collection's JSON schema; `None` from a service that does not tell.
    pub(crate) async fn schema(&self) -> Result<Option<Value>, PlatformError> {
        let request = Request::get("read the schema of a collection").below("schema").on_behalf_of(&self.caller);
        found(self.service.call(request).await.and_then(|answer| answer.json()))
    }
}

/// Absence is an answer. The service's own 404 and the one for an unknown route look alike; that a collection exists at all is found out
/// by `health`.
fn found<T>(outcome: Result<T, PlatformError>) -> Result<Option<T>, PlatformError> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}
