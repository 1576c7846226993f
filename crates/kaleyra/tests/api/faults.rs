//! A service that breaks the rules of HTTP, or keeps silent.

use std::{net::SocketAddr, sync::Arc, sync::atomic::AtomicUsize, sync::atomic::Ordering::SeqCst, time::Duration};

use kaleyra_video::{BaseUrl, Client, Effect, Error, Failure, NewUser, Oddity, Role, Settings, Trust};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::service::{API_KEY, Answer, Pauses, Service, client};

const USER: &str = r#"{"id":"u1"}"#;

/// Answers every request on every connection with these bytes and, if `close`, hangs up. Counts the connections.
async fn raw(answer: Vec<u8>, close: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            tokio::spawn(serve(stream, answer.clone(), close));
        }
    });
    (address, connections)
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, close: bool) {
    let mut buffer = [0; 8192];
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
        if stream.write_all(&answer).await.is_err() || close {
            return;
        }
    }
}

/// An answer with somebody, after which the connection can be used again.
fn found() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{USER}", USER.len()).into_bytes()
}

fn of(address: SocketAddr) -> Client {
    client(address, "v2", Settings::default(), Pauses::default())
}

fn hasty() -> Settings {
    Settings {
        read_timeout: Duration::from_millis(50),
        total_timeout: Duration::from_millis(200),
        ..Settings::default()
    }
}

fn new_user() -> NewUser {
    NewUser::new("u1".into(), Role::Basic)
}

#[tokio::test]
async fn a_refused_connection_has_no_effect_and_is_tried_again() {
    // Bound, so that nobody else gets the port, and not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let pauses = Pauses::default();
    let client = client(address, "v2", Settings::default(), pauses.clone());
    let error = client.create_user(&new_user()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { effect: Effect::None, source: Failure::Connect(_), .. }), "{error:?}");
    assert_eq!(pauses.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_dropped_connection_may_have_had_an_effect() {
    let (address, connections) = raw(Vec::new(), true).await;
    let error = of(address).create_user(&new_user()).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { effect: Effect::Possible, source: Failure::Broken(_), .. }),
        "{error:?}"
    );
    assert_eq!(connections.load(SeqCst), 1);
    let error = of(address).user(&"u1".into()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { effect: Effect::None, .. }), "{error:?}");
    assert_eq!(connections.load(SeqCst), 1 + 3);
}

#[tokio::test]
async fn a_truncated_answer_is_a_broken_connection() {
    let (address, _) = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":".to_vec(), true).await;
    let error = of(address).create_user(&new_user()).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { effect: Effect::Possible, source: Failure::Broken(_), .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_not_http_is_a_broken_connection() {
    for garbage in [&b"SSH-2.0-OpenSSH_9.7\r\n"[..], b"\0\0\0\0\0\0\0\0\r\n\r\n", b"HTTP/1.1 999999 \r\n\r\n"] {
        let (address, _) = raw(garbage.to_vec(), true).await;
        let error = of(address).create_user(&new_user()).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error:?}");
    }
}

#[tokio::test]
async fn a_silent_service_is_not_waited_for() {
    let (address, _) = raw(Vec::new(), false).await;
    let client = client(address, "v2", hasty(), Pauses::default());
    let error = client.create_user(&new_user()).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { effect: Effect::Possible, source: Failure::Timeout(_), .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_not_waited_for() {
    let (address, _) = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec(), false).await;
    let client = client(address, "v2", hasty(), Pauses::default());
    let error = client.user(&"u1".into()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { source: Failure::Timeout(_), .. }), "{error:?}");
}

#[tokio::test]
async fn an_enormous_answer_is_not_read() {
    let settings = Settings { answer_bytes_max: 1000, ..Settings::default() };
    let long = format!("\"{}\"", "x".repeat(1000));
    let service = Service::start(vec![Answer::new(200, &long)]).await;
    let error = service.client_with("v2", settings.clone()).company().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { source: Oddity::TooLong(1000), .. }), "{error:?}");

    let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let endless = [endless, b"3e8\r\n".to_vec(), vec![b' '; 1000], b"\r\n1\r\n \r\n".to_vec()].concat();
    let (address, _) = raw(endless, false).await;
    let error = client(address, "v2", settings, Pauses::default()).company().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { source: Oddity::TooLong(1000), .. }), "{error:?}");
}

#[tokio::test]
async fn an_enormous_refusal_is_still_a_refusal() {
    let service = Service::start(vec![Answer::new(422, &"x".repeat(1 << 20))]).await;
    let error = service.client("v2").company().await.unwrap_err();
    let Error::Refused { refusal, .. } = error else { panic!("{error:?}") };
    assert_eq!((refusal.status, refusal.raw.len()), (422, kaleyra_video::RAW_BYTES_MAX));
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let (address, connections) = raw(found(), false).await;
    let client = of(address);
    for _ in 0..5 {
        client.user(&"u1".into()).await.unwrap();
    }
    assert_eq!(connections.load(SeqCst), 1);
}

/// Answers the first request on each connection. Hangs up once the second has arrived, as a load balancer does whose patience ends while
/// a request is on its way. Counts the connections.
async fn hangs_up_on_the_second() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                assert_ne!(stream.read(&mut buffer).await.unwrap(), 0);
                stream.write_all(&found()).await.unwrap();
                // The second request, or nothing more.
                let _arrived = stream.read(&mut buffer).await.unwrap();
            });
        }
    });
    (address, connections)
}

#[tokio::test]
async fn a_connection_that_the_service_closed_between_two_calls_fails_no_safe_one() {
    let (address, connections) = raw(found(), true).await;
    let client = of(address);
    for _ in 0..5 {
        client.user(&"u1".into()).await.unwrap();
    }
    assert_eq!(connections.load(SeqCst), 5);
}

#[tokio::test]
async fn a_connection_that_closes_under_a_call_fails_no_safe_one_and_repeats_no_other() {
    let (address, connections) = hangs_up_on_the_second().await;
    let pauses = Pauses::default();
    let client = client(address, "v2", Settings::default(), pauses.clone());
    for _ in 0..3 {
        client.user(&"u1".into()).await.unwrap();
    }
    // The second and the third each began on the connection of the one before.
    assert_eq!((connections.load(SeqCst), pauses.0.lock().unwrap().len()), (3, 2));
    let error = client.create_user(&new_user()).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { effect: Effect::Possible, source: Failure::Broken(_), .. }),
        "{error:?}"
    );
    assert_eq!((connections.load(SeqCst), pauses.0.lock().unwrap().len()), (3, 2));
}

#[tokio::test]
async fn a_plain_service_is_no_tls_service() {
    let (address, _) = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec(), true).await;
    let base = BaseUrl::parse(&format!("https://{address}/v2")).unwrap();
    let settings = Settings { trust: Trust::Bundled, ..Settings::default() };
    let client = Client::with_pause(base, &API_KEY.into(), settings, || 7, Pauses::default()).unwrap();
    let error = client.create_user(&new_user()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { effect: Effect::None, source: Failure::Connect(_), .. }), "{error:?}");
}

#[test]
fn a_key_that_no_header_can_have_is_refused_at_once() {
    for key in ["", "ak\nlive", "ak\u{7f}"] {
        let base = BaseUrl::parse("http://127.0.0.1/v2").unwrap();
        assert!(Client::new(base, &key.into(), Settings::default(), || 7).is_err(), "{key:?}");
    }
}
