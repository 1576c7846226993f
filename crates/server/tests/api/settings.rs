//! `POST /settings/background-image` and `PATCH /settings/update` (contract §6.8, §6.9).

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use hyper::Request;
use ports::fake::ProviderFailure;
use serde_json::{Value, json};
use teleconsultation_server::http::image_form::{FORM_BYTES_MAX, IMAGE_BYTES_MAX};

use crate::support::{Answer, Api};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 an image";
const UNAUTHORIZED: &str = r#"{"error":"Unauthorized user"}"#;
const TOO_LARGE: &str = r#"{"statusCode":413,"error":"Payload Too Large","message":"Request body is too large"}"#;

/// A form of these parts: name, file name, content.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\"\r\ncontent-type: text/html"));
        let head = format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limit--\r\n");
    body
}

fn upload(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("miauserid", "doctor-1");
    request.header("content-type", "multipart/form-data; boundary=limit").body(body.into()).unwrap()
}

async fn add(api: &Api, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    api.send(upload("/settings/background-image", form(parts))).await
}

async fn update(api: &Api, path: &str, body: &Value) -> Answer {
    let request = Request::patch(path).header("miauserid", "doctor-1").header("content-type", "application/json");
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn bad_request(message: &str) -> String {
    format!("{{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":\"{message}\"}}")
}

#[tokio::test]
async fn a_background_is_added_and_made_the_default() {
    let api = Api::new();
    for (number, prefix) in [(1, ""), (2, "/api/v1/telecons-be")] {
        let body = form(&[("virtual_background", Some("wall.jpg"), JPEG)]);
        api.send(upload(&format!("{prefix}/settings/background-image"), body)).await.is(
            200,
            &format!(
                "{{\"virtual_background\":{{\"background_alias\":\"{number:032}\",\
                 \"url\":\"https://video.example/backgrounds/{number:032}\",\"creation_date\":\"2026-01-01T00:00:00.000Z\"}}}}"
            ),
        );
        let alias = json!({"background_alias": format!("{number:032}")});
        update(&api, &format!("{prefix}/settings/update"), &alias).await.is(
            200,
            &format!(
                "{{\"company\":{{\"name\":\"Clinic\",\"default_language\":\"it\",\"default_background\":{{\"alias\":\"{number:032}\",\
                 \"url\":\"https://video.example/backgrounds/{number:032}\",\"creation_date\":\"2026-01-01T00:00:00.000Z\"}},\
                 \"end_call_redirect_url\":\"\",\"user_details_provider_url\":\"\",\"end_call_redirect_timeout_ms\":5000}}}}"
            ),
        );
    }
}

#[tokio::test]
async fn nobody_adds_or_changes_anything_and_nobodys_image_is_read() {
    let api = Api::new();
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/settings/background-image").header("content-type", "multipart/form-data; boundary=x");
    api.send(request.body(never).unwrap()).await.is(401, UNAUTHORIZED);
    api.call("PATCH", "/settings/update", &json!({"background_alias": "a"})).await.is(401, UNAUTHORIZED);
    assert_eq!(api.provider.backgrounds().len(), 0);
}

#[tokio::test]
async fn what_is_no_image_in_the_right_part_is_refused() {
    let api = Api::new();
    let missing = bad_request("body must have required property 'virtual_background'");
    add(&api, &[]).await.is(400, &missing);
    add(&api, &[("file", None, b"x")]).await.is(400, &missing);
    let other = bad_request("body must have no file but 'virtual_background'");
    add(&api, &[("file", Some("wall.jpg"), JPEG)]).await.is(400, &other);
    let no_image = bad_request("body.virtual_background must be a JPEG, PNG or WebP image");
    for content in [&b""[..], b"<svg/>", b"GIF89a", &JPEG[..2]] {
        add(&api, &[("virtual_background", Some("wall.jpg"), content)]).await.is(400, &no_image);
    }
    let twice = [("virtual_background", Some("a.jpg"), JPEG), ("virtual_background", Some("b.jpg"), JPEG)];
    add(&api, &twice).await.is(400, &bad_request("body must NOT have more than one 'virtual_background'"));
    let many: Vec<_> = (0..17).map(|_| ("text", None, &b"x"[..])).collect();
    add(&api, &many).await.is(400, &bad_request("body must NOT have more than 16 parts"));
    assert_eq!(api.provider.backgrounds().len(), 0);

    let texts = [("apikey", None, &b"x"[..]), ("virtual_background", None, JPEG), ("remark", None, b"y")];
    assert_eq!(add(&api, &texts).await.status, 200, "texts beside the image mean nothing");
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let api = Api::new();
    let path = "/settings/background-image";
    let whole = form(&[("virtual_background", Some("wall.jpg"), JPEG)]);
    let cut = whole[..whole.len() - 12].to_vec();
    api.send(upload(path, cut)).await.is(400, &bad_request("Body is not a valid multipart form"));
    let send = async |content_type: &str, body: Body| {
        let request = Request::post(path).header("miauserid", "doctor-1").header("content-type", content_type);
        api.send(request.body(body).unwrap()).await
    };
    let no_boundary = send("multipart/form-data", Body::from(whole)).await;
    no_boundary.is(400, &bad_request("The content type has no boundary"));
    assert_eq!(send("image/jpeg", Body::from(JPEG)).await.status, 415);
    let missing = bad_request("body must have required property 'virtual_background'");
    send("text/html", Body::empty()).await.is(400, &missing);
    let broken = stream::iter([Ok(Bytes::from("--limit\r\n")), Err(std::io::Error::other("told to break"))]);
    assert_eq!(api.send(upload(path, Body::from_stream(broken))).await.status, 400);
}

#[tokio::test]
async fn ten_megabytes_are_taken_and_not_one_byte_more() {
    let api = Api::new();
    let image = |length: usize| [JPEG, &vec![0; length - JPEG.len()]].concat();
    let just = add(&api, &[("virtual_background", Some("wall.jpg"), &image(IMAGE_BYTES_MAX))]).await;
    assert_eq!(just.status, 200, "{}", just.body);
    add(&api, &[("virtual_background", Some("wall.jpg"), &image(IMAGE_BYTES_MAX + 1))]).await.is(413, TOO_LARGE);
    // Of unknown length, and in a part that means nothing.
    let endless = stream::iter([Ok::<_, std::io::Error>(Bytes::from(
        "--limit\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n",
    ))])
    .chain(stream::repeat_with(|| Ok(Bytes::from(vec![b'x'; 64 * 1024]))));
    let endless = api.send(upload("/settings/background-image", Body::from_stream(endless))).await;
    endless.is(413, TOO_LARGE);
    let announced = vec![0; FORM_BYTES_MAX + 1];
    api.send(upload("/settings/background-image", announced)).await.is(413, TOO_LARGE);
}

#[tokio::test]
async fn images_that_arrive_slowly_take_the_places_of_their_like_only() {
    let api = Api::new();
    let slow =
        || upload("/settings/background-image", Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()));
    let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(api.send(slow()))).collect();
    for request in &mut waiting {
        assert!(futures_util::FutureExt::now_or_never(request.as_mut()).is_none());
    }
    let busy = add(&api, &[("virtual_background", Some("wall.jpg"), JPEG)]).await;
    busy.is(
        503,
        r#"{"statusCode":503,"error":"Service Unavailable","message":"There are too many images at once: try again later"}"#,
    );
    assert_eq!(api.call_bare("GET", "/-/healthz").await.status, 200);
    drop(waiting);
    assert_eq!(add(&api, &[("virtual_background", Some("wall.jpg"), JPEG)]).await.status, 200);
}

