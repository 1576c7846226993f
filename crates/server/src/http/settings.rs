//! `/settings` (contract §6.8, §6.9).

use app::CompanyEditor;
use axum::{
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use ports::provider::{Background, Company};
use tracing::Instrument as _;

use super::{
    App, answer,
    body::RequestBody,
    date_time,
    error::{self, ApiError},
    image_form,
    input::Input,
    schema::{
        BackgroundAddedView, BackgroundForm, BackgroundView, CompanyChangedView, CompanyRequest, CompanyView,
        DefaultBackgroundView, ErrorBody, ExactErrorBody,
    },
};
use crate::telemetry::spans::use_case;

/// The longest alias passed on, in bytes; the video provider's have 32.
const ALIAS_BYTES_MAX: usize = 256;

/// Adds an image that people can have behind them in calls once it is the default one. There can be ten.
#[utoipa::path(
    post, path = "/settings/background-image", operation_id = "addBackground", tag = "settings",
    request_body(content = BackgroundForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Added", body = BackgroundAddedView),
        (status = 400, description = "There is no such part, no image in it, one that the video provider does not take, or there are ten backgrounds already", body = ErrorBody),
        (status = 401, description = "The caller is not named", body = ExactErrorBody),
    ),
)]
pub async fn add_background(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    // Nobody's image is read.
    let editor = editor(&app, &parts)?;
    let ctx = app.acting(&parts.headers);
    let image = image_form::background(Request::from_parts(parts, body)).await?;
    let added = app::add_background(&ctx, &editor, image)
        .instrument(use_case("add_background"))
        .await
        .map_err(error::background_refused)?;
    let Background { alias, url, created } = added;
    let background = BackgroundView { background_alias: alias, url, creation_date: created.map(date_time::format) };
    Ok(answer::json(StatusCode::OK, &BackgroundAddedView { virtual_background: background }))
}

/// Makes a background the one that people in calls can use.
#[utoipa::path(
    patch, path = "/settings/update", operation_id = "updateSettings", tag = "settings",
    request_body(content((CompanyRequest = "application/json"))),
    responses(
        (status = 200, description = "What the company has set then", body = CompanyChangedView),
        (status = 400, description = "A field is wrong", body = ErrorBody),
        (status = 401, description = "The caller is not named", body = ExactErrorBody),
        (status = 404, description = "There is no such background", body = ErrorBody),
    ),
)]
pub async fn update(
    State(app): State<App>,
    parts: Parts,
    RequestBody(body): RequestBody,
) -> Result<Response, ApiError> {
    let editor = editor(&app, &parts)?;
    let field = Input::new("body", &body).object()?.required("background_alias")?;
    let alias = field.text()?;
    if alias.is_empty() || alias.len() > ALIAS_BYTES_MAX {
        return Err(error::no_background(&alias));
    }
    let company = app::set_default_background(&app.acting(&parts.headers), &editor, &alias)
        .instrument(use_case("set_default_background"))
        .await?;
    let company = company.ok_or_else(|| error::no_background(&alias))?;
    Ok(answer::json(StatusCode::OK, &CompanyChangedView { company: view(company) }))
}

fn editor(app: &App, parts: &Parts) -> Result<CompanyEditor, ApiError> {
    CompanyEditor::of(app.identity.caller(parts, &[]).as_ref()).ok_or_else(error::unauthorized)
}

/// What is not set is empty, as the documented answer has it.
fn view(company: Company) -> CompanyView {
    CompanyView {
        name: company.name.unwrap_or_default(),
        default_language: company.default_language.unwrap_or_default(),
        default_background: company.default_background.map(|background| DefaultBackgroundView {
            alias: background.alias,
            url: background.url,
            creation_date: background.created.map(date_time::format),
        }),
        end_call_redirect_url: company.end_call_redirect_url.unwrap_or_default(),
        user_details_provider_url: company.user_details_provider_url.unwrap_or_default(),
        end_call_redirect_timeout_ms: company.end_call_redirect_timeout_ms.unwrap_or(0),
    }
}
