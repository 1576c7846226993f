//! The company's settings (`kaleyra-video-api.md` §6.4, §7.1).

use axum::extract::State;
use ports::{
    company::{BackgroundAlias, CompanySettings, ItemKey, ItemKind},
    teleconsultations::StoreError,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    Api, background,
    input::{Change, Input},
    refusal::Refusal,
    wire::{self, Answer, done},
};

/// The longest name of a company, in characters: what fits above a call.
const NAME_CHARACTERS_MAX: usize = 128;

/// The longest address, in bytes: what browsers and servers take.
pub const URL_BYTES_MAX: usize = 2_048;

/// The longest wait before browsers go elsewhere after a call, in milliseconds.
const REDIRECT_TIMEOUT_MS_MAX: u32 = 60_000;

/// How often a change is decided again that met another one.
const ATTEMPTS_MAX: u32 = 3;

/// `GET /v2/company`, `GET /rest/company`
pub async fn read(State(api): State<Api>) -> Answer {
    let (settings, _) = api.companies.settings(api.company()).await?;
    done(answer(&api, &settings).await?)
}

/// `PUT /v2/company`, `POST /rest/company/update`: what is not mentioned stays.
pub async fn update(State(api): State<Api>, input: Input) -> Answer {
    let settings = change_settings(&api, |settings| apply(&input, settings)).await?;
    done(answer(&api, &settings).await?)
}

/// Changes the settings, and answers those in force then.
pub async fn change_settings(
    api: &Api,
    change: impl Fn(&mut CompanySettings) -> Result<(), Refusal>,
) -> Result<CompanySettings, Refusal> {
    for _ in 0..ATTEMPTS_MAX {
        let (read, version) = api.companies.settings(api.company()).await?;
        let mut settings = read.clone();
        change(&mut settings)?;
        if settings == read {
            return Ok(settings);
        }
        // The store checks it too, and cannot say which of them is missing.
        check_background(api, &settings).await?;
        match api.companies.replace_settings(api.company(), &settings, version).await {
            Ok(_) => return Ok(settings),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::busy("Somebody else changed it at the same time."))
}

fn apply(input: &Input, settings: &mut CompanySettings) -> Result<(), Refusal> {
    if let Some(name) = input.text("name")? {
        settings.name = Some(company_name(name)?.to_owned());
    }
    if let Some(language) = input.text("default_language")? {
        settings.default_language = Some(wire::language(language)?);
    }
    // v1's name, and the one that v2 may have (§16, Q7).
    let named = match input.change("background_alias")? {
        Change::Keep => input.change("default_background")?,
        named @ (Change::Clear | Change::Set(_)) => named,
    };
    match named {
        Change::Keep => {}
        Change::Clear => settings.default_background = None,
        Change::Set(alias) => {
            settings.default_background = Some(BackgroundAlias::parse(alias).map_err(|_| no_background())?);
        }
    }
    let url = |name, code| address(input.change(name)?, code);
    match url("end_call_redirect_url", "invalid_end_call_redirect_url")? {
        Change::Keep => {}
        Change::Clear => settings.end_call_redirect_url = None,
        Change::Set(url) => settings.end_call_redirect_url = Some(url),
    }
    match url("user_details_provider_url", "invalid_user_details_provider_url")? {
        Change::Keep => {}
        Change::Clear => settings.user_details_provider_url = None,
        Change::Set(url) => settings.user_details_provider_url = Some(url),
    }
    let timeout = "end_call_redirect_timeout_ms";
    let wrong = || {
        let message = format!("{timeout} must be 0 to {REDIRECT_TIMEOUT_MS_MAX}.");
        Refusal::invalid("invalid_end_call_redirect_timeout_ms", message)
    };
    if let Some(timeout_ms) = input.number(timeout).map_err(|_| wrong())? {
        let timeout_ms = u32::try_from(timeout_ms).ok().filter(|timeout_ms| *timeout_ms <= REDIRECT_TIMEOUT_MS_MAX);
        settings.end_call_redirect_timeout_ms = timeout_ms.ok_or_else(wrong)?;
    }
    Ok(())
}

fn company_name(name: &str) -> Result<&str, Refusal> {
    let allowed = |character: char| character.is_alphanumeric() || "#&@'.,?! ".contains(character);
    let fits = !name.trim().is_empty() && name.chars().count() <= NAME_CHARACTERS_MAX;
    if fits && name.chars().all(allowed) {
        Ok(name)
    } else {
        Err(Refusal::invalid("invalid_company_name", "name must be letters, digits, spaces and #&@'.,?!"))
    }
}

/// An absolute address of HTTP, without a password in it.
fn address(change: Change<&str>, code: &'static str) -> Result<Change<String>, Refusal> {
    Ok(match change {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) => Change::Set(http_url(text).ok_or_else(|| {
            Refusal::invalid(code, "The address must be one of https:// or http://, without a user or a password.")
        })?),
    })
}

