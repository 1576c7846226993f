//! From what a use case answers to what a caller reads (contract §6.4).

use app::ParticipantView;
use domain::{AccessLink, FullName, GroupName, Language, Participant};
use ports::provider::{CallType, Recording, RoomDetails};
use url::Url;

use super::{
    date_time,
    schema::{DetailsView, OtherParticipantView, TeleconsultationView},
};

/// The languages of the call page that a caller can ask for: those that our own page speaks. The contract promises `it` and `en`; Kaleyra's
/// page has had each of the others (`kaleyra-video-api.md` §12.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLanguage {
    /// `en`
    English,
    /// `it`
    Italian,
    /// `es`
    Spanish,
    /// `de`
    German,
    /// `fr`
    French,
}

impl PageLanguage {
    /// The language of a tag; anything else leaves the choice to the page.
    pub fn of(tag: &str) -> Option<Self> {
        match tag {
            "en" => Some(Self::English),
            "it" => Some(Self::Italian),
            "es" => Some(Self::Spanish),
            "de" => Some(Self::German),
            "fr" => Some(Self::French),
            _ => None,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
            Self::Spanish => "es",
            Self::German => "de",
            Self::French => "fr",
        }
    }
}

/// What the query asks of the link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkOptions {
    /// Start with the company's virtual background.
    pub background: bool,
    /// The page's language.
    pub language: Option<PageLanguage>,
}

/// What links are given besides what the query asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// Whose camera starts with the company's virtual background (`groupsWithBackgroundList`).
    pub groups_with_background: Vec<GroupName>,
    /// Whether the link tells its page the person's name and language: a provider that has neither shows an id in a default language.
    pub names: bool,
}

impl LinkRules {
    /// The link for the person who asks.
    fn apply(&self, link: &AccessLink, seen: &ParticipantView, asked: LinkOptions) -> String {
        self.complete(link, (seen.full_name.as_ref(), seen.language.as_ref(), &seen.groups), asked)
    }

    /// A person's link as the person themselves would read it without asking for anything.
    pub fn link_of(&self, person: &Participant) -> Option<String> {
        let of = (person.full_name.as_ref(), person.language.as_ref(), &person.groups[..]);
        person.access_link.as_ref().map(|link| self.complete(link, of, LinkOptions::default()))
    }

    /// The link of somebody with this name, language and groups.
    fn complete(
        &self,
        link: &AccessLink,
        (name, language, groups): (Option<&FullName>, Option<&Language>, &[GroupName]),
        asked: LinkOptions,
    ) -> String {
        let background = asked.background || groups.iter().any(|it| self.groups_with_background.contains(it));
        let language = language.filter(|_| self.names).and_then(|it| PageLanguage::of(it.as_str()));
        let options = LinkOptions { background, language: asked.language.or(language) };
        options.apply(link, name.filter(|_| self.names).map(FullName::as_str))
    }
}

impl LinkOptions {
    /// The link with the name and the options in its query, under the provider's names (`kaleyra-video-api.md` §8.2).
    fn apply(self, link: &AccessLink, name: Option<&str>) -> String {
        if self == Self::default() && name.is_none() {
            return link.expose().to_owned();
        }
        let Ok(mut url) = Url::parse(link.expose()) else { return link.expose().to_owned() };
        if let Some(name) = name {
            url.query_pairs_mut().append_pair("display_name", name);
        }
        if let Some(language) = self.language {
            url.query_pairs_mut().append_pair("language", language.tag());
        }
        if self.background {
            url.query_pairs_mut().append_pair("virtual_background", "image");
        }
        // A blank as every decoder of a query reads it.
        if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
            url.set_query(Some(&query));
        }
        url.into()
    }
}

/// The whole answer.
pub fn teleconsultation(mut seen: ParticipantView, options: LinkOptions, rules: &LinkRules) -> TeleconsultationView {
    let link = seen.access_link.take();
    let link = link.map(|link| rules.apply(&link, &seen, options));
    TeleconsultationView {
        bandyer_user_id: seen.user.to_string(),
        access_link_url: link,
        participants_bandyer_call: seen
            .others
            .into_iter()
            .map(|other| OtherParticipantView {
                bandyer_user_id: other.user.to_string(),
                full_name: other.full_name.map(|name| name.as_str().to_owned()),
            })
            .collect(),
        details: seen.details.map(details),
    }
}

fn details(details: RoomDetails) -> DetailsView {
    DetailsView {
        recording: match details.recording {
            Recording::None => "none",
            Recording::Manual => "manual",
            Recording::Automatic => "automatic",
        },
        recording_status: details.recording_status,
        call_type: call_type(details.call_type),
        description: details.description,
        status: video::status_on_wire(details.status),
        disabled: details.disabled,
        creation_date: details.created.map(date_time::format),
        duration_in_seconds: details.duration.map(|duration| duration.as_secs()),
        duration_used_in_seconds: details.duration_used.as_secs(),
        live: details.live,
    }
}

/// The provider's name for what media a call starts with.
pub fn call_type(call_type: CallType) -> &'static str {
    match call_type {
        CallType::AudioOnly => "audio_only",
        CallType::AudioUpgradable => "audio_upgradable",
        CallType::AudioVideo => "audio_video",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_carries_what_the_query_asked_for() {
        let link = AccessLink::new("https://call.example.org/eu/direct-rest-call-handler/token");
        let options = LinkOptions { background: true, language: Some(PageLanguage::Italian) };
        assert_eq!(
            options.apply(&link, None),
            "https://call.example.org/eu/direct-rest-call-handler/token?language=it&virtual_background=image"
        );
        assert_eq!(LinkOptions::default().apply(&link, None), link.expose());
    }

    #[test]
    fn a_link_to_another_providers_page_tells_it_who_enters() {
        let link = AccessLink::new("https://acme.bandyer.com/eu/direct-rest-call-handler/token");
        let group = |name| GroupName::parse(name).unwrap();
        let seen = ParticipantView {
            user: domain::ProviderUserId::parse("usr_1").unwrap(),
            full_name: Some(domain::FullName::parse("Ada & Co").unwrap()),
            language: Some(domain::Language::parse("it").unwrap()),
            groups: vec![group("patient")],
            access_link: None,
            others: vec![],
            details: None,
        };
        let rules = |names| LinkRules { groups_with_background: vec![group("patient")], names };
        assert_eq!(
            rules(true).apply(&link, &seen, LinkOptions::default()),
            "https://acme.bandyer.com/eu/direct-rest-call-handler/token\
             ?display_name=Ada%20%26%20Co&language=it&virtual_background=image"
        );
        let english = LinkOptions { background: false, language: Some(PageLanguage::English) };
        assert!(rules(true).apply(&link, &seen, english).ends_with("&language=en&virtual_background=image"));
        assert!(rules(false).apply(&link, &seen, LinkOptions::default()).ends_with("/token?virtual_background=image"));
    }
}
