#![doc = include_str!("../README.md")]

mod access_link;
mod activity;
mod answer;
#[cfg(test)]
mod any_answer;
mod background;
mod base_url;
mod broadcast;
mod call;
mod change;
mod channel;
mod chat;
mod client;
mod company;
mod credentials;
mod dial_info;
mod download;
mod error;
mod event;
mod event_data;
mod fast_call;
mod hook;
mod link_token;
mod multipart;
mod new_room;
mod opaque;
mod open_enum;
mod operation;
mod outside;
mod page;
mod participant;
mod path;
mod public_address;
mod recording;
mod recording_settings;
mod refusal;
mod repeat;
mod retry_after;
mod room;
mod session;
mod session_files;
mod settings;
mod signature_request;
mod tag;
mod theme;
mod tools;
mod translation;
mod transport;
mod upload;
mod user;
mod user_details;
mod user_rooms;
mod webhook;
mod webhook_signature;

pub use access_link::{AccessLink, LinkBackground, LinkOptions, LinkTheme};
pub use activity::{Activity, ActivityFilter, ActivityRoom, ActivityType};
pub use answer::Malformed;
pub use background::Background;
pub use base_url::{BaseUrl, BaseUrlError, Version};
pub use broadcast::{Broadcast, BroadcastSession, Landing, NewBroadcast, Panelist};
pub use change::Change;
pub use channel::{Channel, Message};
pub use chat::{Chat, ChatPage, ChatPageRef, ChatQuery};
pub use client::{Client, ClientError};
pub use company::{Company, CompanyUpdate, DefaultBackground};
pub use credentials::{Credentials, TOKEN_VALIDITY_S};
pub use dial_info::{DialActivity, DialEvent, DialInfo, DialSession};
pub use error::{Cause, Effect, Error, Failure, Oddity, RAW_BYTES_MAX, Refusal};
pub use event::{Event, EventError, EventName};
pub use event_data::{
    BroadcastData, CallData, EventData, FeedbackData, FileData, MessageData, PresenceData, SessionData, UploadTagData,
    WithdrawnData, WithdrawnLink,
};
pub use hook::{Hook, HookVersion};
pub use link_token::LinkTokenState;
pub use multipart::{File, Form};
pub use new_room::{NewRoom, ROOM_DURATION_S_MIN};
pub use opaque::{
    AccessToken, BackgroundAlias, BroadcastId, ChannelId, DownloadUrl, EncryptionKeyId, EnvelopeId, Language,
    LinkToken, PersonalText, RoomId, SessionId, SignatureTemplateId, Tag, UploadKey, UserId, WebhookId,
};
pub use outside::{Chance, Pause, TokioPause};
pub use page::{PAGE_ITEMS_MAX, Page, PageRequest};
pub use participant::{NewParticipant, Participant, ParticipantFilter, ParticipantUpdate};
pub use public_address::is_public_address;
pub use recording::Recording;
pub use recording_settings::{EncryptionKey, EncryptionKeyFilter, RecordingSettings, RecordingSettingsUpdate};
pub use room::{CallType, Ring, Room, RoomStatus};
pub use session::{ConnectionEvent, ConnectionEventKind, Session, SessionFilter};
pub use session_files::LinkValidity;
pub use settings::{Retry, Settings, Trust};
pub use signature_request::SignatureRecord;
pub use tag::TagRecord;
pub use theme::{LogoTheme, Logos, Theme, ThemeColors, ThemeUpdate};
pub use tools::{Tools, Whiteboard, WhiteboardTools};
pub use upload::{Upload, UploadFilter, UploadType};
pub use user::{NewUser, Role, User, UserUpdate};
pub use user_details::{UserDetails, UserDetailsAnswer, UserDetailsRequest};
pub use user_rooms::{BroadcastOfUser, RoomOfUser, UserListRange};
pub use webhook::{PayloadVersion, Webhook, WebhookTarget};
pub use webhook_signature::{
    ROOM_ID_SIGNATURE_HEADER, SIGNATURE_AGE_ADVISED, SIGNATURE_HEADER, Signature, SignatureError, sign, verify_room_id,
};
