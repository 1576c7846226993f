//! Names that the service gives, and texts about people: all opaque, each of its own type (contract §3.2).

/// Declares a text of its own type, whose `Debug` shows what it holds or hides it.
macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident) => {
        opaque!(@declare $(#[$doc])* $name);
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({:?})", stringify!($name), self.0)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, hidden) => {
        opaque!(@declare $(#[$doc])* #[doc = "\n\nIts `Debug` hides the value."] $name);
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
    (@declare $(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the text as it is on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.to_owned())
            }
        }
    };
}

opaque!(
    /// A user's id: chosen by the customer, at most 128 of `[a-zA-Z0-9._-]`, or given by the service.
    UserId, hidden
);
opaque!(
    /// A room's id, such as `room_0123456789ab`.
    RoomId
);
opaque!(
    /// A session's id, such as `session_0123456789ab`.
    SessionId
);
opaque!(
    /// A broadcast's id, such as `bro_0123456789ab` (v1).
    BroadcastId
);
opaque!(
    /// A background's alias.
    BackgroundAlias
);
opaque!(
    /// An encryption key's id, such as `pk_0123456789ab`.
    EncryptionKeyId
);
opaque!(
    /// An uploaded file's key. It looks like a path and names a user.
    UploadKey, hidden
);
opaque!(
    /// A chat channel's id (v2).
    ChannelId
);
opaque!(
    /// A webhook's id (v2).
    WebhookId
);
opaque!(
    /// A sign envelope's id.
    EnvelopeId
);
opaque!(
    /// A signature template's id.
    SignatureTemplateId
);
opaque!(
    /// A tag: at least one of `[A-Za-z0-9._-]` (contract §6.8).
    Tag
);
opaque!(
    /// The token in an access link, its last path segment. Whoever has it can enter the room.
    LinkToken, hidden
);
opaque!(
    /// A JSON web token with which a user's application talks to the service. To be treated as opaque (contract §9).
    AccessToken, hidden
);
opaque!(
    /// The address of a file that whoever has it can download.
    DownloadUrl, hidden
);
opaque!(
    /// A text about or by a person.
    PersonalText, hidden
);
opaque!(
    /// A language code (contract §12.4): `en`, `it`, `es`, `de`, `fr` and `pl` are known.
    Language
);

pub(crate) use opaque;
