//! `/teleconsultation` (contract §6.1 to §6.5).

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::TeleconsultationId;
use ports::provider::UploadsDeleted;
use tracing::Instrument as _;
use utoipa::IntoParams;

use super::{
    App, answer, body,
    body::RequestBody,
    booking::{self, Naming},
    error::{self, ApiError, Operation},
    forward::Acting,
    input::Input,
    schema::{
        BookingRequest, ChangeRequest, ErrorBody, ExactErrorBody, PersonRequest, ScheduledView, TeleconsultationView,
        UploadsView,
    },
    view,
};
use crate::{desk::What, telemetry::spans::use_case};

/// The id in the path, as the caller wrote it.
pub struct RoomId(pub String);

impl RoomId {
    /// The id, if it can be one. Else it is answered like an unknown one.
    pub fn known(&self) -> Option<TeleconsultationId> {
        TeleconsultationId::parse(&self.0).ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RoomId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(ApiError::bad_request(format!("'{}' is not a valid url component", parts.uri.path()))),
        }
    }
}

/// Schedules a teleconsultation.
#[utoipa::path(
    post, path = "/teleconsultation", operation_id = "scheduleTeleconsultation", tag = "teleconsultation",
    request_body(content((BookingRequest = "application/json"))),
    responses(
        (status = 201, description = "Scheduled", body = ScheduledView),
        (status = 400, description = "A field is wrong, or nobody who may organise is among the people", body = ErrorBody),
    ),
)]
pub async fn schedule(
    State(app): State<App>,
    Acting(ctx): Acting,
    RequestBody(body): RequestBody,
) -> Result<Response, ApiError> {
    let booking = booking::booking(&Input::new("body", &body), Naming::of(&ctx))?;
    let id = app::schedule(&ctx, &booking).instrument(use_case("schedule")).await.map_err(error::schedule_failed)?;
    app.changes.tell(&id, What::Booked);
    Ok(answer::json(StatusCode::CREATED, &ScheduledView { room_id: id.to_string() }))
}

/// Changes a teleconsultation. If it needs another room, everyone's link changes.
#[utoipa::path(
    patch, path = "/teleconsultation/{roomId}", operation_id = "changeTeleconsultation", tag = "teleconsultation",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    request_body(content((ChangeRequest = "application/json"))),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "A field is wrong, nobody who may organise is among the people, or it is too late to change", body = ErrorBody),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
        (status = 409, description = "Others keep changing it at the same time", body = ErrorBody),
    ),
)]
pub async fn change(
    State(app): State<App>,
    Acting(ctx): Acting,
    room_id: RoomId,
    RequestBody(body): RequestBody,
) -> Result<StatusCode, ApiError> {
    let change = booking::change(&Input::new("body", &body), Naming::of(&ctx))?;
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    let failed = |error| error::change_failed(Operation::Change, &room_id.0, error);
    app::change(&ctx, &id, &change).instrument(use_case("change")).await.map_err(failed)?;
    app.changes.tell(&id, What::Changed);
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a person to a teleconsultation, or corrects what is known of one.
#[utoipa::path(
    post, path = "/teleconsultation/{roomId}/participants/data", operation_id = "addParticipant", tag = "teleconsultation",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    request_body(content((PersonRequest = "application/json"))),
    responses(
        (status = 201, description = "Added"),
        (status = 400, description = "A field is wrong, everyone is known already, or it is too late to change", body = ErrorBody),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
        (status = 409, description = "Others keep changing it at the same time", body = ErrorBody),
    ),
)]
pub async fn add_participant(
    State(app): State<App>,
    Acting(ctx): Acting,
    room_id: RoomId,
    RequestBody(body): RequestBody,
) -> Result<StatusCode, ApiError> {
    let person = booking::person(&Input::new("body", &body), Naming::of(&ctx))?;
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    let failed = |error| error::change_failed(Operation::AddParticipant { room_id: &room_id.0 }, &room_id.0, error);
    app::add_participant(&ctx, &id, &person).instrument(use_case("add_participant")).await.map_err(failed)?;
    app.changes.tell(&id, What::Changed);
    Ok(StatusCode::CREATED)
}

