//! The stored form of a company's settings, as JSON. A field that a later version adds is tolerated.

use domain::Language;
use ports::company::{BackgroundAlias, Colour, CompanySettings, RecordingSettings, ThemeColours};
use serde::{Deserialize, Serialize};

use crate::{Corrupt, corrupt, room::unquoted};

#[derive(Serialize, Deserialize)]
struct StoredSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    background: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_call_url: Option<String>,
    #[serde(default)]
    end_call_timeout_ms: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details_url: Option<String>,
    #[serde(default)]
    light: StoredColours,
    #[serde(default)]
    dark: StoredColours,
    retention_days: u32,
    compression: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encryption_key: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct StoredColours {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary: Option<[u8; 3]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accent: Option<[u8; 3]>,
}

/// Writes a company's settings.
pub fn encode_settings(settings: &CompanySettings) -> Result<String, Corrupt> {
    let stored = StoredSettings {
        name: settings.name.clone(),
        language: settings.default_language.as_ref().map(|language| language.as_str().to_owned()),
        background: settings.default_background.as_ref().map(|alias| alias.as_str().to_owned()),
        end_call_url: settings.end_call_redirect_url.clone(),
        end_call_timeout_ms: settings.end_call_redirect_timeout_ms,
        details_url: settings.user_details_provider_url.clone(),
        light: store_colours(settings.light),
        dark: store_colours(settings.dark),
        retention_days: settings.recording.retention_days,
        compression: settings.recording.compression,
        encryption_key: settings.recording.encryption_key.clone(),
    };
    serde_json::to_string(&stored).map_err(|error| corrupt("settings", "of a company", unquoted(&error)))
}

/// Reads what [`encode_settings`] wrote.
pub fn decode_settings(text: &str) -> Result<CompanySettings, Corrupt> {
    let unreadable = |why: &str| corrupt("settings", "of a company", why);
    let stored: StoredSettings = serde_json::from_str(text).map_err(|error| unreadable(&unquoted(&error)))?;
    Ok(CompanySettings {
        name: stored.name,
        default_language: stored
            .language
            .map(|tag| Language::parse(&tag))
            .transpose()
            .map_err(|_| unreadable("language"))?,
        default_background: stored
            .background
            .map(|alias| BackgroundAlias::parse(&alias))
            .transpose()
            .map_err(|_| unreadable("background"))?,
        end_call_redirect_url: stored.end_call_url,
        end_call_redirect_timeout_ms: stored.end_call_timeout_ms,
        user_details_provider_url: stored.details_url,
        light: read_colours(&stored.light),
        dark: read_colours(&stored.dark),
        recording: RecordingSettings {
            retention_days: stored.retention_days,
            compression: stored.compression,
            encryption_key: stored.encryption_key,
        },
    })
}

fn store_colours(colours: ThemeColours) -> StoredColours {
    StoredColours { primary: colours.primary.map(|colour| colour.0), accent: colours.accent.map(|colour| colour.0) }
}

fn read_colours(stored: &StoredColours) -> ThemeColours {
    ThemeColours { primary: stored.primary.map(Colour), accent: stored.accent.map(Colour) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_as_they_were_written() {
        let full = CompanySettings {
            name: Some("Clinica «Zoë»".to_owned()),
            default_language: Language::parse("it").ok(),
            default_background: Some(BackgroundAlias::new([7; 16])),
            end_call_redirect_url: Some("https://clinic.example/bye".to_owned()),
            end_call_redirect_timeout_ms: 60_000,
            user_details_provider_url: Some("https://clinic.example/names".to_owned()),
            light: ThemeColours { primary: Some(Colour([1, 2, 3])), accent: None },
            dark: ThemeColours { primary: None, accent: Some(Colour([255, 0, 255])) },
            recording: RecordingSettings {
                retention_days: 365,
                compression: false,
                encryption_key: Some("pk_1".to_owned()),
            },
        };
        for settings in [CompanySettings::default(), full] {
            assert_eq!(decode_settings(&encode_settings(&settings).unwrap()), Ok(settings));
        }
        assert!(decode_settings("{}").is_err());
    }
}
