//! Colours and logos (contract §12.1, §12.2).

use serde::Serialize;
use serde_json::Value;

use crate::{
    Change, Client, Error, File, Form, Malformed,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

/// The colours of one mode, as `#RRGGBB`. v1 requires both; only the accent is used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ThemeColors {
    /// The primary colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_color: Option<String>,
    /// The accent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_color: Option<String>,
}

impl FromAnswer for ThemeColors {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let colors = Object::of(answer, "theme")?;
        Ok(ThemeColors {
            primary_color: colors.text(&["primary_color"])?,
            accent_color: colors.text(&["accent_color"])?,
        })
    }
}

/// The colours of both modes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    /// The light mode.
    pub light: Option<ThemeColors>,
    /// The dark mode, the default.
    pub dark: Option<ThemeColors>,
}

impl FromAnswer for Theme {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let theme = Object::of(unwrap(answer, "theme"), "theme")?;
        Ok(Theme { light: theme.value(&["light"])?, dark: theme.value(&["dark"])? })
    }
}

/// What to change about the theme: [`Change::Clear`] resets a mode. One mode at least must change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ThemeUpdate {
    /// The light mode.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub light: Change<ThemeColors>,
    /// The dark mode.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub dark: Change<ThemeColors>,
}

/// Where the logos are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logos {
    /// In light mode.
    pub light_url: Option<String>,
    /// In dark mode.
    pub dark_url: Option<String>,
}

impl FromAnswer for Logos {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let logos = Object::of(unwrap(answer, "logos"), "logos")?;
        Ok(Logos {
            light_url: logos.text(&["light_url", "logo_url"])?,
            dark_url: logos.text(&["dark_url", "logo_dark_url"])?,
        })
    }
}

open_enum!(
    /// For which modes a logo is (contract §4).
    LogoTheme {
        /// Both.
        All = "all",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
);

impl Client {
    /// Returns the colours (contract §12.1).
    pub async fn theme(&self) -> Result<Theme, Error> {
        self.call(op::GET_THEME, &[])?.answer().await
    }

    /// Changes the colours (contract §12.1). Returns them as they are then, if the service says.
    pub async fn update_theme(&self, update: &ThemeUpdate) -> Result<Option<Theme>, Error> {
        self.call(op::UPDATE_THEME, &[])?.json(update)?.maybe_answer().await
    }

    /// Sets the logo: png or jpeg, at most 500 KB, at least 200 by 200, best 300 by 300 (contract §12.2). Returns the logos as they
    /// are then, if the service says.
    pub async fn update_logo(&self, logo: File, theme: &LogoTheme) -> Result<Option<Logos>, Error> {
        let form = Form::default().file("logo", logo).text("theme", theme.as_str());
        self.call(op::UPDATE_LOGO, &[])?.form(&form).maybe_answer().await
    }
}
