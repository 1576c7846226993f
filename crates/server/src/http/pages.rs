//! The pages and their assets, which are inside the program.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use url::Url;

use super::{
    App,
    brand::{self, Brand},
    error::ApiError,
};

/// `web/dist`, as built by `build.rs`.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Built;

const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The script of the one worker that compiles WebAssembly: what tells a person from the room behind them. A worker has the policy of its own
/// answer, so no page may do what it may, and it may do nothing that it need not.
const SEGMENTATION_WORKER: &str = "segmentation-worker-";
const SEGMENTATION_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'");

/// What pages may load, and who may frame them.
pub struct PagePolicy {
    content_security_policy: HeaderValue,
    /// The same for the reception desk, which nobody frames and which needs no engine, frame or media.
    desk_security_policy: HeaderValue,
    permissions_policy: HeaderValue,
    /// The media engine's address, for the call page.
    pub engine_url: String,
}

impl PagePolicy {
    /// The policy of pages that people reach at `public_url`. Where that is this machine, its other names are meant too.
    pub fn new(public_url: &Url, brand: &Brand) -> Self {
        Self::with_frames(public_url, None, brand)
    }

    /// The policy where another provider, whose API is at `provider_url`, has the call page. Its links lead to the company's own host
    /// (`kaleyra-video-api.md` §8.1), which only they tell; one of the provider's domain it is.
    pub fn with_calls_elsewhere(public_url: &Url, provider_url: &str, brand: &Brand) -> Self {
        let own = Url::parse(provider_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let elsewhere = format!("{own} https://*.bandyer.com https://*.kaleyra.com");
        Self::with_frames(public_url, Some(&elsewhere), brand)
    }

    /// `elsewhere` has the hosts of a call page that is not ours.
    fn with_frames(public_url: &Url, elsewhere: Option<&str>, brand: &Brand) -> Self {
        let origins = origins(public_url);
        let mut pages = String::from("'self'");
        let mut engine = String::from("'self'");
        let mut devices = String::from("self");
        for origin in &origins {
            // Writing to a `String` never fails.
            let _ = write!(pages, " {origin}");
            let _ = write!(engine, " {origin} {}", web_socket(origin));
            let _ = write!(devices, " \"{origin}\"");
        }
        let logo = brand.logo_origin().map_or_else(String::new, |origin| format!(" {origin}"));
        let frames = elsewhere.map_or_else(|| pages.clone(), |elsewhere| format!("{pages} {elsewhere}"));
        let content_security_policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{logo}; font-src 'self'; \
             media-src 'self' blob:; worker-src 'self' blob:; connect-src {engine}; frame-src {frames}; \
             frame-ancestors {pages}; base-uri 'none'; form-action 'none'; object-src 'none'"
        );
        let desk_security_policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{logo}; font-src 'self'; \
             connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
        );
        // Which pages may be framed at all is said above; not every browser takes a domain's hosts in this policy.
        let devices = if elsewhere.is_some() { "*".to_owned() } else { format!("({devices})") };
        let permissions_policy =
            ["camera", "microphone", "display-capture", "autoplay", "fullscreen", "clipboard-write"]
                .map(|feature| format!("{feature}={devices}"))
                .join(", ");
        // Origins are ASCII without control characters: `Url` writes them so.
        let header = |text: &str| HeaderValue::from_str(text).expect("origins are printable ASCII");
        Self {
            content_security_policy: header(&content_security_policy),
            desk_security_policy: header(&desk_security_policy),
            permissions_policy: header(&permissions_policy),
            engine_url: web_socket(&public_url.origin().ascii_serialization()),
        }
    }
}

fn origins(public_url: &Url) -> Vec<String> {
    let mut origins = vec![public_url.origin().ascii_serialization()];
    // Browsers take no IPv6 address in a policy: pages on `[::1]` frame pages on `[::1]` only.
    if matches!(public_url.host_str(), Some("localhost" | "127.0.0.1")) {
        for host in ["localhost", "127.0.0.1"] {
            let mut other = public_url.clone();
            // Each of these is a host name that an HTTP URL may have.
            if other.set_host(Some(host)).is_ok() {
                origins.push(other.origin().ascii_serialization());
            }
        }
        origins.sort();
        origins.dedup();
    }
    origins
}

/// `ws` for `http`, `wss` for `https`.
fn web_socket(origin: &str) -> String {
    origin.strip_prefix("http").map_or_else(|| origin.to_owned(), |rest| format!("ws{rest}"))
}

