//! Who is the desk.

use hyper::{Request, StatusCode};

use crate::support::{Api, DESK_KEY, booking};

const PATHS: [&str; 7] = [
    "/teleconsultations",
    "/teleconsultations/events?wait=0",
    "/teleconsultations/rules",
    "/teleconsultations/65f0c0ffee0123456789abcd",
    "/teleconsultation/65f0c0ffee0123456789abcd/quality",
    "/teleconsultation/65f0c0ffee0123456789abcd/ratings",
    "/teleconsultation/65f0c0ffee0123456789abcd/participants/patient-1/calendar",
];

#[tokio::test]
async fn without_the_key_everything_of_the_desk_is_refused_under_every_prefix() {
    let api = Api::new();
    let refused = r#"{"statusCode":401,"error":"Unauthorized","message":"The desk's key is missing or wrong: `teleconsultation desk-link` prints it"}"#;
    for prefix in ["", "/api/v1/telecons-be", "/consultations"] {
        for path in PATHS {
            let path = format!("{prefix}{path}");
            // People of teleconsultations are nobody here.
            let answer = api.read_as("doctor-1", &path).await;
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"desk\"");
            answer.is(401, refused);
            assert_ne!(api.at_desk(&path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

#[tokio::test]
async fn the_key_is_taken_in_one_way_only() {
    let api = Api::new();
    let status = async |headers: &[&str]| {
        let mut request = Request::get("/teleconsultations/rules");
        for value in headers {
            request = request.header("authorization", *value);
        }
        api.send(request.body(axum::body::Body::empty()).unwrap()).await.status.as_u16()
    };
    let bearer = format!("Bearer {DESK_KEY}");
    assert_eq!(status(&[&bearer]).await, 200);
    assert_eq!(status(&[&format!("bearer {DESK_KEY}")]).await, 200);
    for headers in [
        &[DESK_KEY][..],
        &[&format!("Basic {DESK_KEY}")],
        &["Bearer"],
        &["Bearer "],
        &[&format!("{bearer}0")],
        &[&bearer[..bearer.len() - 1]],
        &[&bearer, &bearer],
    ] {
        assert_eq!(status(headers).await, 401, "{headers:?}");
    }
    assert_eq!(api.call_bare("GET", &format!("/teleconsultations/rules?key={DESK_KEY}")).await.status, 401);
}

#[tokio::test]
async fn who_guesses_is_soon_not_even_looked_at() {
    let api = Api::new();
    for _ in 0..60 {
        assert_eq!(api.with_key("another-key-of-some-length", "/teleconsultations").await.status, 401);
    }
    for key in ["another-key-of-some-length", DESK_KEY] {
        assert_eq!(api.with_key(key, "/teleconsultations").await.status, 429);
    }
    api.at("2026-01-01T10:00:01Z");
    assert_eq!(api.at_desk("/teleconsultations").await.status, 200);
}

#[tokio::test]
async fn where_there_is_no_desk_its_routes_are_unknown_and_the_others_are_not() {
    let api = Api::with_desk(None);
    for path in PATHS.into_iter().chain(["/desk"]) {
        assert_eq!(api.at_desk(path).await.status, 404, "{path}");
    }
    api.schedule(&booking()).await;
}

#[tokio::test]
async fn the_page_is_shown_to_everybody_in_no_frame() {
    let answer = Api::new().call_bare("GET", "/desk").await;
    assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(!answer.body.contains(DESK_KEY));
}
