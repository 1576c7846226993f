//! The users of the identity provider, through auth0-client or a service with the same surface (`mia-platform.md` §11).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::ParticipantId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use platform::{PlatformError, Request, Service};
use ports::{
    Caller, Clock,
    directory::{DirectoryError, Profile, UserDirectory},
};
use serde_json::{Value, json};

use crate::{fresh::Fresh, record, sorted};

/// How many users are asked for in one call: well below the 100 that Auth0 gives on one page.
const USERS_AT_ONCE_MAX: usize = 25;

/// How many single questions are under way at the same time.
const QUESTIONS_AT_ONCE_MAX: usize = 4;

/// How the directory is asked.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The header that picks the directory's configuration (`CLIENTTYPE_HEADER_KEY`), lower-case.
    pub client_type_header: String,
    /// Its value for callers without one (`DEFAULT_CLIENT_TYPE`).
    pub default_client_type: Option<String>,
}

/// The users of the identity provider.
pub struct AuthDirectory {
    service: Service,
    config: AuthConfig,
    clock: Arc<dyn Clock>,
    /// By client type too: each has a configuration, and with it a directory, of its own.
    known: Fresh<(Option<String>, ParticipantId), Profile>,
}

/// A way to ask for several users at once. None is documented, so what is not understood is asked in another way.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// A filter in `_q`, as the CRUD Service takes it.
    Query,
    /// The same filter in the header `acl_rows`.
    AclRows,
}

impl AuthDirectory {
    /// The directory that this service is; its address is the one from `AUTH_SERVICE`.
    pub fn new(service: Service, config: AuthConfig, clock: Arc<dyn Clock>) -> Self {
        Self { service, config, clock, known: Fresh::default() }
    }

    /// Asks for all of `ids`, in one way after the other until everyone is found.
    async fn find(
        &self,
        ids: &[&ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, Profile>, DirectoryError> {
        let mut found = BTreeMap::new();
        for way in [Way::Query, Way::AclRows] {
            let missing: Vec<_> = ids.iter().copied().filter(|id| !found.contains_key(*id)).collect();
            for ids in missing.chunks(USERS_AT_ONCE_MAX) {
                match self.ask(way, ids, caller).await {
                    Ok(records) => take(&mut found, ids, &records),
                    Err(error) if sorted::is_not_understood(&error) => {
                        tracing::debug!(
                            ?way,
                            error = &error as &dyn std::error::Error,
                            "the directory is asked in another way"
                        );
                    }
                    Err(error) => return Err(sorted::sorted(error)),
                }
            }
        }
        let missing: Vec<_> = ids.iter().copied().filter(|id| !found.contains_key(*id)).collect();
        let questions: Vec<_> = missing.iter().map(|id| self.ask_for(id, caller)).collect();
        let answers: Vec<_> =
            stream::iter(questions).buffered(QUESTIONS_AT_ONCE_MAX).try_collect().await.map_err(sorted::sorted)?;
        for (id, records) in missing.iter().zip(&answers) {
            take(&mut found, &[id], records);
        }
        let unknown: Vec<_> = missing.into_iter().filter(|id| !found.contains_key(*id)).cloned().collect();
        if unknown.is_empty() { Ok(found) } else { Err(DirectoryError::Unknown { ids: unknown }) }
    }

    async fn ask(&self, way: Way, ids: &[&ParticipantId], caller: &Caller) -> Result<Vec<Value>, PlatformError> {
        let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
        let filter = json!({"user_id": {"$in": ids}});
        let request = Request::get("read users").below("users").query("_l", ids.len().to_string());
        let request = match way {
            Way::Query => request.query("_q", filter.to_string()).on_behalf_of(caller),
            Way::AclRows => request.on_behalf_of(&caller.clone().with("acl_rows", &json!([filter]).to_string())),
        };
        self.service.call(request).await?.json()
    }

    async fn ask_for(&self, id: &ParticipantId, caller: &Caller) -> Result<Vec<Value>, PlatformError> {
        let filter = json!({"user_id": id.as_str()}).to_string();
        let request =
            Request::get("read a user").below("users").query("_l", "1").query("_q", filter).on_behalf_of(caller);
        match self.service.call(request).await {
            Ok(answer) => answer.json(),
            Err(error) if sorted::is_not_understood(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// Takes those who were asked for. A directory that did not understand the question may tell of anybody.
fn take(found: &mut BTreeMap<ParticipantId, Profile>, ids: &[&ParticipantId], records: &[Value]) {
    for id in ids {
        if let Some(record) = records.iter().find(|record| record::is_about(record, id.as_str())) {
            found.insert((*id).clone(), record::profile(record));
        }
    }
}

#[async_trait]
impl UserDirectory for AuthDirectory {
    async fn profiles(
        &self,
        ids: &[ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, Profile>, DirectoryError> {
        let caller = match &self.config.default_client_type {
            Some(default) => caller.clone().or_with(&self.config.client_type_header, default),
            None => caller.clone(),
        };
        let client_type = caller.header(&self.config.client_type_header).map(ToOwned::to_owned);
        let now = self.clock.now();
        let (mut profiles, missing) = self.known.split(ids, |id| (client_type.clone(), id.clone()), now);
        if !missing.is_empty() {
            for (id, profile) in self.find(&missing, &caller).await? {
                self.known.keep((client_type.clone(), id.clone()), profile.clone(), now);
                profiles.insert(id, profile);
            }
        }
        Ok(profiles)
    }
}
