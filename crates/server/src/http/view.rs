//! From what a use case answers to what a caller reads (contract §6.4).

use app::ParticipantView;
use domain::AccessLink;
use ports::provider::{CallType, Recording, RoomDetails};
use url::Url;

use super::{
    date_time,
    schema::{DetailsView, OtherParticipantView, TeleconsultationView},
};

/// The languages of the call page that a caller can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLanguage {
    English,
    Italian,
}

impl PageLanguage {
    /// The language of a tag; anything else leaves the choice to the page.
    pub fn of(tag: &str) -> Option<Self> {
        match tag {
            "en" => Some(Self::English),
            "it" => Some(Self::Italian),
            _ => None,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
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

impl LinkOptions {
    /// The link with the options in its query, under the provider's names (`kaleyra-video-api.md` §8.2).
    fn apply(self, link: &AccessLink) -> String {
        if self == Self::default() {
            return link.expose().to_owned();
        }
        let Ok(mut url) = Url::parse(link.expose()) else { return link.expose().to_owned() };
        if let Some(language) = self.language {
            url.query_pairs_mut().append_pair("language", language.tag());
        }
        if self.background {
            url.query_pairs_mut().append_pair("virtual_background", "image");
        }
        url.into()
    }
}

/// The whole answer.
pub fn teleconsultation(seen: ParticipantView, options: LinkOptions) -> TeleconsultationView {
    TeleconsultationView {
        bandyer_user_id: seen.user.to_string(),
        access_link_url: seen.access_link.map(|link| options.apply(&link)),
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
            options.apply(&link),
            "https://call.example.org/eu/direct-rest-call-handler/token?language=it&virtual_background=image"
        );
        assert_eq!(LinkOptions::default().apply(&link), link.expose());
    }
}
