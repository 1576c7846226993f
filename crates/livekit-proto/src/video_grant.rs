//! What an access token lets its bearer do in a room.

use serde::{Deserialize, Serialize};

use crate::proto;

/// The `video` claim of an access token, with the protocol's defaults: a permission that is not mentioned is given for
/// publishing, subscribing and data, and is not given for everything else.
///
/// Source: `auth/grants.go` in github.com/livekit/protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a grant of its own, named so by the protocol")]
pub struct VideoGrant {
    /// The room that the token is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// May enter the room.
    #[serde(skip_serializing_if = "is_false")]
    pub room_join: bool,
    /// May create rooms.
    #[serde(skip_serializing_if = "is_false")]
    pub room_create: bool,
    /// May administer the room.
    #[serde(skip_serializing_if = "is_false")]
    pub room_admin: bool,
    /// May publish tracks. Absent: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish: Option<bool>,
    /// May receive tracks. Absent: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_subscribe: Option<bool>,
    /// May send data packets. Absent: as `can_publish`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish_data: Option<bool>,
    /// The only sources that may be published, if any is listed: `camera`, `microphone`, `screen_share`,
    /// `screen_share_audio`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub can_publish_sources: Vec<String>,
    /// May change the own name, metadata and attributes. Absent: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_update_own_metadata: Option<bool>,
    /// Is not shown to the others.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Records the room.
    #[serde(skip_serializing_if = "is_false")]
    pub recorder: bool,
    /// Is an agent.
    #[serde(skip_serializing_if = "is_false")]
    pub agent: bool,
}

impl VideoGrant {
    /// Whether tracks may be published.
    pub fn may_publish(&self) -> bool {
        self.can_publish.unwrap_or(true)
    }

    /// Whether tracks may be received.
    pub fn may_subscribe(&self) -> bool {
        self.can_subscribe.unwrap_or(true)
    }

    /// Whether data packets may be sent.
    pub fn may_publish_data(&self) -> bool {
        self.can_publish_data.unwrap_or_else(|| self.may_publish())
    }

    /// Whether the own name, metadata and attributes may be changed.
    pub fn may_update_own_metadata(&self) -> bool {
        self.can_update_own_metadata.unwrap_or(false)
    }

    /// The sources that may be published; empty: all. A name that is not known stays in the list as `Unknown`, because a list
    /// of strange names must not turn into a permission for everything.
    pub fn sources(&self) -> Vec<proto::TrackSource> {
        self.can_publish_sources.iter().map(|name| source_named(name)).collect()
    }
}

/// The name that a grant has for a source.
pub(crate) fn source_name(source: proto::TrackSource) -> &'static str {
    match source {
        proto::TrackSource::Unknown => "unknown",
        proto::TrackSource::Camera => "camera",
        proto::TrackSource::Microphone => "microphone",
        proto::TrackSource::ScreenShare => "screen_share",
        proto::TrackSource::ScreenShareAudio => "screen_share_audio",
    }
}

fn source_named(name: &str) -> proto::TrackSource {
    match name.to_ascii_lowercase().as_str() {
        "camera" => proto::TrackSource::Camera,
        "microphone" => proto::TrackSource::Microphone,
        "screen_share" => proto::TrackSource::ScreenShare,
        "screen_share_audio" => proto::TrackSource::ScreenShareAudio,
        _ => proto::TrackSource::Unknown,
    }
}

impl VideoGrant {
    /// Restricts publishing to `sources`.
    #[must_use]
    pub fn with_sources(mut self, sources: impl IntoIterator<Item = proto::TrackSource>) -> Self {
        self.can_publish_sources = sources.into_iter().map(|source| source_name(source).to_owned()).collect();
        self
    }
}

impl VideoGrant {
    /// The same grant with every default said.
    #[must_use]
    pub fn spelled_out(self) -> Self {
        let sources = self.sources();
        Self {
            can_publish: Some(self.may_publish()),
            can_subscribe: Some(self.may_subscribe()),
            can_publish_data: Some(self.may_publish_data()),
            can_update_own_metadata: Some(self.may_update_own_metadata()),
            ..self.with_sources(sources)
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Go marshals an absent list as `null`.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(json: &str) -> VideoGrant {
        serde_json::from_str(json).expect("valid")
    }

    #[test]
    fn what_is_not_mentioned_has_the_protocols_default() {
        let grant = grant(r#"{"room":"r","roomJoin":true}"#);
        assert!(grant.may_publish() && grant.may_subscribe() && grant.may_publish_data());
        assert!(!grant.may_update_own_metadata() && !grant.hidden);
    }

    #[test]
    fn data_follows_publishing_unless_said_otherwise() {
        assert!(!grant(r#"{"canPublish":false}"#).may_publish_data());
        assert!(grant(r#"{"canPublish":false,"canPublishData":true}"#).may_publish_data());
    }

    #[test]
    fn a_grant_that_is_spelled_out_means_the_same() {
        for json in ["{}", r#"{"canPublish":false}"#, r#"{"canPublishSources":["Camera"],"hidden":true}"#] {
            let (brief, full) = (grant(json), grant(json).spelled_out());
            let meaning = |grant: &VideoGrant| {
                (grant.may_publish(), grant.may_subscribe(), grant.may_publish_data(), grant.sources(), grant.hidden)
            };
            assert_eq!(meaning(&brief), meaning(&full));
            assert_eq!(full.clone().spelled_out(), full);
        }
    }

    #[test]
    fn strange_source_names_do_not_become_a_permission_for_everything() {
        assert_eq!(grant(r#"{"canPublishSources":["teapot"]}"#).sources(), [proto::TrackSource::Unknown]);
        assert_eq!(grant(r#"{"canPublishSources":null}"#).sources(), []);
        assert_eq!(grant(r#"{"canPublishSources":["Camera"]}"#).sources(), [proto::TrackSource::Camera]);
    }
}
