//! Wire types and access tokens of the `LiveKit` signalling protocol.
//!
//! The protobuf types are [`proto`]. Beside them is what the protocol says in other forms: access tokens ([`ApiKey`],
//! [`Claims`]), the join request in the query of a WebSocket's address ([`join_request`], [`RtcQuery`]), and the framing of
//! signals ([`signal`]). Everything here is a pure function of its arguments; the present moment is one of them.

pub use livekit_protocol as proto;

pub mod join_request;
mod rtc_query;
pub mod signal;
mod token;
mod video_grant;
mod wire_shape;

pub use rtc_query::RtcQuery;
pub use token::{ApiKey, ApiKeyError, Claims, TokenError};
pub use video_grant::VideoGrant;