/// The query of [`read`], for the API document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; `link_options` reads it")]
pub struct ReadQuery {
    /// Whether the person's camera starts with the company's virtual background.
    #[param(rename = "useBackground")]
    use_background: Option<bool>,
    /// The language of the call page: `en`, `it`, `es`, `de` or `fr`; others are ignored.
    language: Option<String>,
}

/// Shows a teleconsultation to one of its people, with their personal link once it can no longer change.
#[utoipa::path(
    get, path = "/teleconsultation/{roomId}", operation_id = "readTeleconsultation", tag = "teleconsultation",
    params(("roomId" = String, Path, description = "The teleconsultation's id"), ReadQuery),
    responses(
        (status = 200, description = "As this person sees it", body = TeleconsultationView),
        (status = 400, description = "The query is wrong", body = ErrorBody),
        (status = 401, description = "The caller is none of its people", body = ExactErrorBody),
        (status = 404, description = "There is no such teleconsultation", body = ExactErrorBody),
    ),
)]
pub async fn read(State(app): State<App>, room_id: RoomId, parts: Parts) -> Result<Response, ApiError> {
    let options = link_options(&parts)?;
    let id = room_id.known().ok_or_else(|| error::not_found_on_read(&room_id.0))?;
    let caller = app.identity.caller(&parts, &[("roomId", &room_id.0)]);
    let seen = app::read(&app.acting(&parts.headers), caller.as_ref(), &id).instrument(use_case("read")).await;
    let seen = seen.map_err(|error| error::read_failed(&room_id.0, error))?;
    Ok(answer::json(StatusCode::OK, &view::teleconsultation(seen, options, &app.links)))
}

fn link_options(parts: &Parts) -> Result<view::LinkOptions, ApiError> {
    let Some(query) = parts.uri.query() else { return Ok(view::LinkOptions::default()) };
    let query = body::form(query.as_bytes())?;
    let fields = Input::new("querystring", &query).object()?;
    let background = fields.optional("useBackground").map(|input| input.boolean()).transpose()?;
    let language = fields.optional("language").map(|input| input.text()).transpose()?;
    Ok(view::LinkOptions {
        background: background.unwrap_or(false),
        language: language.and_then(|tag| view::PageLanguage::of(&tag)),
    })
}

/// Moves a teleconsultation to the trash and deletes its room. Deleting it again changes nothing.
#[utoipa::path(
    delete, path = "/teleconsultation/{roomId}", operation_id = "deleteTeleconsultation", tag = "teleconsultation",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "There never was such a teleconsultation", body = ErrorBody),
        (status = 409, description = "Others keep changing it at the same time", body = ErrorBody),
    ),
)]
pub async fn delete(State(app): State<App>, Acting(ctx): Acting, room_id: RoomId) -> Result<Response, ApiError> {
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    app::delete(&ctx, &id)
        .instrument(use_case("delete"))
        .await
        .map_err(|error| error::delete_failed(&room_id.0, error))?;
    app.changes.tell(&id, What::Cancelled);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Deletes the files that were shared in a teleconsultation. The page of a call asks for this when it ends.
#[utoipa::path(
    delete, path = "/teleconsultation/{roomId}/uploads", operation_id = "deleteUploads", tag = "teleconsultation",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    responses(
        (status = 200, description = "How many files there were, and how many are gone; if fewer, ask again", body = UploadsView),
        (status = 204, description = "Files are not deleted here (`TELECONSULTATION_DELETE_UPLOADS`)"),
        (status = 401, description = "The caller is named and none of its people", body = ExactErrorBody),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
    ),
)]
pub async fn delete_uploads(State(app): State<App>, room_id: RoomId, parts: Parts) -> Result<Response, ApiError> {
    let claim = app.identity.claim(&parts, &[("roomId", &room_id.0)]);
    let Some(id) = room_id.known() else {
        // Where nothing is looked at, an id that cannot be one makes no difference.
        return if app.ctx.policy.delete_uploads { Err(error::not_found(&room_id.0)) } else { Ok(no_content()) };
    };
    let outcome =
        app::delete_uploads(&app.acting(&parts.headers), &claim, &id).instrument(use_case("delete_uploads")).await;
    match outcome.map_err(|error| error::delete_uploads_failed(&room_id.0, error))? {
        Some(UploadsDeleted { total, deleted }) => Ok(answer::json(StatusCode::OK, &UploadsView { total, deleted })),
        None => Ok(no_content()),
    }
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
