//! The API document, generated from the code, and a page that shows it (`mia-platform.md` §3.3).

mod page;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::{Map, Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, Response as DocumentedResponse, SecurityRequirement,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    App, SERVICE_NAME, SERVICE_VERSION, answer, call_check, channel, credentials, desk, entrance, files, rating,
    settings, teleconsultations, transcription,
};

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
        teleconsultations::delete_uploads,
        transcription::read,
        credentials::create,
        settings::add_background,
        settings::update,
        entrance::enter,
        rating::rate,
        channel::open,
        desk::list,
        desk::view,
        desk::events,
        desk::rules,
        desk::quality,
        desk::ratings,
        desk::calendar,
        files::create,
        files::look,
        files::append,
        files::remove,
        files::fetch,
        call_check::begin,
        call_check::bytes,
    ),
    components(schemas(desk::ChangeEvent)),
    tags(
        (name = "teleconsultation", description = "Teleconsultations and the people in them"),
        (name = "credentials", description = "Access tokens for people's applications"),
        (name = "settings", description = "What the company has set for its calls"),
        (name = "call", description = "Into a call"),
        (name = "desk", description = "What the reception desk sees; with its key, where `DESK` is not `false`"),
        (name = "files", description = "Files that people send in a call, by tus 1.0.0"),
    ),
    modifiers(&Everywhere),
)]
struct Document;

/// Where the caller's id is unless it is configured otherwise.
const CALLER_HEADER: &str = "miauserid";

/// The operations whose answer depends on who calls.
const CALLER_COUNTS: [(&str, &str); 6] = [
    ("/teleconsultation/{roomId}", "get"),
    ("/teleconsultation/{roomId}/uploads", "delete"),
    ("/transcription/{roomId}/{sessionId}", "get"),
    ("/credentials", "post"),
    ("/settings/background-image", "post"),
    ("/settings/update", "patch"),
];

/// What holds for every operation, written once.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        SERVICE_NAME.clone_into(&mut document.info.title);
        SERVICE_VERSION.clone_into(&mut document.info.version);
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().filter_map(Option::as_mut) {
                complete(operation);
            }
        }
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(DESK_KEY)).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(DESK_SCHEME, SecurityScheme::Http(key));
    }
}

/// What the desk's operations need.
const DESK_SCHEME: &str = "deskKey";

const DESK_KEY: &str = "The reception desk's key: `DESK_KEY`, or the one that `teleconsultation desk-link` prints.";

fn complete(operation: &mut Operation) {
    let mut failures = vec![
        ("400", "The path is not well-formed"),
        ("500", "Something went wrong; the log has the reason"),
        ("502", "The video provider did not do what it was asked"),
        ("503", "Not now: try again after the seconds in `retry-after`"),
    ];
    if operation.request_body.is_some() {
        failures.extend([
            ("408", "The body did not arrive in time"),
            ("413", "The body is too long"),
            ("415", "The body is neither JSON nor a form"),
        ]);
    }
    if operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == "desk")) {
        operation.security = Some(vec![SecurityRequirement::new(DESK_SCHEME, Vec::<String>::new())]);
        failures
            .extend([("401", "The desk's key is missing or wrong"), ("429", "Too many wrong keys from one address")]);
    }
    for (status, description) in failures {
        let body = Content::new(Some(RefOr::Ref(Ref::from_schema_name("ErrorBody"))));
        let response = DocumentedResponse::builder().description(description).content("application/json", body);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
}

/// People who know each other from one example to the next.
const EXAMPLE_DOCTOR: &str = "doctor-1";
const EXAMPLE_PATIENT: &str = "patient-1";

