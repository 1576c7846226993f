//! The company that the api key belongs to (contract §6.4, §7.1).

use serde::Serialize;
use serde_json::Value;

use crate::{
    Background, BackgroundAlias, Change, Client, Error, Language, Logos, Malformed,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
};

/// The company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: Option<String>,
    /// The language of pages for users without one.
    pub default_language: Option<Language>,
    /// Its logos.
    pub logos: Logos,
    /// The background that people in calls can use.
    pub default_background: Option<DefaultBackground>,
    /// Where browsers go after a call.
    pub end_call_redirect_url: Option<String>,
    /// How long after it, in milliseconds.
    pub end_call_redirect_timeout_ms: Option<u64>,
    /// Whom the service asks for names (contract §11).
    pub user_details_provider_url: Option<String>,
}

/// A company's default background: the documentation shows an object in one place and a text in another (contract Q7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultBackground {
    /// The background.
    Background(Background),
    /// Its alias or its address: which of the two is not documented.
    Text(String),
}

impl FromAnswer for DefaultBackground {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        match answer.as_str() {
            Some(text) => Ok(DefaultBackground::Text(text.to_owned())),
            None => Background::from_answer(answer).map(DefaultBackground::Background),
        }
    }
}

impl FromAnswer for Company {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let company = Object::of(unwrap(answer, "company"), "company")?;
        Ok(Company {
            name: company.text(&["name"])?,
            default_language: company.text(&["default_language"])?,
            logos: company.value(&["logos"])?.unwrap_or_default(),
            default_background: company.value(&["default_background"])?,
            end_call_redirect_url: company.text(&["end_call_redirect_url"])?,
            end_call_redirect_timeout_ms: company.number(&["end_call_redirect_timeout_ms"])?,
            user_details_provider_url: company.text(&["user_details_provider_url"])?,
        })
    }
}

/// What to change about the company; `None` keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CompanyUpdate {
    /// Its name: letters, digits and `#&@'.,?!`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of pages for users without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_language: Option<Language>,
    /// The background that people in calls can use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_alias: Option<BackgroundAlias>,
    /// Where browsers go after a call.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub end_call_redirect_url: Change<String>,
    /// How long after it, in milliseconds, at most 60 000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_call_redirect_timeout_ms: Option<u64>,
    /// Whom the service asks for names.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub user_details_provider_url: Change<String>,
}

impl Client {
    /// Returns the company (contract §6.4, §7.1).
    pub async fn company(&self) -> Result<Company, Error> {
        self.call(op::GET_COMPANY, &[])?.answer().await
    }

    /// Changes the company (contract §6.4, §7.1). Returns it as it is then, if the service says.
    pub async fn update_company(&self, update: &CompanyUpdate) -> Result<Option<Company>, Error> {
        self.call(op::UPDATE_COMPANY, &[])?.json(update)?.maybe_answer().await
    }
}
