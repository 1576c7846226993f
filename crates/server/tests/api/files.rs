//! `/call/files`: files that people send in a call, as tus sends them and as browsers fetch them.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, Bytes};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{ProviderUserId, Role, RoomKey, Tools};
use futures_util::{StreamExt as _, stream};
use hyper::Request;
use jiff::SignedDuration;
use ports::{
    fake::{FakeChance, FakeClock, FakeFileBytes, FakeMediaEngine, rooms::FakeRooms},
    provider::{Recording, RoomParticipant, RoomSpec, UserSpec, VideoProvider as _},
    rooms::CompanyId,
};
use serde_json::json;
use video::{
    LinkSecret, VideoConfig, VideoService,
    files::{FileStores, Files},
};

use crate::support::{Answer, Api, NOW};

const GIF: &[u8] = b"GIF89a a picture";

const MB: usize = 1024 * 1024;

/// A room of the embedded service, and everyone's link.
struct Call {
    api: Api,
    files: Arc<Files>,
    bytes: Arc<FakeFileBytes>,
    clock: Arc<FakeClock>,
    anna: String,
    bert: String,
    room: domain::RoomRef,
    video: Arc<VideoService>,
}

impl Call {
    async fn new() -> Self {
        let company = CompanyId("default".to_owned());
        let config = VideoConfig {
            company: company.clone(),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let (rooms, bytes) = (Arc::new(FakeRooms::new()), Arc::new(FakeFileBytes::new()));
        let clock = Arc::new(FakeClock::new(NOW.parse().unwrap()));
        let chance = Arc::new(FakeChance::default());
        let stores = FileStores { content: rooms.clone(), bytes: bytes.clone() };
        let outside = (clock.clone() as _, chance.clone() as _);
        let files = Arc::new(Files::new(company, stores, outside, &LinkSecret::new([7; 32]), 4 * MB as u64));
        let engine = Arc::new(FakeMediaEngine::new());
        let video = VideoService::new(config, rooms, engine, clock.clone(), chance).with_files(files.clone());
        let video = Arc::new(video);
        let id = |name| ProviderUserId::parse(name).unwrap();
        let users = ["anna", "bert"].map(|name| UserSpec { id: id(name), role: Role::Plus, language: None });
        video.ensure_users(&users).await.unwrap();
        let participant = |name, tools| RoomParticipant {
            user: id(name),
            admin: name == "anna",
            tools,
            display_name: None,
            language: None,
        };
        let spec = RoomSpec {
            key: RoomKey::new([1; 16]),
            participants: vec![
                participant("anna", Tools::all()),
                participant("bert", Tools { file_upload: true, ..Tools::none() }),
            ],
            duration: None,
            live: false,
            recording: Recording::None,
        };
        let opened = video.ensure_room(&spec).await.unwrap();
        let token = |name| opened.links[&id(name)].expose().rsplit('/').next().unwrap().to_owned();
        let (anna, bert) = (token("anna"), token("bert"));
        let api = Api::with_files(video.clone(), files.clone());
        Self { api, files, bytes, clock, anna, bert, room: opened.room, video }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.api.send(request.body(body).unwrap()).await
    }

    async fn tus(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let bearer = format!("Bearer {token}");
        let ours = [("authorization", bearer.as_str()), ("tus-resumable", "1.0.0")];
        self.send(method, path, &[&ours[..], headers].concat(), body).await
    }

    async fn begin(&self, token: &str, size: usize, metadata: &[(&str, &str)]) -> Answer {
        let member = |(name, value): &(&str, &str)| format!("{name} {}", STANDARD.encode(value));
        let metadata = metadata.iter().map(member).collect::<Vec<_>>().join(",");
        let headers = [("upload-length", size.to_string()), ("upload-metadata", metadata)];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.tus(token, "POST", "/call/files", &headers, Body::empty()).await
    }

    /// Begins a file of bert's, and gives its path.
    async fn begun(&self, size: usize, name: &str) -> String {
        let answer = self.begin(&self.bert, size, &[("filename", name), ("kind", "file")]).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    async fn patch(&self, path: &str, offset: usize, body: Body) -> Answer {
        let offset = offset.to_string();
        let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", offset.as_str())];
        self.tus(&self.bert, "PATCH", path, &headers, body).await
    }

    async fn offset(&self, path: &str) -> usize {
        let answer = self.tus(&self.bert, "HEAD", path, &[], Body::empty()).await;
        assert_eq!(answer.status, 200);
        answer.headers["upload-offset"].to_str().unwrap().parse().unwrap()
    }

    /// A file of bert's that is complete, and its link.
    async fn sent(&self, name: &str, bytes: &'static [u8]) -> String {
        let path = self.begun(bytes.len(), name).await;
        let sent = self.patch(&path, 0, Body::from(bytes)).await;
        assert_eq!(sent.status, 204, "{}", sent.body);
        self.link(&path).await
    }

    async fn link(&self, path: &str) -> String {
        let id = ports::content::FileId(path.rsplit('/').next().unwrap().to_owned());
        self.files.link(&id).await.unwrap().unwrap().path
    }
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn pdf(len: usize) -> Bytes {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(len, b' ');
    bytes.into()
}

/// A body that arrives up to there and then breaks off.
fn broken(bytes: &Bytes) -> Body {
    let pieces: Vec<_> = bytes.chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let broken = stream::iter([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
    Body::from_stream(stream::iter(pieces).chain(broken))
}

#[tokio::test]
async fn the_service_says_what_it_speaks() {
    let call = Call::new().await;
    for path in ["/call/files", "/call/files/file_0123456789abcdef01234567"] {
        let answer = call.send("OPTIONS", path, &[], Body::empty()).await;
        assert_eq!(answer.status, 204);
        for (name, value) in [
            ("tus-resumable", "1.0.0"),
            ("tus-version", "1.0.0"),
            ("tus-extension", "creation,termination,expiration"),
            ("tus-max-size", "4194304"),
        ] {
            assert_eq!(answer.headers[name], value, "{name}");
        }
    }
    let bearer = format!("Bearer {}", call.bert);
    let old = [("authorization", bearer.as_str()), ("tus-resumable", "0.2.2")];
    for headers in [&old[..], &old[..1]] {
        let answer = call.send("POST", "/call/files", headers, Body::empty()).await;
        assert_eq!(code(&answer), (412, "unsupported_version".to_owned()));
        assert_eq!(answer.headers["tus-version"], "1.0.0");
    }
}

#[tokio::test]
async fn a_file_is_sent_in_parts_and_fetched_as_it_was_sent() {
    let call = Call::new().await;
    let (whole, half) = (pdf(2 * MB + 7), MB + 100_000);
    let begun = call.begin(&call.bert, whole.len(), &[("filename", "Referto «Zoë».pdf"), ("kind", "file")]).await;
    assert_eq!((begun.status.as_u16(), begun.body.as_str()), (201, ""));
    assert_eq!(begun.headers["upload-expires"], "Fri, 02 Jan 2026 10:00:00 GMT");
    let path = begun.headers["location"].to_str().unwrap().to_owned();
    assert!(path.starts_with("/call/files/file_"));

    let first = call.patch(&path, 0, Body::from(whole.slice(..half))).await;
    assert_eq!((first.status.as_u16(), &first.headers["upload-offset"]), (204, &half.to_string().parse().unwrap()));
    let look = call.tus(&call.bert, "HEAD", &path, &[], Body::empty()).await;
    assert_eq!(look.headers["upload-length"], whole.len().to_string());
    assert_eq!(look.headers["cache-control"], "no-store");
    let metadata = look.headers["upload-metadata"].to_str().unwrap();
    assert_eq!(metadata, format!("filename {},kind ZmlsZQ==", STANDARD.encode("Referto «Zoë».pdf")));
    let last = call.patch(&path, half, Body::from(whole.slice(half..))).await;
    assert_eq!(last.status, 204);
    assert!(!last.headers.contains_key("upload-expires"), "it is complete");

    let link = call.link(&path).await;
    let fetched = call.send("GET", &link, &[], Body::empty()).await;
    assert_eq!(fetched.status, 200);
    assert!(fetched.body.as_bytes() == whole);
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "2097159"),
        (
            "content-disposition",
            "attachment; filename=\"Referto _Zo__.pdf\"; filename*=UTF-8''Referto%20%C2%ABZo%C3%AB%C2%BB.pdf",
        ),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-store"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(fetched.headers[name], value, "{name}");
    }
    let head = call.send("HEAD", &link, &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), &head.headers["content-length"]), (200, &fetched.headers["content-length"]));
}

#[tokio::test]
async fn whoever_is_cut_off_goes_on_where_they_were() {
    let call = Call::new().await;
    let (whole, kept) = (pdf(2 * MB), MB + 70_000);
    let path = call.begun(whole.len(), "a.pdf").await;
    call.patch(&path, 0, broken(&whole.slice(..kept))).await;
    assert_eq!(call.offset(&path).await, kept);
    // So little is sent again rather than kept.
    call.patch(&path, kept, broken(&whole.slice(kept..kept + 60_000))).await;
    assert_eq!(call.offset(&path).await, kept);
    call.patch(&path, kept, Body::from(whole.slice(kept..))).await;
    let fetched = call.send("GET", &call.link(&path).await, &[], Body::empty()).await;
    assert!(fetched.body.as_bytes() == whole);
}

#[tokio::test]
async fn whoever_comes_back_does_not_wait_for_the_connection_that_is_dead() {
    let call = Arc::new(Call::new().await);
    let whole = pdf(2 * MB);
    let path = call.begun(whole.len(), "a.pdf").await;
    // It has sent something, and nothing will ever come of it again.
    let sent = stream::iter([Ok::<_, std::io::Error>(whole.slice(..100_000))]);
    let (arrived, dead) = (Arc::new(tokio::sync::Notify::new()), sent);
    let told = Arc::clone(&arrived);
    let silent = stream::once(async move {
        told.notify_one();
        std::future::pending().await
    });
    let (other, at) = (Arc::clone(&call), path.clone());
    let dead = tokio::spawn(async move { other.patch(&at, 0, Body::from_stream(dead.chain(silent))).await.status });
    arrived.notified().await;
    assert_eq!(call.offset(&path).await, 100_000, "what it had sent is kept");
    assert_eq!(dead.await.unwrap(), 423);
    assert_eq!(call.patch(&path, 100_000, Body::from(whole.slice(100_000..))).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_falls_silent_is_not_waited_for_long() {
    let call = Call::new().await;
    let path = call.begun(2 * MB, "a.pdf").await;
    let sent = stream::iter([Ok::<_, std::io::Error>(pdf(100_000))]);
    let started = tokio::time::Instant::now();
    let answer = call.patch(&path, 0, Body::from_stream(sent.chain(stream::pending()))).await;
    assert_eq!(answer.status, 408);
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    assert_eq!(call.offset(&path).await, 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_given_up_and_one_that_is_merely_slow_is_not() {
    let call = Call::new().await;
    let every = |seconds, piece: Bytes| {
        let pause = Duration::from_secs(seconds);
        stream::unfold(piece, move |piece| async move {
            tokio::time::sleep(pause).await;
            Some((Ok::<_, std::io::Error>(piece.clone()), piece))
        })
    };
    let path = call.begun(2 * MB, "a.pdf").await;
    let started = tokio::time::Instant::now();
    let trickle = stream::iter([Ok(pdf(100_000))]).chain(every(29, Bytes::from_static(b" ")));
    assert_eq!(call.patch(&path, 0, Body::from_stream(trickle)).await.status, 408);
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    let arrived = call.offset(&path).await;
    let rest = vec![b' '; (2 * MB - arrived) / 20 + 1];
    let slow = every(20, Bytes::from(rest.clone())).take(19);
    let last = Bytes::from(vec![b' '; 2 * MB - arrived - 19 * rest.len()]);
    let slow = slow.chain(stream::iter([Ok(last)]));
    assert_eq!(call.patch(&path, arrived, Body::from_stream(slow)).await.status, 204);
}

#[tokio::test]
async fn a_part_that_is_out_of_place_too_long_or_too_short_is_refused() {
    let call = Call::new().await;
    let path = call.begun(MB, "a.pdf").await;
    assert_eq!(code(&call.patch(&path, 5, Body::from(pdf(MB))).await), (409, "wrong_offset".to_owned()));
    assert_eq!(code(&call.patch(&path, 0, Body::from(pdf(MB + 1))).await), (413, "too_large".to_owned()));
    // Its length is not said beforehand.
    let pieces: Vec<_> = (0..11).map(|_| Ok::<_, std::io::Error>(pdf(100_000))).collect();
    let streamed = Body::from_stream(stream::iter(pieces));
    assert_eq!(code(&call.patch(&path, 0, streamed).await), (413, "too_large".to_owned()));
    assert_eq!(code(&call.patch(&path, 0, Body::from(pdf(1000))).await), (400, "invalid".to_owned()));
    let headers = [("content-type", "application/octet-stream"), ("upload-offset", "0")];
    assert_eq!(call.tus(&call.bert, "PATCH", &path, &headers, Body::from(pdf(MB))).await.status, 415);
    for offset in ["", "-1", "x", "99999999999999999999"] {
        let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", offset)];
        let answer = call.tus(&call.bert, "PATCH", &path, &headers, Body::empty()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!("Upload-Offset")), "{offset}");
    }
    assert_eq!(call.offset(&path).await, 0);
}

#[tokio::test]
async fn what_cannot_be_begun_is_refused_with_the_reason() {
    let call = Call::new().await;
    let file = [("filename", "a.pdf"), ("kind", "file")];
    let too_large = call.begin(&call.bert, 4 * MB + 1, &file).await;
    assert_eq!(code(&too_large), (413, "too_large".to_owned()));
    assert_eq!(too_large.headers["tus-resumable"], "1.0.0");
    let unnamed = call.begin(&call.bert, 10, &file[1..]).await;
    assert_eq!((unnamed.status.as_u16(), &unnamed.json()["field"]), (400, &json!("filename")));
    for kind in ["snapshot", "board_image"] {
        let denied = call.begin(&call.bert, 10, &[("filename", "a.png"), ("kind", kind)]).await;
        assert_eq!(code(&denied), (403, "not_allowed".to_owned()), "{kind}");
        assert_eq!(call.begin(&call.anna, 10, &[("filename", "a.png"), ("kind", kind)]).await.status, 201, "{kind}");
    }
    let of = [("filename", "a.png"), ("kind", "snapshot"), ("of", "nobody")];
    let unknown = call.begin(&call.anna, 10, &of).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["field"]), (400, &json!("of")));
    for number in 0..11 {
        let expected = if number < 10 { 201 } else { 429 };
        assert_eq!(call.begin(&call.bert, 10, &file).await.status, expected, "{number}");
    }
    for token in ["", "x", &"0".repeat(48), &"0".repeat(2000)] {
        let answer = call.begin(token, 10, &file).await;
        assert_eq!(code(&answer), (401, "invalid_access_link".to_owned()));
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert!(call.video.disable_room(&call.room).await.unwrap());
    assert_eq!(call.begin(&call.bert, 10, &file).await.status, 401, "its links are taken back");
}

#[tokio::test]
async fn files_that_run_are_refused_under_any_name_and_leave_nothing() {
    let call = Call::new().await;
    for (name, bytes) in [
        ("a.pdf", &b"<!DOCTYPE html><script>alert(1)</script>"[..]),
        ("a.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("a.txt", b"#!/bin/sh\nexit\n"),
        ("a.txt", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("run.bat", b"@echo off"),
        ("a.js", b"alert(1)"),
    ] {
        let path = call.begun(bytes.len(), name).await;
        let answer = call.patch(&path, 0, Body::from(bytes)).await;
        assert_eq!(code(&answer), (415, "unsupported_type".to_owned()), "{name}");
        assert_eq!(call.tus(&call.bert, "HEAD", &path, &[], Body::empty()).await.status, 404, "{name}");
    }
    call.files.sweep().await.unwrap();
    assert!(call.bytes.files().is_empty());
}

#[tokio::test]
async fn nobody_else_goes_on_with_an_upload_and_only_its_sender_or_an_admin_deletes_a_file() {
    let call = Call::new().await;
    let path = call.begun(MB, "a.pdf").await;
    for (method, status) in [("HEAD", 404), ("DELETE", 404)] {
        assert_eq!(call.tus(&call.anna, method, &path, &[], Body::empty()).await.status, status, "{method}");
    }
    let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", "0")];
    assert_eq!(call.tus(&call.anna, "PATCH", &path, &headers, Body::from(pdf(MB))).await.status, 404);
    assert_eq!(call.patch(&path, 0, Body::from(pdf(MB))).await.status, 204);
    let link = call.link(&path).await;
    assert_eq!(call.tus(&call.anna, "DELETE", &path, &[], Body::empty()).await.status, 204, "an admin");
    assert_eq!(call.send("GET", &link, &[], Body::empty()).await.status, 404);

    let annas = call.begin(&call.anna, GIF.len(), &[("filename", "a.png"), ("kind", "file")]).await;
    let annas = annas.headers["location"].to_str().unwrap();
    assert_eq!(call.tus(&call.anna, "PATCH", annas, &headers, Body::from(GIF)).await.status, 204);
    let denied = call.tus(&call.bert, "DELETE", annas, &[], Body::empty()).await;
    assert_eq!(code(&denied), (403, "not_allowed".to_owned()));

    // For clients that have no other way to say it.
    let path = call.begun(MB, "a.pdf").await;
    let headers = [("x-http-method-override", "DELETE")];
    assert_eq!(call.tus(&call.bert, "POST", &path, &headers, Body::empty()).await.status, 204);
    assert_eq!(call.tus(&call.bert, "HEAD", &path, &[], Body::empty()).await.status, 404);
    let headers = [("x-http-method-override", "CONNECT")];
    assert_eq!(call.tus(&call.bert, "POST", &path, &headers, Body::empty()).await.status, 400);
}

#[tokio::test]
async fn an_upload_expires_and_a_link_does() {
    let call = Call::new().await;
    let path = call.begun(MB, "a.pdf").await;
    let link = call.sent("b.png", GIF).await;
    let shown = call.send("GET", &link, &[], Body::empty()).await;
    assert!(shown.headers["content-disposition"].to_str().unwrap().starts_with("inline; "), "a picture is shown");
    let altered = link.replace("signature=", "signature=0");
    for wrong in [altered.as_str(), link.split('?').next().unwrap(), "/call/files/x?expires=1&signature=0"] {
        let answer = call.send("GET", wrong, &[], Body::empty()).await;
        assert_eq!(code(&answer).0, if wrong.contains("/x") { 404 } else { 403 }, "{wrong}");
    }
    call.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(code(&call.send("GET", &link, &[], Body::empty()).await), (410, "expired".to_owned()));
    assert_eq!(call.offset(&path).await, 0);
    call.clock.advance(SignedDuration::from_hours(24));
    let late = call.tus(&call.bert, "HEAD", &path, &[], Body::empty()).await;
    assert_eq!(late.status, 410);
}

#[tokio::test]
async fn ranges_are_fetched_and_what_is_none_is_the_whole() {
    let call = Call::new().await;
    let link = call.sent("a.png", GIF).await;
    let get = async |headers: &[(&str, &str)]| {
        let request = headers.iter().fold(Request::get(&link), |request, (name, value)| request.header(*name, *value));
        let mut response =
            tower::ServiceExt::oneshot(call.api.router.clone(), request.body(Body::empty()).unwrap()).await.unwrap();
        let range = response.headers().get("content-range").map(|range| range.to_str().unwrap().to_owned());
        let body = http_body_util::BodyExt::collect(response.body_mut()).await.unwrap().to_bytes();
        (response.status().as_u16(), range, body)
    };
    let size = GIF.len();
    let part = (206, Some(format!("bytes 1-3/{size}")), Bytes::from_static(b"IF8"));
    assert_eq!(get(&[("range", "bytes=1-3")]).await, part);
    let tag = format!("\"{}\"", link.split(['/', '?']).nth(3).unwrap());
    assert_eq!(get(&[("range", "bytes=1-3"), ("if-range", &tag)]).await, part);
    let whole = (200, None, Bytes::from_static(GIF));
    assert_eq!(get(&[("range", "bytes=1-3"), ("if-range", "\"another\"")]).await, whole);
    assert_eq!(get(&[("range", "bytes=0-1,3-4")]).await, whole);
    assert_eq!(get(&[("range", "bytes=99-")]).await, (416, Some(format!("bytes */{size}")), Bytes::new()));
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_half_done_stays() {
    let call = Call::new().await;
    let path = call.begun(2 * MB, "a.pdf").await;
    assert_eq!(call.patch(&path, 0, Body::from(pdf(MB))).await.status, 204);
    call.bytes.set_space(Some(MB + 1000));
    assert_eq!(code(&call.patch(&path, MB, Body::from(vec![b' '; MB])).await), (507, "no_space".to_owned()));
    assert_eq!(call.tus(&call.bert, "HEAD", &path, &[], Body::empty()).await.status, 404);
    assert_eq!(call.files.sweep().await.unwrap().removed, 1);
    assert!(call.bytes.files().is_empty(), "what had arrived takes no space either");
    // With that space back, the same file can be sent.
    let path = call.begun(MB, "a.pdf").await;
    assert_eq!(call.patch(&path, 0, Body::from(pdf(MB))).await.status, 204);
}

#[tokio::test]
async fn a_disk_that_is_away_is_to_be_tried_again() {
    let call = Call::new().await;
    let path = call.begun(MB, "a.pdf").await;
    call.bytes.set_out_of_reach(true);
    let away = call.patch(&path, 0, Body::from(pdf(MB))).await;
    assert_eq!((away.status.as_u16(), &away.headers["retry-after"]), (503, &"2".parse().unwrap()));
    call.bytes.set_out_of_reach(false);
    assert_eq!(call.patch(&path, 0, Body::from(pdf(MB))).await.status, 204);
}

#[tokio::test]
async fn without_the_embedded_service_there_are_no_files() {
    let answer = Api::new().call_bare("OPTIONS", "/call/files").await;
    assert!(answer.body.starts_with("{\"message\":\"Route "), "{}", answer.body);
}
