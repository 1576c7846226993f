//! What the company has set for its calls (contract §6.8, §6.9).

use domain::ParticipantId;
use ports::provider::{AddBackgroundError, Background, BackgroundImage, Company, ProviderError};

use crate::Ctx;

/// Somebody who may change what the company has set: whoever the gateway names. Who of them may at all is for the gateway to decide, by
/// the routes that it opens to whom.
#[derive(Debug)]
pub struct CompanyEditor(());

impl CompanyEditor {
    /// The caller, if they may.
    pub fn of(caller: Option<&ParticipantId>) -> Option<Self> {
        caller.map(|_| Self(()))
    }
}

/// Adds a background, which people can use once it is the default one.
pub async fn add_background(
    ctx: &Ctx,
    _: &CompanyEditor,
    image: BackgroundImage,
) -> Result<Background, AddBackgroundError> {
    ctx.provider.add_background(image).await
}

/// Makes a background the default one, and shows what the company has set then. `None` if there is no such background.
pub async fn set_default_background(
    ctx: &Ctx,
    _: &CompanyEditor,
    alias: &str,
) -> Result<Option<Company>, ProviderError> {
    ctx.provider.set_default_background(alias).await
}
