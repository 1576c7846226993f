//! Colours and logos (`kaleyra-video-api.md` §12.1, §12.2).

use std::sync::atomic::Ordering;

use axum::extract::State;
use ports::company::{CompanySettings, Item, ItemKey, ItemKind, ThemeColours};
use serde_json::{Map, Value, json};

use crate::{
    Api, colour, company,
    form::Upload,
    input::Input,
    picture::{self, Rule},
    refusal::Refusal,
    wire::{Answer, done},
};

/// A logo: 200 by 200 at least; 500 KB.
const LOGO: Rule = Rule { bytes_max: 500 * 1024, side_min: Some(200), jpeg_only: false };

/// `GET /v2/company/theme`, `GET /rest/company/theme`
pub async fn read(State(api): State<Api>) -> Answer {
    let (settings, _) = api.companies.settings(api.company()).await?;
    done(answer(&api, &settings).await?)
}

/// `PUT /v2/company/theme`, `POST /rest/company/theme`: a mode that is not mentioned stays, and `null` takes it back.
pub async fn update(State(api): State<Api>, input: Input) -> Answer {
    if !input.mentions("light") && !input.mentions("dark") {
        return Err(Refusal::invalid("missing_theme", "Neither light nor dark is given."));
    }
    let settings = company::change_settings(&api, |settings| {
        if input.mentions("light") {
            settings.light = colours(&api, input.field("light"))?;
        }
        if input.mentions("dark") {
            settings.dark = colours(&api, input.field("dark"))?;
        }
        Ok(())
    });
    let settings = settings.await?;
    api.looks_changed.store(true, Ordering::Release);
    done(answer(&api, &settings).await?)
}

/// `PUT /v2/company/theme/logo`, `POST /rest/company/logo/update`
pub async fn update_logo(State(api): State<Api>, upload: Upload) -> Answer {
    let themes: &[&str] = match upload.text("theme").unwrap_or("all") {
        "all" => &["light", "dark"],
        "light" => &["light"],
        "dark" => &["dark"],
        _ => return Err(Refusal::invalid("invalid_company_logo_theme", "theme must be all, light or dark.")),
    };
    let bytes = upload.file("logo")?;
    let media_type = picture::check(&bytes, LOGO)?;
    let item = Item { media_type: media_type.to_owned(), bytes: bytes[..].into(), created: api.clock.now() };
    for theme in themes {
        api.companies.put_item(api.company(), &ItemKey::new(ItemKind::Logo, *theme), &item).await?;
        api.looks_changed.store(true, Ordering::Release);
    }
    let logos = company::logos(&api).await?;
    done(if api.is_v1() {
        json!({ "logo_url": logos["light_url"], "logo_dark_url": logos["dark_url"] })
    } else {
        json!({ "logos": logos })
    })
}

/// v1 wants both colours, v2 takes either.
fn colours(api: &Api, value: Option<&Value>) -> Result<ThemeColours, Refusal> {
    let wrong = || Refusal::invalid("invalid_theme_color", "A colour must be written #RRGGBB.");
    let Some(value) = value else { return Ok(ThemeColours::default()) };
    let mode = Input::of(value.as_object().ok_or_else(wrong)?.clone());
    let read = |name| match mode.text(name) {
        Ok(None) => Ok(None),
        Ok(Some(text)) => colour::read(text).map(Some).ok_or_else(wrong),
        Err(_) => Err(wrong()),
    };
    let colours = ThemeColours { primary: read("primary_color")?, accent: read("accent_color")? };
    let complete = colours.primary.is_some() && colours.accent.is_some();
    if api.is_v1() && !complete {
        return Err(Refusal::invalid("invalid_theme_color", "primary_color and accent_color are both needed."));
    }
    Ok(colours)
}

async fn answer(api: &Api, settings: &CompanySettings) -> Result<Value, Refusal> {
    let theme = json!({ "light": view(settings.light), "dark": view(settings.dark) });
    if api.is_v1() {
        return Ok(json!({ "theme": theme }));
    }
    let mut theme = theme;
    theme["logos"] = company::logos(api).await?;
    Ok(theme)
}

/// `null` for a mode that is the pages' own.
fn view(colours: ThemeColours) -> Value {
    let mut view = Map::new();
    for (name, value) in [("primary_color", colours.primary), ("accent_color", colours.accent)] {
        if let Some(value) = value {
            view.insert(name.to_owned(), Value::String(colour::write(value)));
        }
    }
    if view.is_empty() { Value::Null } else { Value::Object(view) }
}
