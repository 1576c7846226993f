//! Who may come in: the token, the join request and `Admission`.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use livekit_proto::{
    ApiKey, Claims, RtcQuery, join_request,
    proto::{JoinRequest, TrackSource},
};
use media_core::{ATTRIBUTES_BYTES_MAX, ConnectionId, Join, METADATA_BYTES_MAX, Permissions, RoomConfig};
use ports::media::{Admission, Identity, RoomName};
use serde::Deserialize;

/// Bytes in a room's name and in a person's identity, as `LiveKit` has it. Both are copied into many messages.
pub(crate) const NAME_BYTES_MAX: usize = 256;
/// People in a room that nobody described: what the video service allows at most.
const PARTICIPANTS_MAX: u32 = 25;

/// The query of all four addresses.
#[derive(Default, Deserialize)]
pub(crate) struct DoorQuery {
    access_token: Option<String>,
    join_request: Option<String>,
    #[serde(flatten)]
    rtc: RtcQuery,
}

/// The two ways to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// `/rtc`: two peer connections, everything in the query.
    Zero,
    /// `/rtc/v1`: one peer connection, a join request.
    One,
}

/// Why somebody is turned away. The sentences are read by people who set up a client; none is about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no permission to access the room: the access token is missing or not valid")]
    Token,
    #[error("the access token does not allow joining a room")]
    NotForJoining,
    #[error("the access token names no room, or nobody, or with too long a name")]
    Name,
    #[error("join_request is required")]
    NoRequest,
    #[error(transparent)]
    Request(#[from] join_request::JoinRequestError),
    #[error("requested room does not exist")]
    NotAdmitted,
    #[error("the server is stopping or has no more capacity")]
    Overloaded,
}

impl Refusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Token | Self::NotForJoining => StatusCode::UNAUTHORIZED,
            Self::Name | Self::NoRequest | Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::NotAdmitted => StatusCode::NOT_FOUND,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Somebody who may come in.
pub(crate) struct Admitted {
    pub(crate) claims: Claims,
    pub(crate) room: RoomConfig,
    pub(crate) auto_created: bool,
    request: JoinRequest,
    version: Version,
}

/// Checks everything that can be checked before the connection is made.
pub(crate) async fn admit(
    version: Version,
    query: DoorQuery,
    headers: &HeaderMap,
    api_key: &ApiKey,
    now_s: i64,
    admission: &dyn Admission,
    auto_create: bool,
) -> Result<Admitted, Refusal> {
    // Native clients send the token in the header, browsers cannot.
    let token = bearer(headers).or(query.access_token.as_deref()).ok_or(Refusal::Token)?;
    let mut claims = api_key.verify(token, now_s).map_err(|_| Refusal::Token)?;
    if !claims.video.room_join {
        return Err(Refusal::NotForJoining);
    }
    for name in [&claims.video.room, &claims.identity] {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(Refusal::Name);
        }
    }
    // Only now, because what a stranger sends is not worth unpacking.
    let mut request = match (version, query.join_request) {
        (_, Some(parameter)) if !parameter.is_empty() => join_request::decode(&parameter)?,
        (Version::One, _) => return Err(Refusal::NoRequest),
        (Version::Zero, _) => JoinRequest::from(query.rtc),
    };
    if claims.video.may_update_own_metadata() {
        let (metadata, attributes) =
            (std::mem::take(&mut request.metadata), std::mem::take(&mut request.participant_attributes));
        if !metadata.is_empty() && metadata.len() <= METADATA_BYTES_MAX {
            claims.metadata = metadata;
        }
        let bytes: usize = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes <= ATTRIBUTES_BYTES_MAX {
            claims.attributes.extend(attributes);
        }
    } else {
        request.metadata.clear();
        request.participant_attributes.clear();
    }
    let (name, identity) = (RoomName(claims.video.room.clone()), Identity(claims.identity.clone()));
    let known = admission.admit(&name, &identity).await;
    let auto_created = known.is_none();
    let room = match known {
        Some(room) => {
            RoomConfig { name: room.name.0, participants_max: room.participants_max, metadata: room.metadata }
        }
        None if auto_create => RoomConfig { name: name.0, participants_max: PARTICIPANTS_MAX, metadata: String::new() },
        None => return Err(Refusal::NotAdmitted),
    };
    Ok(Admitted { claims, room, auto_created, request, version })
}

impl Admitted {
    /// What the engine is told.
    pub(crate) fn join(&mut self, connection: ConnectionId) -> Join {
        let claims = &self.claims;
        Join {
            connection,
            room: self.room.name.clone(),
            identity: claims.identity.clone(),
            name: claims.name.clone(),
            metadata: claims.metadata.clone(),
            attributes: claims.attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            permissions: permissions(claims),
            request: std::mem::take(&mut self.request),
            single_peer_connection: self.version == Version::One,
        }
    }
}

fn permissions(claims: &Claims) -> Permissions {
    let grant = &claims.video;
    let sources: Vec<TrackSource> = grant.sources();
    Permissions {
        can_publish: grant.may_publish(),
        can_publish_sources: sources,
        can_subscribe: grant.may_subscribe(),
        can_publish_data: grant.may_publish_data(),
        can_update_metadata: grant.may_update_own_metadata(),
        hidden: grant.hidden,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
