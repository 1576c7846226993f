//! The services around the program: whether they answer, and answer to us.

use std::{sync::Arc, time::Duration};

use platform::{Authorities, Outbound};
use ports::provider::VideoProvider;
use tokio::time::timeout;

use super::{Finding, said};
use crate::{
    config::{Config, ProviderSettings},
    program,
    system::{SystemChance, SystemClock},
};

/// How long a service may take: longer than any answer that a person would wait for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// What was found, nothing if the program needs nobody.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A file that cannot be read is found where browsers' trust is examined.
    let authorities = Authorities::read(&config.http.authorities).unwrap_or_default();
    if let ProviderSettings::Kaleyra { base_url, api_key } = &config.provider {
        let about = "video provider";
        let made =
            program::kaleyra(base_url.clone(), api_key, &authorities, Arc::new(SystemClock), Arc::new(SystemChance));
        findings.push(match made {
            Ok(provider) => match timeout(ANSWER_TIMEOUT, provider.health()).await {
                Ok(Ok(())) => Finding::good(about, format!("{} answers to our key", base_url.as_str())),
                Ok(Err(error)) => {
                    let text =
                        format!("{}: {} (BANDYER_BASE_URL, BANDYER_API_SECRET_KEY)", base_url.as_str(), said(&error));
                    Finding::bad(about, text)
                }
                Err(_) => Finding::bad(about, format!("{} does not answer (BANDYER_BASE_URL)", base_url.as_str())),
            },
            Err(error) => Finding::bad(about, said(&error)),
        });
    }
    if let Some(crud) = &config.crud {
        let about = "CRUD Service";
        let made = Outbound::new(&authorities)
            .map_err(program::StartError::from)
            .and_then(|outbound| program::crud(crud, &config.policy.privileges, &outbound, Arc::new(SystemClock)));
        findings.push(match made {
            Ok(store) => match timeout(ANSWER_TIMEOUT, store.health()).await {
                Ok(Ok(())) => Finding::good(about, format!("{} has both collections", crud.service)),
                Ok(Err(error)) => Finding::bad(about, format!("{}: {} (CRUD_SERVICE_URL)", crud.service, said(&error))),
                Err(_) => Finding::bad(about, format!("{} does not answer (CRUD_SERVICE_URL)", crud.service)),
            },
            Err(error) => Finding::bad(about, said(&error)),
        });
    }
    findings
}
