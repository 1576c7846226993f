//! The API document, generated from the code, and a page that shows it (`mia-platform.md` §3.3).

mod page;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, Response as DocumentedResponse,
        path::Operation,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use super::{App, SERVICE_NAME, SERVICE_VERSION, answer, entrance, teleconsultations};

/// The API document.
#[derive(OpenApi)]
#[openapi(
    info(description = "Schedules video consultations and lets people into them."),
    paths(
        teleconsultations::schedule,
        teleconsultations::change,
        teleconsultations::add_participant,
        teleconsultations::read,
        teleconsultations::delete,
        entrance::enter,
    ),
    tags(
        (name = "teleconsultation", description = "Teleconsultations and the people in them"),
        (name = "call", description = "Into a call"),
    ),
    modifiers(&Everywhere),
)]
struct Document;

/// What holds for every operation, written once.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        SERVICE_NAME.clone_into(&mut document.info.title);
        SERVICE_VERSION.clone_into(&mut document.info.version);
        let caller = ApiKey::Header(ApiKeyValue::with_description(
            "miauserid",
            "The caller's id, as the API gateway states it. Its name and place can be configured.",
        ));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("callerId", SecurityScheme::ApiKey(caller));
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().filter_map(Option::as_mut) {
                complete(operation);
            }
        }
    }
}

fn complete(operation: &mut Operation) {
    let mut failures = vec![
        ("400", "The path is not well-formed"),
        ("500", "Something went wrong; the log has the reason"),
        ("502", "The video provider did not do what it was asked"),
        ("503", "Not now: try again after the seconds in `retry-after`"),
    ];
    if operation.request_body.is_some() {
        failures.extend([("413", "The body is too long"), ("415", "The body is neither JSON nor a form")]);
    }
    for (status, description) in failures {
        let body = Content::new(Some(RefOr::Ref(Ref::from_schema_name("ErrorBody"))));
        let response = DocumentedResponse::builder().description(description).content("application/json", body);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
}

/// The document, as it is committed in `docs/openapi.json`.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

static JSON: LazyLock<serde_json::Value> = LazyLock::new(|| {
    // The document has string keys only.
    serde_json::to_value(document()).expect("the API document has a JSON form")
});

static PAGE: LazyLock<String> = LazyLock::new(|| page::html(&JSON));

/// The document's routes. None of them loads anything from another host.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/documentation/json", get(json))
        .route("/documentation/", get(html))
        .route("/documentation/static/style.css", get(style))
        .route("/documentation", get(to_html))
        .route("/documentation/static/index.html", get(to_html))
}

async fn json() -> Response {
    answer::json(StatusCode::OK, &*JSON)
}

async fn html() -> Response {
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    );
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, content_type), (HeaderName::from_static("content-security-policy"), policy)];
    (headers, PAGE.as_str()).into_response()
}

async fn style() -> Response {
    let content_type = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], page::STYLE).into_response()
}

async fn to_html() -> Response {
    let mut response = Redirect::to("/documentation/").into_response();
    *response.status_mut() = StatusCode::FOUND;
    response
}
