//! The bodies of the API, for answers and for the API document. Requests are read field by field in [`super::booking`], because
//! their errors name the field; the types here only describe them.

use serde::Serialize;
use utoipa::ToSchema;

/// The people of a teleconsultation: how many there will be, and those known so far.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct PeopleRequest {
    /// How many people there will be.
    #[schema(minimum = 2, maximum = 25, example = 2)]
    number: i64,
    /// Those known so far. Once there are as many as expected, the room is made; one of them must then be a plus user.
    #[schema(max_items = 100)]
    data: Vec<PersonRequest>,
}

/// The name of a group.
#[derive(ToSchema)]
#[schema(
    max_length = 128,
    pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$",
    example = "doctor"
)]
#[expect(dead_code, reason = "describes a request")]
pub struct Group(String);

/// One person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct PersonRequest {
    /// How the calling system names the person. Its older spelling is `userExternalId`.
    #[schema(
        rename = "userId",
        max_length = 256,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
        example = "doctor-1"
    )]
    user_id: String,
    /// The groups that decide the person's role. `group` is another spelling; both also take a single text.
    #[schema(min_items = 1, max_items = 64)]
    groups: Vec<Group>,
    /// Shown to the others.
    #[schema(
        rename = "fullName",
        max_length = 128,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "Jane Doe"
    )]
    full_name: String,
    /// The person's language, such as `it`.
    #[schema(max_length = 35, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", example = "it", nullable = false)]
    language: Option<String>,
}

/// A teleconsultation to be. Exactly one of `end_date` and `duration_in_seconds` is needed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct BookingRequest {
    /// Who takes part.
    participants: PeopleRequest,
    /// When it begins.
    #[schema(format = DateTime, example = "2030-01-01T10:00:00.000Z")]
    start_date: String,
    /// When it ends: at least five minutes later.
    #[schema(format = DateTime, nullable = false)]
    end_date: Option<String>,
    /// How long it lasts: at least 300.
    #[schema(minimum = 300, example = 1800, nullable = false)]
    duration_in_seconds: Option<i64>,
}

/// What to change; what is absent stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct ChangeRequest {
    /// The whole list, in place of the old one.
    #[schema(nullable = false)]
    participants: Option<PeopleRequest>,
    /// When it begins.
    #[schema(format = DateTime, nullable = false)]
    start_date: Option<String>,
    /// When it ends. Not together with `duration_in_seconds`.
    #[schema(format = DateTime, nullable = false)]
    end_date: Option<String>,
    /// How long it lasts.
    #[schema(minimum = 300, nullable = false)]
    duration_in_seconds: Option<i64>,
}

/// That a teleconsultation is scheduled.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledView {
    /// Its id for ever: a UUID where the store is a CRUD Service whose collection has such.
    #[schema(
        pattern = "^([0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        example = "65f0c0ffee0123456789abcd"
    )]
    pub room_id: String,
}

/// A teleconsultation as one of its people sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeleconsultationView {
    /// The video provider's id of the person who asks.
    pub bandyer_user_id: String,
    /// The person's own link; `null` as long as the room may still change.
    #[serde(rename = "accessLinkURL")]
    #[schema(required = true)]
    pub access_link_url: Option<String>,
    /// Everyone else who is known.
    pub participants_bandyer_call: Vec<OtherParticipantView>,
    /// The video provider's record of the room, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub details: Option<DetailsView>,
}

/// Somebody else in the teleconsultation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherParticipantView {
    /// The video provider's id of the person.
    pub bandyer_user_id: String,
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub full_name: Option<String>,
}

/// The video provider's record of a room.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DetailsView {
    /// `none`, `manual` or `automatic`.
    pub recording: &'static str,
    /// Whether a recording runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recording_status: Option<String>,
    /// `audio_only`, `audio_upgradable` or `audio_video`.
    pub call_type: &'static str,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// `NOT_RUNNING`, `RUNNING` or `CLOSED`.
    pub status: &'static str,
    /// Its links were taken back for good.
    pub disabled: bool,
    /// When the room was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub creation_date: Option<String>,
    /// How long it can be used; absent if without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub duration_in_seconds: Option<u64>,
    /// How much of that is used.
    pub duration_used_in_seconds: u64,
    /// Whether a call ends when fewer than two remain.
    pub live: bool,
}

/// What became of the files of a teleconsultation.
#[derive(Serialize, ToSchema)]
pub struct UploadsView {
    /// How many there were.
    pub total: u64,
    /// How many of them are gone.
    pub deleted: u64,
}

/// For how long credentials are wanted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct CredentialsRequest {
    /// How long they are to be valid, in seconds; more than a day is taken for a day.
    // As large a number as anyone likes, so of no format, which would limit it.
    #[schema(rename = "expiresIn", minimum = 1, default = 3600, example = 3600, nullable = false)]
    expires_in: Option<isize>,
}

/// An access token for an application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsView {
    /// The token.
    pub access_token: String,
    /// Until when it is valid.
    #[schema(format = DateTime, example = "2030-01-01T11:00:00.000Z")]
    pub expires_at: String,
    /// The video provider's id of the user whose it is.
    pub bandyer_user_id: String,
}

/// What was said in a session.
#[derive(Serialize, ToSchema)]
pub struct TranscriptionView {
    /// The whole text.
    pub transcription: String,
}

/// An image to be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct BackgroundForm {
    /// JPEG, PNG or WebP, at most 10 MB; which of them the video provider takes is its own matter.
    #[schema(value_type = String, content_media_type = "image/jpeg")]
    virtual_background: Vec<u8>,
}

/// That a background was added.
#[derive(Serialize, ToSchema)]
pub struct BackgroundAddedView {
    /// The background.
    pub virtual_background: BackgroundView,
}

/// A background that was just added.
#[derive(Serialize, ToSchema)]
pub struct BackgroundView {
    /// Its name.
    pub background_alias: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// When it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub creation_date: Option<String>,
}

/// What to change about the company.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct CompanyRequest {
    /// The alias of the background that people in calls can use from now on.
    #[schema(example = "3e4d0683d78be3a884b7a60028644f57")]
    background_alias: String,
}

/// That the company was changed.
#[derive(Serialize, ToSchema)]
pub struct CompanyChangedView {
    /// What it has set now.
    pub company: CompanyView,
}

/// What the company has set for its calls. Empty texts are not set.
#[derive(Serialize, ToSchema)]
pub struct CompanyView {
    /// Its name.
    pub name: String,
    /// The language of pages for people without one.
    pub default_language: String,
    /// The background that people in calls can use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub default_background: Option<DefaultBackgroundView>,
    /// Where browsers go after a call.
    pub end_call_redirect_url: String,
    /// Whom the video provider asks for people's names.
    pub user_details_provider_url: String,
    /// How long after a call browsers go there.
    pub end_call_redirect_timeout_ms: u64,
}

/// The default background. Its name has another key than where it was added; that is how both are documented.
#[derive(Serialize, ToSchema)]
pub struct DefaultBackgroundView {
    /// Its name.
    pub alias: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// When it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub creation_date: Option<String>,
}

/// An error in the platform's form; a few documented ones have `error` alone, with the whole text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status_code: Option<u16>,
    /// The name of the status, or the whole text.
    pub error: String,
    /// For a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<String>,
}

/// An error whose text is part of the contract.
#[derive(Serialize, ToSchema)]
pub struct ExactErrorBody {
    /// The whole text.
    pub error: String,
}
