//! The program's HTTP side: every route in one place, and what each request goes through.

pub mod answer;
mod backgrounds;
pub mod body;
pub mod booking;
pub mod brand;
pub mod call_check;
mod channel;
mod check;
mod client_address;
pub mod credentials;
pub mod date_time;
pub mod desk;
pub mod documentation;
pub mod entrance;
pub mod error;
mod files;
pub mod forward;
pub mod identity;
pub mod image_form;
pub mod input;
pub mod limits;
pub mod live_brand;
pub mod metrics;
mod observe;
pub mod pages;
mod rate_limit;
mod rating;
mod request_id;
pub mod schema;
pub mod settings;
pub mod status;
pub mod teleconsultations;
pub mod transcription;
pub mod view;

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use app::Ctx;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post},
};
use serde::Serialize;
use video::{BACKGROUNDS_PATH, VideoService, files::Files};

use crate::{channel::Hub, desk::Changes};
pub use client_address::{TrustedProxies, network};
use desk::Desk;
use forward::PlatformHeaders;
use identity::IdentityPath;
use limits::InFlight;
use live_brand::LiveBrand;
use metrics::Metrics;
use pages::PagePolicy;
use rate_limit::RateLimit;
use status::{Checks, Readiness};

/// The name under which the service answers its status routes and titles its API.
pub const SERVICE_NAME: &str = "teleconsultation-service-backend";

/// The version that status routes and the API document state.
pub const SERVICE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the API gateway exposes the API (contract §1). It is served here too, so that no gateway is needed.
pub const PUBLIC_PREFIX: &str = "/api/v1/telecons-be";

/// What every request handler is given. It is cloned several times for each request, so a clone is the same one.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What [`App`] holds.
pub struct Shared {
    /// The use cases' ports and rules.
    pub ctx: Ctx,
    /// Where requests say who calls.
    pub identity: IdentityPath,
    /// What the platform's headers are called.
    pub headers: PlatformHeaders,
    /// Whether services of the platform are asked on a caller's behalf.
    pub forwards: bool,
    /// What links are given besides what the query asks for.
    pub links: view::LinkRules,
    /// Lets people from their link into their call; `None` where another provider does that.
    pub entrance: Option<Arc<VideoService>>,
    /// What a call has besides media; `None` where there is no entrance.
    pub channel: Option<Hub>,
    /// The files that they send there, where there is an entrance.
    pub files: Option<Arc<Files>>,
    /// Whether the program can take traffic.
    pub readiness: Readiness,
    /// Whether store and provider are well.
    pub checks: Checks,
    /// Counts requests.
    pub metrics: Metrics,
    /// Whether the figures are shown (`EXPOSE_METRICS`).
    pub expose_metrics: bool,
    /// What pages may load and who may frame them.
    pub pages: PagePolicy,
    /// The colours and logos of pages.
    pub brand: LiveBrand,
    /// Whose word about the client's address counts.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// Requests under way.
    pub in_flight: InFlight,
    /// How often one client may try links.
    pub entrance_rate: RateLimit,
    /// How often one client may open call channels.
    pub channel_rate: RateLimit,
    /// The reception desk, where there is one.
    pub desk: Option<Desk>,
    /// What the desk is told of.
    pub changes: Changes,
    /// How often one client may check its way to the engine.
    pub check_rate: RateLimit,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// The use cases' ports, on behalf of whoever sent these headers.
    pub fn acting(&self, headers: &HeaderMap) -> Ctx {
        if self.forwards { self.ctx.on_behalf_of(self.headers.caller(headers)) } else { self.ctx.clone() }
    }
}

/// The parts of [`App`] that the wiring decides on; the rest have one right value.
pub struct AppParts {
    /// The use cases' ports and rules.
    pub ctx: Ctx,
    /// Where requests say who calls.
    pub identity: IdentityPath,
    /// What the platform's headers are called.
    pub headers: PlatformHeaders,
    /// Whether services of the platform are asked on a caller's behalf.
    pub forwards: bool,
    /// What links are given besides what the query asks for.
    pub links: view::LinkRules,
    /// Lets people from their link into their call; `None` where another provider does that.
    pub entrance: Option<Arc<VideoService>>,
    /// What a call has besides media; `None` where there is no entrance.
    pub channel: Option<Hub>,
    /// The files that they send there, where there is an entrance.
    pub files: Option<Arc<Files>>,
    /// What pages may load and who may frame them.
    pub pages: PagePolicy,
    /// The colours and logos of pages.
    pub brand: LiveBrand,
    /// Whose word about the client's address counts.
    pub trusted_proxies: TrustedProxies,
    /// Whether the figures are shown.
    pub expose_metrics: bool,
    /// The reception desk, where there is one.
    pub desk: Option<Desk>,
    /// What the desk is told of.
    pub changes: Changes,
}

