//! The company's backgrounds at Kaleyra (`kaleyra-video-api.md` §6.4, §12.3).

use kaleyra_video::{CompanyUpdate, DefaultBackground, Error, File, PageRequest};
use ports::provider::{AddBackgroundError, Background, BackgroundImage, Company, ProviderError};

use crate::{KaleyraProvider, failure};

/// Kaleyra's word for an alias that the company does not have.
const UNKNOWN_ALIAS: &str = "invalid_background_alias";

/// Kaleyra's words for an image that it does not take (§13). It documents JPEG of at least 1280 by 1280.
const UNFIT: [&str; 5] =
    ["invalid_file", "wrong_file_dimension", "error_processing_image", "upload_error", "file_not_found"];

impl KaleyraProvider {
    pub(crate) async fn add_image(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        let image_type = image.image_type();
        let file = File {
            name: format!("background.{}", image_type.file_ending()),
            media_type: image_type.media_type().to_owned(),
            bytes: image.into_bytes().into(),
        };
        match self.gate.pass_raw(self.client.create_background(file)).await? {
            Ok(made) => Ok(background(made)),
            Err(error) => Err(match error.code() {
                Some("exceeded_background_limit") => AddBackgroundError::Full,
                Some(code) if UNFIT.contains(&code) => AddBackgroundError::Unfit,
                Some(_) | None => failure::sorted(error).into(),
            }),
        }
    }

    pub(crate) async fn make_default(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        let update = CompanyUpdate { background_alias: Some(alias.into()), ..CompanyUpdate::default() };
        let company = match self.gate.pass_raw(self.client.update_company(&update)).await? {
            Ok(Some(company)) => company,
            // It does not always say what there is then.
            Ok(None) => self.gate.pass(self.client.company()).await?,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) if error.code() == Some(UNKNOWN_ALIAS) => return Ok(None),
            Err(error) => return Err(failure::sorted(error)),
        };
        let default = match company.default_background {
            Some(DefaultBackground::Background(default)) => background(default),
            // Which of the two a text is, is not documented (Q7).
            Some(DefaultBackground::Text(_)) | None => self.background_named(alias).await?,
        };
        Ok(Some(Company {
            name: company.name,
            default_language: company.default_language.map(|language| language.as_str().to_owned()),
            default_background: Some(default),
            end_call_redirect_url: company.end_call_redirect_url,
            end_call_redirect_timeout_ms: company.end_call_redirect_timeout_ms,
            user_details_provider_url: company.user_details_provider_url,
        }))
    }

    /// The background of this alias, as the list of all has it; there are at most ten.
    async fn background_named(&self, alias: &str) -> Result<Background, ProviderError> {
        let all = self.gate.pass(self.client.backgrounds(PageRequest::FIRST)).await?;
        let named = all.items.into_iter().find(|known| known.alias.as_str() == alias);
        Ok(named.map_or_else(|| Background { alias: alias.to_owned(), url: None, created: None }, background))
    }
}

fn background(made: kaleyra_video::Background) -> Background {
    Background { alias: made.alias.as_str().to_owned(), url: made.url, created: made.creation_date }
}
