//! The platform's CRUD Service as tests need it: its HTTP behaviour (`mia-platform.md` §9), in memory.
//!
//! The real one is Node on a MongoDB and cannot be had where our tests run. What of §9 this fake does not do, it answers with 501, so
//! that a test which needs it fails.

mod collection;
mod commands;
mod filter;
mod gate;
mod http;
mod moment;
mod query;
mod refusal;
mod state;
mod store;
mod values;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ports::Clock;
use serde_json::Value;
use tokio::task::JoinHandle;

pub use collection::{Collection, Field, FieldType};
pub use gate::{Calls, Waiting};
pub use state::State;

use crate::{gate::Gate, store::Store};

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status, and nothing is done.
    Before(u16),
    /// Carried out, and answered with this status.
    After(u16),
    /// Carried out, and answered with something that is no JSON.
    Garbage,
    /// Carried out, and answered with the first half of the answer, as when a list breaks off (`mia-platform.md` §9.4).
    Half,
    /// Carried out, and answered with the answer and very many spaces.
    Enormous,
}

/// What the requests share.
struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    faults: VecDeque<(String, Fault)>,
    seen: Vec<Seen>,
    gate: Option<Gate>,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The method and the path with its query.
    pub line: String,
    /// The headers, by lower-case names.
    pub headers: Vec<(String, String)>,
}

/// A running service. It ends with this value.
pub struct CrudServiceFake {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

impl CrudServiceFake {
    /// Starts a service with these collections, empty, on a port of its own.
    pub async fn start(collections: Vec<Collection>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared =
            Shared { store: Store::new(collections), clock, faults: VecDeque::new(), seen: Vec::new(), gate: None };
        let shared = Arc::new(Mutex::new(shared));
        let router = http::router(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Ends when the fake is dropped, never by itself.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, shared, server })
    }

    /// Where it listens: `http://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every document of a collection, in whichever state, in the order of insertion.
    pub fn documents(&self, collection: &str) -> Vec<Value> {
        locked(&self.shared).store.documents(collection)
    }

    /// Puts a document into a collection as it is, unchecked: what an older service left there.
    pub fn plant(&self, collection: &str, document: Value) {
        locked(&self.shared).store.plant(collection, document);
    }

    /// Lets the next request fail whose line begins so: `PATCH /bk-ts-teleconsultations`.
    pub fn fail(&self, line: impl Into<String>, fault: Fault) {
        locked(&self.shared).faults.push_back((line.into(), fault));
    }

    /// Lets every request from now on wait until it is told what becomes of it, as long as what is returned lives.
    pub fn hold(&self) -> Calls {
        let (gate, calls) = gate::open();
        locked(&self.shared).gate = Some(gate);
        calls
    }

    /// The requests since this was last asked.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut locked(&self.shared).seen)
    }
}

impl Drop for CrudServiceFake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // A request that panics fails its test by itself.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