impl From<AppParts> for App {
    fn from(parts: AppParts) -> Self {
        let AppParts {
            ctx,
            identity,
            headers,
            forwards,
            links,
            entrance,
            channel,
            files,
            pages,
            brand,
            trusted_proxies,
            expose_metrics,
            desk,
            changes,
        } = parts;
        Self(Arc::new(Shared {
            ctx,
            identity,
            headers,
            forwards,
            links,
            entrance,
            channel,
            files,
            readiness: Readiness::default(),
            checks: Checks::default(),
            metrics: Metrics::default(),
            expose_metrics,
            pages,
            brand,
            trusted_proxies: Arc::new(trusted_proxies),
            in_flight: InFlight::default(),
            entrance_rate: RateLimit::default(),
            channel_rate: RateLimit::default(),
            desk,
            changes,
            check_rate: call_check::rate(),
        }))
    }
}

/// Every route of the program. `service_prefix` is a further prefix for the API, such as `/consultations`; `engine` has the routes of
/// the media engine and of the video service's own API.
pub fn router(app: App, service_prefix: Option<&str>, engine: Router) -> Router {
    let has_desk = app.desk.is_some();
    let api = || {
        let desk = if has_desk { desk::routes() } else { Router::new() };
        desk.route("/teleconsultation", post(teleconsultations::schedule))
            .route(
                "/teleconsultation/{roomId}",
                patch(teleconsultations::change).get(teleconsultations::read).delete(teleconsultations::delete),
            )
            .route("/teleconsultation/{roomId}/participants/data", post(teleconsultations::add_participant))
            .route("/teleconsultation/{roomId}/uploads", delete(teleconsultations::delete_uploads))
            .route("/credentials", post(credentials::create))
            .route("/settings/update", patch(settings::update))
            .route("/transcription/{roomId}/{sessionId}", get(transcription::read))
    };
    // Their bodies are larger than others may be, and are read by their handler.
    let images = || Router::new().route("/settings/background-image", post(settings::add_background));
    let prefixes: BTreeSet<_> = [Some(PUBLIC_PREFIX), service_prefix]
        .into_iter()
        .flatten()
        .map(|prefix| prefix.trim_end_matches('/'))
        .collect();
    let (mut limited, mut images_everywhere) = (api(), images());
    for prefix in prefixes.into_iter().filter(|prefix| !prefix.is_empty()) {
        limited = limited.nest(prefix, api());
        images_everywhere = images_everywhere.nest(prefix, images());
    }
    if app.entrance.is_some() {
        limited = limited
            .route("/call/enter", post(entrance::enter))
            .route("/call/check", post(call_check::begin))
            .route(&format!("{}/{{key}}", call_check::BYTES_PATH), get(call_check::bytes))
            .route(&format!("{BACKGROUNDS_PATH}/{{alias}}"), get(backgrounds::show));
    }
    if app.channel.is_some() {
        limited = limited.route("/call/rating", post(rating::rate));
    }
    let limited = limited.layer(middleware::from_fn_with_state(app.clone(), limits::apply));
    // It lasts as long as a call, so it has limits of its own.
    let channel = match &app.channel {
        Some(_) => Router::new().route("/call/channel", get(channel::open)),
        None => Router::new(),
    };
    let images = images_everywhere
        .layer(DefaultBodyLimit::max(image_form::FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), limits::apply_to_image));
    let files = if app.files.is_some() { files::routes(&app) } else { Router::new() };
    let figures = if app.expose_metrics { metrics::routes() } else { Router::new() };

    limited
        .merge(images)
        .merge(channel)
        .merge(files)
        .merge(status::routes())
        .merge(documentation::routes())
        .merge(pages::routes())
        .merge(if has_desk { pages::desk_routes() } else { Router::new() })
        .merge(figures)
        .merge(engine.with_state(()))
        .fallback(unknown_route)
        // A method that a path lacks is answered like an unknown path (`mia-platform.md` §3.5).
        .method_not_allowed_fallback(unknown_route)
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// The platform's answer to an unknown route; its keys are in another order than those of other errors.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnknownRouteBody<'a> {
    message: String,
    error: &'a str,
    status_code: u16,
}

async fn unknown_route(request: Request) -> Response {
    let target = request.extensions().get::<axum::extract::OriginalUri>().map_or(request.uri(), |uri| &uri.0);
    let target = target.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let message = format!("Route {}:{target} not found", request.method());
    let body = UnknownRouteBody { message, error: "Not Found", status_code: 404 };
    answer::json(StatusCode::NOT_FOUND, &body).into_response()
}
