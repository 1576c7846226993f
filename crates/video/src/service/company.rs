//! What the company has set for its calls, for whoever enters one.

use std::time::Duration;

use super::{VideoService, backgrounds::background_path};
use crate::entry::EntryCompany;

impl VideoService {
    /// What the pages need of the company's settings. Nobody is kept out of a call because these cannot be read: then nothing is set.
    pub(super) async fn entry_company(&self) -> EntryCompany {
        let Some(companies) = &self.companies else { return EntryCompany::default() };
        match companies.settings(&self.config.company).await {
            Ok((settings, _)) => EntryCompany {
                background: settings.default_background.as_ref().map(background_path),
                end_call_redirect_url: settings.end_call_redirect_url,
                end_call_redirect_timeout: Duration::from_millis(settings.end_call_redirect_timeout_ms.into()),
            },
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "somebody enters a call without background and redirect: the company's settings cannot be read"
                );
                EntryCompany::default()
            }
        }
    }
}
