//! Backgrounds that people can have behind them in calls, kept by the company and shown to the pages (`kaleyra-video-api.md` §12.3).

use jiff::Timestamp;
use ports::{
    company::{Addition, BACKGROUNDS_MAX, BackgroundAlias, CompanySettings, Item, ItemKey},
    provider::{AddBackgroundError, Background, BackgroundImage, Company, ProviderError},
    teleconsultations::StoreError,
};

use super::{ATTEMPTS_MAX, VideoService, store_failed};

/// The path below which backgrounds are shown: one more segment, the alias. Whoever has the alias may see the image.
pub const BACKGROUNDS_PATH: &str = "/backgrounds";

/// The path at which the pages find a background.
pub(super) fn background_path(alias: &BackgroundAlias) -> String {
    format!("{BACKGROUNDS_PATH}/{}", alias.as_str())
}

impl VideoService {
    /// Where a background is shown to everybody who knows its alias.
    pub fn background_url(&self, alias: &BackgroundAlias) -> String {
        let public_url = self.config.public_url.trim_end_matches('/');
        format!("{public_url}{}", background_path(alias))
    }

    /// The image of this alias. `None` if there is none.
    pub async fn background(&self, alias: &BackgroundAlias) -> Result<Option<Item>, ProviderError> {
        let Some(companies) = &self.companies else { return Ok(None) };
        let item = companies.item(&self.config.company, &ItemKey::background(alias)).await;
        item.map_err(|error| store_failed(error, "reading a background"))
    }

    pub(super) async fn keep_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        let Some(companies) = &self.companies else { return Err(AddBackgroundError::Full) };
        let media_type = image.image_type().media_type().to_owned();
        // To the millisecond, as it is kept.
        let now = self.clock.now();
        let created = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let item = Item { media_type, bytes: image.into_bytes().into(), created };
        for _ in 0..ATTEMPTS_MAX {
            let alias = BackgroundAlias::new(self.chance.bytes());
            let key = ItemKey::background(&alias);
            let added = companies.add_item(&self.config.company, &key, &item, BACKGROUNDS_MAX).await;
            match added.map_err(|error| store_failed(error, "keeping a background"))? {
                Addition::Added => return Ok(self.shown(&alias, created)),
                Addition::Full => return Err(AddBackgroundError::Full),
                Addition::Exists => {}
            }
        }
        let message = "chance gave the same names again and again".to_owned();
        Err(ProviderError::Unexpected { message }.into())
    }

    pub(super) async fn make_background_default(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        let Ok(alias) = BackgroundAlias::parse(alias) else { return Ok(None) };
        let Some(companies) = &self.companies else { return Ok(None) };
        let company = &self.config.company;
        for _ in 0..ATTEMPTS_MAX {
            let read = companies.settings(company).await;
            let (settings, version) = read.map_err(|error| store_failed(error, "reading the company's settings"))?;
            let entries = companies.entries(company, &[ItemKey::background(&alias)]).await;
            let entries = entries.map_err(|error| store_failed(error, "looking for a background"))?;
            let Some(entry) = entries.first() else { return Ok(None) };
            let settings = CompanySettings { default_background: Some(alias.clone()), ..settings };
            match companies.replace_settings(company, &settings, version).await {
                Ok(_) => return Ok(Some(told(settings, self.shown(&alias, entry.created)))),
                // Changed by others, or the background was removed: look again.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(store_failed(error, "changing the company's settings")),
            }
        }
        Err(ProviderError::Busy { retry_after: None })
    }

    fn shown(&self, alias: &BackgroundAlias, created: Timestamp) -> Background {
        Background { alias: alias.as_str().to_owned(), url: Some(self.background_url(alias)), created: Some(created) }
    }
}

fn told(settings: CompanySettings, default_background: Background) -> Company {
    Company {
        name: settings.name,
        default_language: settings.default_language.map(|language| language.as_str().to_owned()),
        default_background: Some(default_background),
        end_call_redirect_url: settings.end_call_redirect_url,
        end_call_redirect_timeout_ms: Some(settings.end_call_redirect_timeout_ms.into()),
        user_details_provider_url: settings.user_details_provider_url,
    }
}
