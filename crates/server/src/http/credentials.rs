//! `/credentials` (contract §6.7).

use std::time::Duration;

use app::{CredentialsCaller, OwnCredentials};
use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde_json::Value;
use tracing::Instrument as _;

use super::{
    App, answer,
    body::RequestBody,
    date_time,
    error::{self, ApiError},
    input::{Input, Invalid},
    schema::{CredentialsRequest, CredentialsView, ErrorBody, ExactErrorBody},
};
use crate::telemetry::spans::use_case;

/// How long credentials are valid if the caller does not say.
const VALID_FOR: Duration = Duration::from_hours(1);

/// The longest that credentials are valid, in seconds: a day, as at the video provider.
const VALID_FOR_S_MAX: i64 = 24 * 3600;

/// Makes an access token with which an application of the caller talks to the video provider. Somebody who is no user there yet becomes
/// one.
#[utoipa::path(
    post, path = "/credentials", operation_id = "createCredentials", tag = "credentials",
    request_body(content = inline(Option<CredentialsRequest>), content_type = "application/json"),
    responses(
        (status = 201, description = "The token", body = CredentialsView),
        (status = 400, description = "A field is wrong", body = ErrorBody),
        (status = 401, description = "The caller is not named, not known, or in no configured group", body = ExactErrorBody),
    ),
)]
pub async fn create(
    State(app): State<App>,
    parts: Parts,
    RequestBody(body): RequestBody,
) -> Result<Response, ApiError> {
    let valid_for = valid_for(&body)?;
    let caller = app
        .identity
        .caller(&parts, &[])
        .map(|id| CredentialsCaller { id, groups: app.headers.caller_groups(&parts.headers) });
    let made = app::credentials(&app.acting(&parts.headers), caller.as_ref(), valid_for)
        .instrument(use_case("credentials"))
        .await;
    let OwnCredentials { user, credentials } = made.map_err(error::credentials_failed)?;
    let view = CredentialsView {
        access_token: credentials.expose_token().to_owned(),
        expires_at: date_time::format(credentials.expires),
        bandyer_user_id: user.to_string(),
    };
    Ok(answer::json(StatusCode::CREATED, &view))
}

fn valid_for(body: &Value) -> Result<Duration, Invalid> {
    if body.is_null() {
        return Ok(VALID_FOR);
    }
    let Some(field) = Input::new("body", body).object()?.optional("expiresIn") else { return Ok(VALID_FOR) };
    // A negative number is no number of seconds.
    match u64::try_from(field.integer()?.min(VALID_FOR_S_MAX)) {
        Ok(0) | Err(_) => Err(field.refused("must be >= 1")),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seconds_are_whole_and_at_least_one_and_more_than_a_day_is_a_day() {
        let valid_for_s = |body: Value| valid_for(&body).ok().map(|it| it.as_secs());
        assert_eq!(valid_for_s(Value::Null), Some(3600));
        assert_eq!(valid_for_s(json!({})), Some(3600));
        assert_eq!(valid_for_s(json!({"expiresIn": 1})), Some(1));
        assert_eq!(valid_for_s(json!({"expiresIn": "600"})), Some(600));
        for more in [json!(86_400), json!(86_401), json!(1e300), json!(u64::MAX)] {
            assert_eq!(valid_for_s(json!({"expiresIn": more})), Some(86_400));
        }
        for wrong in [json!(0), json!(-5), json!(i64::MIN), json!(1.5), json!("soon"), json!(null), json!([60])] {
            assert_eq!(valid_for_s(json!({"expiresIn": wrong})), None);
        }
        assert_eq!(valid_for_s(json!([])), None);
    }
}