#[tokio::test]
async fn an_eleventh_background_and_one_that_the_provider_does_not_take_are_refused() {
    let api = Api::new();
    for _ in 0..10 {
        assert_eq!(add(&api, &[("virtual_background", Some("wall.jpg"), JPEG)]).await.status, 200);
    }
    add(&api, &[("virtual_background", Some("wall.jpg"), JPEG)])
        .await
        .is(400, &bad_request("Failed POST /settings/background-image: there are as many backgrounds as there may be"));
    api.provider.fail_next(ProviderFailure::UnavailableBefore);
    assert_eq!(add(&api, &[("virtual_background", Some("wall.jpg"), JPEG)]).await.status, 503);
}

#[tokio::test]
async fn an_unknown_alias_is_not_found_and_a_wrong_body_is_a_bad_request() {
    let api = Api::new();
    let unknown =
        r#"{"statusCode":404,"error":"Not Found","message":"There is no background 3e4d0683d78be3a884b7a60028644f57"}"#;
    let alias = json!({"background_alias": "3e4d0683d78be3a884b7a60028644f57"});
    update(&api, "/settings/update", &alias).await.is(404, unknown);
    for alias in [json!(""), json!("x".repeat(257)), json!("../..")] {
        assert_eq!(update(&api, "/settings/update", &json!({"background_alias": alias})).await.status, 404);
    }
    let missing = bad_request("body must have required property 'background_alias'");
    update(&api, "/settings/update", &json!({"alias": "x"})).await.is(400, &missing);
    let no_text = bad_request("body.background_alias must be string");
    update(&api, "/settings/update", &json!({"background_alias": ["x"]})).await.is(400, &no_text);
}