/// The document, as it is committed in `docs/openapi.json`.
#[expect(clippy::missing_panics_doc, reason = "it never panics")]
pub fn document() -> Value {
    // The document has string keys only.
    let mut document = serde_json::to_value(Document::openapi()).expect("the API document has a JSON form");
    // What the types cannot say: how the two ways to say when it ends exclude each other, and what an id is good for.
    let schemas = &mut document["components"]["schemas"];
    schemas["BookingRequest"]["oneOf"] = json!([{"required": ["end_date"]}, {"required": ["duration_in_seconds"]}]);
    schemas["ChangeRequest"]["not"] = json!({"required": ["end_date", "duration_in_seconds"]});
    schemas["ChangeRequest"]["minProperties"] = json!(1);
    let operations = [
        "readTeleconsultation",
        "changeTeleconsultation",
        "deleteTeleconsultation",
        "deleteUploads",
        "addParticipant",
        "viewTeleconsultation",
        "readQuality",
        "readCalendar",
    ];
    let link = |operation: &str| json!({"operationId": operation, "parameters": {"roomId": "$response.body#/roomId"}});
    let links: Map<_, _> = operations.iter().map(|name| ((*name).to_owned(), link(name))).collect();
    document["paths"]["/teleconsultation"]["post"]["responses"]["201"]["links"] = Value::Object(links);
    exemplify(&mut document);
    document
}

/// Adds values that work with the built-in configuration, so that a request made from the document gets further than its validation.
fn exemplify(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    let or_another = |usual: &[&str], schema: &Value| {
        json!({
            "description": schema["description"],
            "anyOf": [{"type": "string", "enum": usual}, schema],
        })
    };
    schemas["Group"] = or_another(&["doctor", "patient"], &schemas["Group"]);
    let id = or_another(&[EXAMPLE_DOCTOR, EXAMPLE_PATIENT], &schemas["PersonRequest"]["properties"]["userId"]);
    schemas["PersonRequest"]["properties"]["userId"] = id;

    let doctor = json!({"userId": EXAMPLE_DOCTOR, "groups": ["doctor"], "fullName": "Ada Marino", "language": "it"});
    let patient = json!({"userId": EXAMPLE_PATIENT, "groups": ["patient"], "fullName": "Luca Conti"});
    let booking = json!({
        "start_date": "2030-01-01T10:00:00.000Z",
        "duration_in_seconds": 1800,
        "participants": {"number": 2, "data": [doctor, patient]},
    });
    let change = json!({"start_date": "2030-01-01T11:00:00.000Z", "end_date": "2030-01-01T11:45:00.000Z"});
    let paths = &mut document["paths"];
    for (path, method, body) in [
        ("/teleconsultation", "post", &booking),
        ("/teleconsultation/{roomId}", "patch", &change),
        ("/teleconsultation/{roomId}/participants/data", "post", &patient),
    ] {
        paths[path][method]["requestBody"]["content"]["application/json"]["example"] = body.clone();
    }
    // A parameter and no security scheme: the gateway proves who calls, the header only says it.
    let caller = json!({
        "name": CALLER_HEADER,
        "in": "header",
        "description": "The caller's id, as the API gateway states it; a teleconsultation is for its people only. The name and place can be configured.",
        "required": false,
        "schema": {"anyOf": [{"type": "string", "enum": [EXAMPLE_DOCTOR, EXAMPLE_PATIENT]}, {"type": "string"}]},
        "example": EXAMPLE_DOCTOR,
    });
    for (path, method) in CALLER_COUNTS {
        let parameters = &mut paths[path][method]["parameters"];
        match parameters.as_array_mut() {
            Some(parameters) => parameters.push(caller.clone()),
            None => *parameters = json!([caller]),
        }
    }
}

static JSON: LazyLock<Value> = LazyLock::new(document);

static PAGE: LazyLock<String> = LazyLock::new(|| page::html(&JSON));

/// The document's routes. None of them loads anything from another host.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/documentation/json", get(as_json))
        .route("/documentation/", get(html))
        .route("/documentation/static/style.css", get(style))
        .route("/documentation", get(to_html))
        .route("/documentation/static/index.html", get(to_html))
}

async fn as_json() -> Response {
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
