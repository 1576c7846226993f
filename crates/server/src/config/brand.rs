//! `theme` and `companyLogo` of the platform's file. What of them cannot be used is said and left out: a colour is no reason not to start.

use serde_json::{Map, Value};
use url::Url;

use crate::http::brand::{Brand, Colour, Palette};

/// The address in the documentation's example (contract §8.2), under which there is no logo.
const PLACEHOLDER: &str = "https://www.insert.url.it";

/// The colours and the logo, and what is wrong with them.
pub fn read(file: &Map<String, Value>) -> (Brand, Vec<String>) {
    let mut notes = Vec::new();
    let theme = file.get("theme").unwrap_or(&Value::Null);
    let brand = Brand {
        light: palette(theme, "light", &mut notes),
        dark: palette(theme, "dark", &mut notes),
        logo: logo(file.get("companyLogo").unwrap_or(&Value::Null), &mut notes),
    };
    let unreadable = brand.unreadable();
    notes.extend(unreadable.iter().map(|place| format!("{place} is not used: text could not be read on it")));
    (brand, notes)
}

fn palette(theme: &Value, name: &str, notes: &mut Vec<String>) -> Palette {
    let mut colour = |field: &str| {
        let given = Some(&theme[name][field]).filter(|given| !given.is_null())?;
        let colour = given.as_str().and_then(Colour::parse);
        if colour.is_none() {
            notes.push(format!("theme.{name}.{field} is not used: it must be # and three or six hexadecimal digits"));
        }
        colour
    };
    Palette { primary: colour("primaryColor"), accent: colour("accentColor") }
}

fn logo(company_logo: &Value, notes: &mut Vec<String>) -> Option<Url> {
    let given = Some(&company_logo["url"]).filter(|given| !given.is_null())?;
    let text = given.as_str().map(str::trim);
    if matches!(text, Some("" | PLACEHOLDER)) {
        return None;
    }
    let url = text.and_then(|text| Url::parse(text).ok()).filter(|url| matches!(url.scheme(), "https" | "http"));
    if url.is_none() {
        notes.push("companyLogo.url is not used: it must begin with https:// or http://".to_owned());
    }
    url
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_of(file: &Value) -> (Brand, Vec<String>) {
        read(file.as_object().unwrap())
    }

    #[test]
    fn the_documented_example_has_colours_and_no_logo() {
        let (brand, notes) = read_of(&json!({
            "theme": {
                "light": {"primaryColor": "#fff", "accentColor": "#480ca8"},
                "dark": {"primaryColor": "#003049", "accentColor": "#d62828"},
            },
            "companyLogo": {"url": "https://www.insert.url.it"},
        }));
        assert_eq!(brand.light.accent, Colour::parse("#480ca8"));
        assert_eq!((brand.logo, notes), (None, vec![]));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let (brand, notes) = read_of(&json!({
            "theme": {"light": {"primaryColor": "#333333", "accentColor": "purple"}, "dark": 7},
            "companyLogo": {"url": "javascript:alert(1)"},
        }));
        assert_eq!(brand.light.accent, None);
        assert_eq!(
            notes,
            [
                "theme.light.accentColor is not used: it must be # and three or six hexadecimal digits",
                "companyLogo.url is not used: it must begin with https:// or http://",
                "theme.light.primaryColor is not used: text could not be read on it",
            ]
        );
        assert_eq!(read_of(&json!({"companyLogo": {"url": ""}})), (Brand::default(), vec![]));
    }
}
