//! Virtual backgrounds (contract §12.3).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    BackgroundAlias, Client, Error, File, Form, Malformed, Page, PageRequest, Version,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
};

/// A background. A company has at most 10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// Its name.
    pub alias: BackgroundAlias,
    /// Where it is.
    pub url: Option<String>,
    /// When it was uploaded.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for Background {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let background = Object::of(unwrap(answer, "virtual_background"), "background")?;
        Ok(Background {
            alias: background.id(&["alias", "background_alias"])?,
            url: background.text(&["url"])?,
            creation_date: background.moment(&["creation_date"])?,
        })
    }
}

#[derive(Serialize)]
struct AliasBody<'a> {
    background_alias: &'a BackgroundAlias,
}

impl Client {
    /// Lists the backgrounds (contract §12.3). v1 gives all of them at once.
    pub async fn backgrounds(&self, page: PageRequest) -> Result<Page<Background>, Error> {
        const NAMES: &[&str] = &["virtual_backgrounds", "backgrounds"];
        let call = self.call(op::LIST_BACKGROUNDS, &[])?;
        match self.version() {
            Version::V1 => {
                let all = |answer: &Value| {
                    let inside = Object::of(unwrap(answer, "virtual_backgrounds"), "virtual_backgrounds")?;
                    inside.required_list(&["backgrounds"]).map(Page::whole)
                };
                call.read(all).await
            }
            Version::V2 => {
                call.page(page).read(|answer| Page::read(unwrap(answer, "virtual_backgrounds"), NAMES)).await
            }
        }
    }

    /// Adds a background: jpeg, at most 16 MB, at least 1280 by 1280 (contract §12.3). It can be used in calls once it is the company's
    /// default.
    pub async fn create_background(&self, image: File) -> Result<Background, Error> {
        let form = Form::default().file("virtual_background", image);
        self.call(op::CREATE_BACKGROUND, &[])?.form(&form).answer().await
    }

    /// Deletes a background (contract §12.3).
    pub async fn delete_background(&self, alias: &BackgroundAlias) -> Result<(), Error> {
        self.call(op::DELETE_BACKGROUND, &[])?.json(&AliasBody { background_alias: alias })?.done().await
    }
}
