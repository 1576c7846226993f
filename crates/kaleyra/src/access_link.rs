//! Personal links to a room, and what can be added to them (contract §8).

use url::Url;

use crate::{Language, LinkToken, opaque::opaque, open_enum::open_enum};

opaque!(
    /// A person's link to a room. Whoever has it can enter.
    AccessLink, hidden
);

open_enum!(
    /// The background that a person starts with.
    LinkBackground {
        /// Their own, blurred.
        Blur = "blur",
        /// The company's default background.
        Image = "image",
    }
);

open_enum!(
    /// The mode that a person's pages start in, if the company has colours for it.
    LinkTheme {
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
);

/// What to add to a link (contract §8.2). The defaults add nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's shape: each is a parameter of its own")]
pub struct LinkOptions {
    /// Start with the microphone off.
    pub audio_disabled: bool,
    /// Start with the camera off.
    pub video_disabled: bool,
    /// Start with one's own video featured.
    pub swapped_local_camera: bool,
    /// Prefer the back camera in mobile browsers.
    pub mobile_back_camera: bool,
    /// The name that is shown to all.
    pub display_name: Option<crate::PersonalText>,
    /// The background to start with.
    pub virtual_background: Option<LinkBackground>,
    /// The language of the pages.
    pub language: Option<Language>,
    /// The mode to start in.
    pub theme: Option<LinkTheme>,
}

impl AccessLink {
    /// Returns the link with these options added to the query it has (contract §8.2, §14.9), or `None` if it is no URL.
    pub fn with(&self, options: &LinkOptions) -> Option<AccessLink> {
        let mut url = Url::parse(self.as_str()).ok()?;
        let flags = [
            ("audio_disabled", options.audio_disabled),
            ("video_disabled", options.video_disabled),
            ("swapped_local_camera", options.swapped_local_camera),
            ("mobile_back_camera", options.mobile_back_camera),
        ];
        let flags = flags.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "true"));
        let texts = [
            ("display_name", options.display_name.as_ref().map(crate::PersonalText::as_str)),
            ("virtual_background", options.virtual_background.as_ref().map(LinkBackground::as_str)),
            ("language", options.language.as_ref().map(Language::as_str)),
            ("theme", options.theme.as_ref().map(LinkTheme::as_str)),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let added: Vec<String> = flags.chain(texts).map(|(name, text)| format!("{name}={}", escaped(text))).collect();
        if !added.is_empty() {
            let query: Vec<&str> = url.query().filter(|query| !query.is_empty()).into_iter().collect();
            let query = [query, added.iter().map(String::as_str).collect()].concat().join("&");
            url.set_query(Some(&query));
        }
        Some(String::from(url).into())
    }

    /// Returns the token: the last segment of the path (contract §8.1). `None` if there is none.
    pub fn token(&self) -> Option<LinkToken> {
        let url = Url::parse(self.as_str()).ok()?;
        let last = url.path_segments()?.next_back()?;
        (!last.is_empty()).then(|| last.into())
    }
}

/// Escapes a value as the documentation's sample does, where a space is `%20`.
fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn options_are_added_to_the_query_that_is_there() {
        let options = LinkOptions {
            audio_disabled: true,
            display_name: Some("Ann Lee & co".into()),
            language: Some("it".into()),
            ..LinkOptions::default()
        };
        let plain = AccessLink::from("https://h.test/eu/direct-rest-call-handler/0123");
        let expected = "?audio_disabled=true&display_name=Ann%20Lee%20%26%20co&language=it";
        assert_eq!(plain.with(&options).unwrap().as_str(), format!("{}{expected}", plain.as_str()));
        let queried = AccessLink::from("https://h.test/eu/direct-rest-call-handler/0123?new_ui=1");
        assert!(queried.with(&options).unwrap().as_str().contains("0123?new_ui=1&audio_disabled=true&"));
        assert_eq!(plain.with(&LinkOptions::default()), Some(plain));
        assert_eq!(AccessLink::from("not a link").with(&options), None);
    }

    #[test]
    fn the_token_is_the_last_segment() {
        let link = AccessLink::from("https://h.test/connect/rest-call-handler/0123456789abcdef?ad=true");
        assert_eq!(link.token().unwrap().as_str(), "0123456789abcdef");
        assert_eq!(AccessLink::from("https://h.test/").token(), None);
        assert_eq!(AccessLink::from("mailto:x").token(), None);
    }

    #[test]
    fn a_link_does_not_show_itself() {
        assert_eq!(format!("{:?}", AccessLink::from("https://h.test/0123")), "AccessLink(hidden)");
    }

    proptest! {
        #[test]
        fn any_name_comes_through(name in ".*") {
            let link = AccessLink::from("https://h.test/t");
            let options = LinkOptions { display_name: Some(name.as_str().into()), ..LinkOptions::default() };
            let url = Url::parse(link.with(&options).unwrap().as_str()).unwrap();
            let shown: Vec<_> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
            prop_assert_eq!(shown, vec![name]);
        }
    }
}
