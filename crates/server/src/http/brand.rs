//! The colours and the logo of whoever runs the service, on its pages (`theme` and `companyLogo`, contract §8.2).
//!
//! A colour is only used as far as everything stays readable: at least 4.5:1 for text (WCAG 2.2 §1.4.3).

use std::fmt::{self, Write as _};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use url::Url;

use super::{App, error::ApiError};

/// Where pages find it.
pub const PATH: &str = "/brand.css";

/// The least contrast of text.
const CONTRAST_MIN: f64 = 4.5;

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

const BLACK: Colour = Colour([0; 3]);
const WHITE: Colour = Colour([255; 3]);

impl Colour {
    /// The colour of so much red, green and blue.
    pub const fn new(bytes: [u8; 3]) -> Self {
        Self(bytes)
    }

    /// Reads `#fff` or `#ffffff`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        let long = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit; 2]).collect(),
            _ => digits.to_owned(),
        };
        let mut bytes = [0; 3];
        hex::decode_to_slice(long, &mut bytes).ok().map(|()| Self(bytes))
    }

    /// How bright it is, 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How well the two can be told apart, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever is read better on it: that is always at least 4.58:1.
    fn best_text(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// A seventh of the way to another colour.
    fn towards(self, other: Self) -> Self {
        let mut mixed = self.0;
        for (value, goal) in mixed.iter_mut().zip(other.0) {
            // A mean of two bytes is a byte.
            *value = u8::try_from((u16::from(*value) * 6 + u16::from(goal)) / 7).unwrap_or(goal);
        }
        Self(mixed)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(self.0))
    }
}

/// One theme's colours as they are configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub primary: Option<Colour>,
    /// Of what is to be pressed.
    pub accent: Option<Colour>,
}

/// What the pages have by themselves: `web/src/styles/tokens.css`.
struct Usual {
    page: Colour,
    text: Colour,
    text_muted: Colour,
    button: Colour,
    button_hover: Colour,
    button_text: Colour,
}

const LIGHT: Usual = Usual {
    page: Colour([0xf3, 0xf7, 0xf8]),
    text: Colour([0x12, 0x26, 0x2c]),
    text_muted: Colour([0x4b, 0x60, 0x67]),
    button: Colour([0x0b, 0x66, 0x74]),
    button_hover: Colour([0x08, 0x4f, 0x5a]),
    button_text: WHITE,
};

const DARK: Usual = Usual {
    page: Colour([0x0e, 0x16, 0x19]),
    text: Colour([0xea, 0xf2, 0xf3]),
    text_muted: Colour([0xa9, 0xbc, 0xc1]),
    button: Colour([0x63, 0xcb, 0xd6]),
    button_hover: Colour([0x86, 0xda, 0xe2]),
    button_text: Colour([0x04, 0x25, 0x2b]),
};

/// One theme's colours as they are used.
struct Used {
    page: Colour,
    button: Colour,
    button_hover: Colour,
    button_text: Colour,
}

impl Usual {
    fn with(&self, palette: Palette) -> Used {
        let page = palette.primary.filter(|page| self.can_be_read_on(*page)).unwrap_or(self.page);
        match palette.accent {
            None => Used { page, button: self.button, button_hover: self.button_hover, button_text: self.button_text },
            Some(button) => {
                let button_text = button.best_text();
                // Away from its text, which is then read even better.
                let button_hover = button.towards(if button_text == WHITE { BLACK } else { WHITE });
                Used { page, button, button_hover, button_text }
            }
        }
    }

    fn can_be_read_on(&self, page: Colour) -> bool {
        [self.text, self.text_muted].iter().all(|text| text.contrast(page) >= CONTRAST_MIN)
    }
}

/// The colours and the logo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// In light surroundings.
    pub light: Palette,
    /// In dark ones.
    pub dark: Palette,
    /// An image.
    pub logo: Option<Url>,
}

impl Brand {
    /// Colours under which text could not be read, by their place in the file; they are not used.
    pub fn unreadable(&self) -> Vec<&'static str> {
        let themes = [("theme.light.primaryColor", self.light, LIGHT), ("theme.dark.primaryColor", self.dark, DARK)];
        let unreadable = |(place, palette, usual): (&'static str, Palette, Usual)| {
            palette.primary.filter(|page| !usual.can_be_read_on(*page)).map(|_| place)
        };
        themes.into_iter().filter_map(unreadable).collect()
    }

    /// Where the logo comes from, which pages must be allowed to ask.
    pub fn logo_origin(&self) -> Option<String> {
        self.logo.as_ref().map(|logo| logo.origin().ascii_serialization())
    }
}

/// Where pages find the logo of each theme: an absolute address, or a path on their own origin. Neither has a quotation mark, a backslash
/// or a line break.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logos {
    /// In light surroundings.
    pub light: Option<String>,
    /// In dark ones.
    pub dark: Option<String>,
}

impl Logos {
    /// The one of the configuration file, which is for both.
    pub fn configured(brand: &Brand) -> Self {
        // `Url` escapes quotation marks and line breaks.
        let logo = brand.logo.as_ref().map(|logo| logo.as_str().replace('\\', "%5C"));
        Self { light: logo.clone(), dark: logo }
    }
}