/// The pages' routes. Links of every published shape lead to the call page (`kaleyra-video-api.md` §8.1).
pub fn routes() -> Router<App> {
    // With a slash at the end too: some mail programs and people add one.
    Router::new()
        .route("/telecons-fe/teleconsultation/{roomId}", get(waiting))
        .route("/telecons-fe/teleconsultation/{roomId}/", get(waiting))
        .route("/{region}/direct-rest-call-handler/{token}", get(call))
        .route("/{region}/direct-rest-call-handler/{token}/", get(call))
        .route("/connect/direct-rest-call-handler/{token}", get(call))
        .route("/connect/direct-rest-call-handler/{token}/", get(call))
        .route("/connect/rest-call-handler/{token}", get(call))
        .route("/connect/rest-call-handler/{token}/", get(call))
        .route("/call", get(call))
        .route("/assets/{*path}", get(asset))
        .route(brand::PATH, get(brand::show))
}

/// The route of the reception desk's page.
pub fn desk_routes() -> Router<App> {
    Router::new().route("/desk", get(desk)).route("/desk/", get(desk))
}

async fn waiting(State(app): State<App>) -> Response {
    page(&app, &app.pages.content_security_policy, "waiting/index.html").await
}

async fn call(State(app): State<App>) -> Response {
    page(&app, &app.pages.content_security_policy, "call/index.html").await
}

async fn desk(State(app): State<App>) -> Response {
    page(&app, &app.pages.desk_security_policy, "desk/index.html").await
}

async fn page(app: &App, content_security_policy: &HeaderValue, name: &str) -> Response {
    let Some(file) = Built::get(name) else {
        tracing::error!(page = name, "the program was built without a page");
        return ApiError::internal().into_response();
    };
    let mut response = match (app.brand.style_sheet().await, std::str::from_utf8(&file.data)) {
        (Some(_), Ok(text)) => {
            let link = format!("<link rel=\"stylesheet\" href=\"{}\" /></head>", brand::PATH);
            let page = text.replacen("</head>", &link, 1);
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        (Some(_) | None, _) => file_response("text/html; charset=utf-8", file),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, content_security_policy.clone());
    headers.insert(PERMISSIONS_POLICY, app.pages.permissions_policy.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The compressed copies that the build puts beside each asset, smallest first: the name of the encoding, and what it adds to the
/// asset's name.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Assets have a hash of their content in their name, so they never change.
async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(plain) = Built::get(&format!("assets/{path}")) else {
        return ApiError::new(StatusCode::NOT_FOUND, "There is no such file").into_response();
    };
    let compressed = ENCODINGS.iter().find_map(|(encoding, ending)| {
        let file = accepts(&headers, encoding).then(|| Built::get(&format!("assets/{path}{ending}"))).flatten()?;
        Some((file, *encoding))
    });
    let (file, encoding) = compressed.map_or((plain, None), |(file, encoding)| (file, Some(encoding)));
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = mime_guess::from_path(&path).first_or_octet_stream();
        file_response(media_type.as_ref(), file)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if path.starts_with(SEGMENTATION_WORKER) {
        headers.insert(CONTENT_SECURITY_POLICY, SEGMENTATION_POLICY);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether the client names `encoding` as one that it takes (RFC 9110 §12.5.3). `*` is not asked for by browsers and gets the plain file.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|text| text.split(',')).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse().ok());
        named && weight.unwrap_or(1.0_f32) > 0.0
    })
}