/// The text, if it is an absolute address of HTTP without a user or a password, and without what readers of addresses leave out
/// silently, such as the end of a line.
pub fn http_url(text: &str) -> Option<String> {
    if text.len() > URL_BYTES_MAX || text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then(|| text.to_owned())
}

async fn check_background(api: &Api, settings: &CompanySettings) -> Result<(), Refusal> {
    let Some(alias) = &settings.default_background else { return Ok(()) };
    let found = api.companies.entries(api.company(), &[ItemKey::background(alias)]).await?;
    if found.is_empty() { Err(no_background()) } else { Ok(()) }
}

fn no_background() -> Refusal {
    Refusal::invalid("invalid_background_alias", "There is no background with this alias.")
}

async fn answer(api: &Api, settings: &CompanySettings) -> Result<Value, Refusal> {
    let default_background = match &settings.default_background {
        Some(alias) => background::find(api, alias).await?,
        None => None,
    };
    let view = json!({
        "name": settings.name,
        "default_language": settings.default_language.as_ref().map_or("en", |language| language.as_str()),
        "logos": logos(api).await?,
        "default_background": default_background,
        "end_call_redirect_url": settings.end_call_redirect_url,
        "end_call_redirect_timeout_ms": settings.end_call_redirect_timeout_ms,
        "user_details_provider_url": settings.user_details_provider_url,
    });
    Ok(if api.is_v1() { json!({ "company": view }) } else { view })
}

/// Where the logos are.
pub async fn logos(api: &Api) -> Result<Value, Refusal> {
    let key = |theme: &str| ItemKey::new(ItemKind::Logo, theme);
    let found = api.companies.entries(api.company(), &[key("light"), key("dark")]).await?;
    let url = |theme| found.iter().find(|entry| entry.key.name == theme).map(|entry| api.file_url(&entry.key));
    Ok(json!({ "light_url": url("light"), "dark_url": url("dark") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_and_has_no_password() {
        for text in ["https://clinic.example/bye?x=1", "http://10.0.0.1:8080/"] {
            assert_eq!(http_url(text).as_deref(), Some(text));
        }
        for text in [
            "",
            "/bye",
            "clinic.example",
            "ftp://clinic.example",
            "javascript:alert(1)",
            "https://u:p@clinic.example",
            "https://clinic.example/a\nb",
            " https://clinic.example",
            "https://clinic.example/\0",
        ] {
            assert_eq!(http_url(text), None, "{text}");
        }
        assert_eq!(http_url(&format!("https://clinic.example/{}", "x".repeat(URL_BYTES_MAX))), None);
    }

    #[test]
    fn a_name_has_letters_and_some_signs() {
        for name in ["Clinica Zoë", "A & B, what?!", "Salus 2"] {
            assert!(company_name(name).is_ok(), "{name}");
        }
        for name in ["", "  ", "<b>", "a\nb", &"x".repeat(NAME_CHARACTERS_MAX + 1)] {
            assert!(company_name(name).is_err(), "{name}");
        }
    }
}