/// The style sheet; `None` if the pages stay as they are.
pub fn style_sheet(brand: &Brand, logos: &Logos) -> Option<String> {
    let is_plain = (brand.light, brand.dark) == (Palette::default(), Palette::default());
    if is_plain && *logos == Logos::default() {
        return None;
    }
    let (light, dark) = (LIGHT.with(brand.light), DARK.with(brand.dark));
    // Twice the root: it counts more than the pages' own values, whichever comes first.
    let mut text = format!(
        ":root:root {{\n  --page: light-dark({}, {});\n  --primary: light-dark({}, {});\n  \
         --primary-hover: light-dark({}, {});\n  --on-primary: light-dark({}, {});\n}}\n",
        light.page,
        dark.page,
        light.button,
        dark.button,
        light.button_hover,
        dark.button_hover,
        light.button_text,
        dark.button_text
    );
    let places = |root: &str| format!("{root} .card::before, {root} .lobby-panel::before");
    let shown = |logo: &Option<String>| match logo {
        Some(logo) => format!(
            "  content: \"\";\n  display: block;\n  height: 3rem;\n  margin-block-end: 1rem;\n  \
             background: url(\"{logo}\") left center / contain no-repeat;\n"
        ),
        None => "  content: none;\n".to_owned(),
    };
    // Writing to a `String` never fails.
    if *logos != Logos::default() {
        let _ = write!(text, "{} {{\n{}}}\n", places(":root"), shown(&logos.light));
    }
    if logos.dark != logos.light {
        // What the device prefers, unless the page is told otherwise (`web/src/styles/tokens.css`).
        let (preferred, told) = (places(":root:not([data-theme=\"light\"])"), places(":root[data-theme=\"dark\"]"));
        let dark = shown(&logos.dark);
        let _ =
            write!(text, "@media (prefers-color-scheme: dark) {{\n{preferred} {{\n{dark}}}\n}}\n{told} {{\n{dark}}}\n");
    }
    Some(text)
}

/// The style sheet of whoever runs the service.
pub async fn show(State(app): State<App>) -> Response {
    match app.brand.style_sheet().await {
        Some(text) => {
            let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
            (headers, text.to_string()).into_response()
        }
        None => ApiError::new(StatusCode::NOT_FOUND, "There is no such file").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    fn style_sheet_of(brand: &Brand) -> Option<String> {
        style_sheet(brand, &Logos::configured(brand))
    }

    #[test]
    fn colours_have_three_or_six_digits() {
        assert_eq!(colour("#fff"), WHITE);
        assert_eq!(colour(" #480CA8 ").to_string(), "#480ca8");
        for text in ["", "#", "fff", "#ffff", "#ggg", "#ffffff0", "red", "#ééé"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_is_as_the_standard_says() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn text_on_a_button_can_be_read_whatever_its_colour() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Some(Colour([red, green, blue]));
                    for usual in [LIGHT, DARK] {
                        let used = usual.with(Palette { primary: None, accent });
                        assert!(used.button.contrast(used.button_text) >= CONTRAST_MIN);
                        assert!(used.button_hover.contrast(used.button_text) >= CONTRAST_MIN);
                    }
                }
            }
        }
    }

    #[test]
    fn the_shipped_colours_are_used() {
        let palette = |primary, accent| Palette { primary: Some(colour(primary)), accent: Some(colour(accent)) };
        let brand = Brand { light: palette("#ffffff", "#480ca8"), dark: palette("#003049", "#d62828"), logo: None };
        assert_eq!(brand.unreadable(), [] as [&str; 0]);
        let text = style_sheet_of(&brand).unwrap();
        assert!(text.contains("--page: light-dark(#ffffff, #003049);"), "{text}");
        assert!(text.contains("--primary: light-dark(#480ca8, #d62828);"), "{text}");
        assert!(text.contains("--on-primary: light-dark(#ffffff, #ffffff);"), "{text}");
    }

    #[test]
    fn what_could_not_be_read_is_not_used_and_said() {
        let dark = Palette { primary: Some(colour("#808080")), accent: None };
        let brand = Brand { dark, ..Brand::default() };
        assert_eq!(brand.unreadable(), ["theme.dark.primaryColor"]);
        assert!(style_sheet_of(&brand).unwrap().contains("--page: light-dark(#f3f7f8, #0e1619);"));
        assert_eq!(style_sheet_of(&Brand::default()), None);
    }

    #[test]
    fn each_theme_has_its_own_logo() {
        let logo = |path: &str| Some(path.to_owned());
        let text = |light, dark| style_sheet(&Brand::default(), &Logos { light, dark }).unwrap();
        let one = text(logo("/a"), logo("/a"));
        assert_eq!((one.matches("/a").count(), one.matches("dark\"]").count()), (1, 0), "{one}");
        let two = text(logo("/a"), logo("/b"));
        assert!(two.find("/a").unwrap() < two.find("@media (prefers-color-scheme: dark)").unwrap(), "{two}");
        assert_eq!(two.matches("/b").count(), 2, "{two}");
        let dark = text(None, logo("/b"));
        assert!(dark.contains(":root .card::before, :root .lobby-panel::before {\n  content: none;"), "{dark}");
    }

    #[test]
    fn a_logo_cannot_end_its_place() {
        let logo = Url::parse("https://clinic.example/a\"b) url(x\\\n.svg?q=\"'").unwrap();
        let brand = Brand { logo: Some(logo), ..Brand::default() };
        let text = style_sheet_of(&brand).unwrap();
        let line = text.lines().find(|line| line.contains("url(")).unwrap();
        assert_eq!(line.matches('"').count(), 2, "{line}");
        assert_eq!(brand.logo_origin().as_deref(), Some("https://clinic.example"));
    }
}
