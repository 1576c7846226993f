//! Those who send slowly or too much, and those who do not.

use std::future::poll_fn;

use axum::body::{Body, Bytes};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use hyper::{Request, StatusCode};
use teleconsultation_server::http::{
    body::{BODY_BYTES_MAX, LONG_BODIES_MAX},
    limits::IN_FLIGHT_MAX,
};

use crate::support::{Answer, Api, booking};

/// A request of which `first` arrives and nothing more.
fn slow(api: &Api, first: String) -> BoxFuture<'_, Answer> {
    let body = stream::once(async { Ok::<_, std::io::Error>(Bytes::from(first)) }).chain(stream::pending());
    let request = Request::post("/teleconsultation").header("content-type", "application/json");
    api.send(request.body(Body::from_stream(body)).unwrap()).boxed()
}

/// Lets every request go as far as it can.
async fn begin(requests: &mut [BoxFuture<'_, Answer>]) {
    for request in requests {
        poll_fn(|context| {
            assert!(request.poll_unpin(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
}

#[tokio::test]
async fn those_who_send_slowly_take_nobodys_place() {
    let api = Api::new();
    let mut slow: Vec<_> = (0..=IN_FLIGHT_MAX).map(|_| slow(&api, "{".to_owned())).collect();
    begin(&mut slow).await;
    assert_eq!(api.call("POST", "/teleconsultation", &booking()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn those_who_send_much_slowly_take_the_places_of_their_like_only() {
    let api = Api::new();
    let much = " ".repeat(20 * 1024);
    let mut slow: Vec<_> = (0..LONG_BODIES_MAX).map(|_| slow(&api, much.clone())).collect();
    begin(&mut slow).await;
    let long = Request::post("/teleconsultation").body(Body::from(much)).unwrap();
    assert_eq!(api.send(long).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(api.call("POST", "/teleconsultation", &booking()).await.status, StatusCode::CREATED);
    drop(slow);
    let long = Request::post("/teleconsultation").body(Body::from(" ".repeat(20 * 1024))).unwrap();
    assert_eq!(api.send(long).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_long_is_refused_before_it_comes() {
    let api = Api::new();
    let body = Body::new(Announced);
    let answer = api.send(Request::post("/teleconsultation").body(body).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Announces one byte too many and never sends any.
struct Announced;

impl http_body::Body for Announced {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(BODY_BYTES_MAX as u64 + 1)
    }
}
