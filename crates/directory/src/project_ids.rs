//! From the ids of a project's own users to those of the identity provider, through the User Manager or a CRUD collection
//! (`mia-platform.md` §13).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::ParticipantId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use platform::{PlatformError, Request, Service};
use ports::{
    Caller, Clock,
    directory::{CustomIds, DirectoryError},
};
use serde_json::{Value, json};

use crate::{fresh::Fresh, sorted};

/// How many users are asked for in one call: an address below 8 kB with ids of up to 256 bytes.
const USERS_AT_ONCE_MAX: usize = 25;

/// How many single questions are under way at the same time.
const QUESTIONS_AT_ONCE_MAX: usize = 4;

/// Which fields mean what (`customUserId` of the configuration file).
#[derive(Debug, Clone)]
pub struct ProjectIdsConfig {
    /// The field with the id that callers send, such as `_id` or an e-mail field.
    pub source: String,
    /// The field with the id at the identity provider, such as `authUserId`.
    pub target: String,
}

/// The users of a project.
pub struct ProjectIds {
    service: Service,
    config: ProjectIdsConfig,
    clock: Arc<dyn Clock>,
    known: Fresh<ParticipantId, ParticipantId>,
}

impl ProjectIds {
    /// The users that this service knows; its address is the one from `CUSTOM_ID_USERS_API_ENDPOINT`.
    pub fn new(service: Service, config: ProjectIdsConfig, clock: Arc<dyn Clock>) -> Self {
        Self { service, config, clock, known: Fresh::default() }
    }

    /// Whether `id` can be an `_id` at all. One that cannot must be an id of the identity provider already: both come in one request
    /// (`teleconsultation-service.md` §9).
    fn may_be_known(&self, id: &ParticipantId) -> bool {
        let text = id.as_str();
        self.config.source != "_id" || (text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    async fn find(
        &self,
        ids: &[&ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, ParticipantId>, DirectoryError> {
        let mut found = BTreeMap::new();
        for ids in ids.chunks(USERS_AT_ONCE_MAX) {
            match self.ask(ids, caller).await {
                Ok(records) => self.take(&mut found, ids, &records),
                Err(error) if sorted::is_not_understood(&error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "users are asked for one by one");
                }
                Err(error) => return Err(sorted::sorted(error)),
            }
        }
        let missing: Vec<_> = ids.iter().copied().filter(|id| !found.contains_key(*id)).collect();
        let questions: Vec<_> = missing.iter().map(|id| self.ask_for(id, caller)).collect();
        let answers: Vec<_> =
            stream::iter(questions).buffered(QUESTIONS_AT_ONCE_MAX).try_collect().await.map_err(sorted::sorted)?;
        for (id, records) in missing.iter().zip(&answers) {
            self.take(&mut found, &[id], records);
        }
        let unknown: Vec<_> = missing.into_iter().filter(|id| !found.contains_key(*id)).cloned().collect();
        if unknown.is_empty() { Ok(found) } else { Err(DirectoryError::Unknown { ids: unknown }) }
    }

    async fn ask(&self, ids: &[&ParticipantId], caller: &Caller) -> Result<Vec<Value>, PlatformError> {
        let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
        let ProjectIdsConfig { source, target } = &self.config;
        let request = Request::get("read users")
            .query("_q", json!({ source: {"$in": ids} }).to_string())
            .query("_p", format!("{source},{target}"))
            .query("_l", ids.len().to_string())
            .on_behalf_of(caller);
        self.service.call(request).await?.json()
    }

    async fn ask_for(&self, id: &ParticipantId, caller: &Caller) -> Result<Vec<Value>, PlatformError> {
        let request = Request::get("read a user").query(self.config.source.as_str(), id.as_str()).on_behalf_of(caller);
        match self.service.call(request).await {
            Ok(answer) => answer.json(),
            Err(error) if sorted::is_not_understood(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Takes those who were asked for, and have an id at the identity provider.
    fn take(&self, found: &mut BTreeMap<ParticipantId, ParticipantId>, ids: &[&ParticipantId], records: &[Value]) {
        for id in ids {
            let record = records.iter().find(|record| record[&self.config.source].as_str() == Some(id.as_str()));
            let target = record.and_then(|record| record[&self.config.target].as_str());
            if let Some(target) = target.and_then(|target| ParticipantId::parse(target).ok()) {
                found.insert((*id).clone(), target);
            }
        }
    }
}

#[async_trait]
impl CustomIds for ProjectIds {
    async fn identities(
        &self,
        ids: &[ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, ParticipantId>, DirectoryError> {
        let now = self.clock.now();
        let (mut identities, missing) = self.known.split(ids, ParticipantId::clone, now);
        let (missing, others): (Vec<_>, Vec<_>) = missing.into_iter().partition(|id| self.may_be_known(id));
        identities.extend(others.into_iter().map(|id| (id.clone(), id.clone())));
        if !missing.is_empty() {
            for (id, identity) in self.find(&missing, caller).await? {
                self.known.keep(id.clone(), identity.clone(), now);
                identities.insert(id, identity);
            }
        }
        Ok(identities)
    }
}