fn file_response(media_type: &str, file: EmbeddedFile) -> Response {
    ([(header::CONTENT_TYPE, media_type.to_owned())], axum::body::Body::from(file.data)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_load_from_their_own_origin_only() {
        let policy = PagePolicy::new(&"https://call.example.org".parse().unwrap(), &Brand::default());
        let text = policy.content_security_policy.to_str().unwrap();
        assert!(text.starts_with("default-src 'none'; script-src 'self';"), "{text}");
        assert!(text.contains("connect-src 'self' https://call.example.org wss://call.example.org;"), "{text}");
        assert!(text.contains("frame-ancestors 'self' https://call.example.org;"), "{text}");
        assert!(!text.contains("unsafe"), "{text}");
        let desk = policy.desk_security_policy.to_str().unwrap();
        assert!(desk.contains("connect-src 'self'; frame-ancestors 'none';") && !desk.contains("unsafe"), "{desk}");
        assert_eq!(policy.engine_url, "wss://call.example.org");
    }

    #[tokio::test]
    async fn assets_are_sent_as_small_as_the_client_takes_them() {
        let scripts = Built::iter().filter(|name| name.ends_with(".js"));
        let script = scripts.max_by_key(|name| Built::get(name).unwrap().data.len()).unwrap();
        let path = script.strip_prefix("assets/").unwrap().to_owned();
        let mut lengths = Vec::new();
        for (accepted, encoding) in
            [("gzip, deflate, br, zstd", Some("br")), ("br;q=0, GZIP;q=0.5", Some("gzip")), ("deflate", None)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            let response = asset(Path(path.clone()), headers).await;
            let sent = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(sent, encoding, "{accepted}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            lengths.push(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len());
        }
        assert!(lengths.is_sorted() && lengths[0] < lengths[2] / 2, "{lengths:?}");
    }

    #[tokio::test]
    async fn one_worker_and_no_page_may_compile_web_assembly() {
        let mut workers = 0;
        for name in Built::iter().filter(|name| name.ends_with(".js")) {
            let path = name.strip_prefix("assets/").unwrap().to_owned();
            let response = asset(Path(path.clone()), HeaderMap::new()).await;
            let policy = response.headers().get(CONTENT_SECURITY_POLICY).map(|value| value.to_str().unwrap());
            if path.starts_with("segmentation-worker-") {
                workers += 1;
                let narrow = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
                assert_eq!(policy, Some(narrow), "{path}");
            } else {
                assert_eq!(policy, None, "{path}");
            }
        }
        assert_eq!(workers, 1);
        let pages = PagePolicy::new(&"https://call.example.org".parse().unwrap(), &Brand::default());
        for policy in [pages.content_security_policy, pages.desk_security_policy] {
            assert!(!policy.to_str().unwrap().contains("wasm"), "{policy:?}");
        }
    }

    #[tokio::test]
    async fn what_the_worker_loads_is_there_and_is_sent_small() {
        for ending in
            ["litert_wasm_compat_internal.wasm", "selfie_segmentation.tflite", "selfie_segmentation_landscape.tflite"]
        {
            let name = Built::iter().find(|name| name.ends_with(ending)).unwrap();
            let path = name.strip_prefix("assets/").unwrap().to_owned();
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br"));
            let response = asset(Path(path), headers).await;
            assert_eq!(response.headers()[header::CONTENT_ENCODING], "br", "{ending}");
            if ending == "litert_wasm_compat_internal.wasm" {
                // Browsers compile it while it comes only then.
                assert_eq!(response.headers()[header::CONTENT_TYPE], "application/wasm");
            }
        }
    }

    #[test]
    fn a_call_page_elsewhere_may_be_framed_and_use_devices() {
        let own = "https://visits.example.org".parse().unwrap();
        let policy = PagePolicy::with_calls_elsewhere(&own, "https://api.eu.bandyer.com/v2", &Brand::default());
        let text = policy.content_security_policy.to_str().unwrap();
        let frames = "frame-src 'self' https://visits.example.org https://api.eu.bandyer.com https://*.bandyer.com \
                      https://*.kaleyra.com;";
        assert!(text.contains(frames), "{text}");
        assert!(text.contains("frame-ancestors 'self' https://visits.example.org;"), "{text}");
        assert!(policy.permissions_policy.to_str().unwrap().starts_with("camera=*, microphone=*"));
    }

    #[test]
    fn a_logo_may_be_loaded_from_where_it_is() {
        let brand = Brand { logo: Some("https://clinic.example/logo.svg".parse().unwrap()), ..Brand::default() };
        let policy = PagePolicy::new(&"https://call.example.org".parse().unwrap(), &brand);
        let text = policy.content_security_policy.to_str().unwrap();
        assert!(text.contains("img-src 'self' data: blob: https://clinic.example;"), "{text}");
    }

    #[test]
    fn a_machine_may_frame_itself_under_its_other_names() {
        let policy = PagePolicy::new(&"http://localhost:3000".parse().unwrap(), &Brand::default());
        let text = policy.content_security_policy.to_str().unwrap();
        for origin in ["http://localhost:3000", "http://127.0.0.1:3000", "ws://127.0.0.1:3000"] {
            assert!(text.contains(origin), "{origin}");
        }
        assert!(!text.contains('['), "{text}");
    }
}
