//! `GET /teleconsultations/events`.

use hyper::Request;
use serde_json::{Value, json};
use teleconsultation_server::desk::LISTENERS_MAX;

use crate::support::{Answer, Api, DESK_KEY, booking, booking_of, patient};

/// What there is at this moment, after this id if there is one.
async fn events(api: &Api, since: Option<&str>) -> Answer {
    let mut request =
        Request::get("/teleconsultations/events?wait=0").header("authorization", format!("Bearer {DESK_KEY}"));
    if let Some(since) = since {
        request = request.header("last-event-id", since);
    }
    api.send(request.body(axum::body::Body::empty()).unwrap()).await
}

/// The value of one field in each event.
fn fields(answer: &Answer, name: &str) -> Vec<String> {
    let prefix = format!("{name}: ");
    answer.body.lines().filter_map(|line| line.strip_prefix(&prefix)).map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn what_changes_is_told_to_who_comes_back_in_order() {
    let api = Api::new();
    let first = events(&api, None).await;
    assert_eq!(first.headers["content-type"], "text/event-stream");
    assert_eq!(first.headers["cache-control"], "no-store");
    assert_eq!(fields(&first, "event"), ["ready"]);
    let since = fields(&first, "id").pop().unwrap();

    let id = api.schedule(&booking_of(2, &[patient()])).await;
    api.call("POST", &format!("/teleconsultation/{id}/participants/data"), &crate::support::doctor()).await.is(201, "");
    let change = json!({"end_date": "2026-01-01T11:40:00Z"});
    api.call("PATCH", &format!("/teleconsultation/{id}"), &change).await.is(204, "");
    // What is refused changes nothing.
    assert_eq!(api.call("PATCH", &format!("/teleconsultation/{id}"), &json!({"end_date": "x"})).await.status, 400);
    api.call_bare("DELETE", &format!("/teleconsultation/{id}")).await.is(204, "");

    let told = events(&api, Some(&since)).await;
    assert_eq!(
        fields(&told, "event"),
        ["ready", "teleconsultation", "teleconsultation", "teleconsultation", "teleconsultation"]
    );
    let data: Vec<_> = fields(&told, "data").into_iter().skip(1).collect();
    let expected =
        ["booked", "changed", "changed", "cancelled"].map(|what| format!(r#"{{"roomId":"{id}","what":"{what}"}}"#));
    assert_eq!(data, expected);
    let last = fields(&told, "id").pop().unwrap();
    assert_eq!(fields(&events(&api, Some(&last)).await, "event"), ["ready"]);
}

#[tokio::test]
async fn who_was_away_for_too_long_reads_everything_anew() {
    let api = Api::new();
    for since in ["", "0.0", "nonsense", "0123456789abcdef.1"] {
        assert_eq!(fields(&events(&api, Some(since)).await, "event"), ["reload"], "{since}");
    }
}

#[tokio::test]
async fn a_query_that_is_wrong_is_named_and_no_more_listen_than_there_may() {
    let api = Api::new();
    for wait in ["-1", "3601", "long"] {
        assert_eq!(api.at_desk(&format!("/teleconsultations/events?wait={wait}")).await.status, 400, "{wait}");
    }
    let listeners: Vec<_> = (0..LISTENERS_MAX).map_while(|_| api.app.changes.listen(None)).collect();
    let refused = events(&api, None).await;
    assert_eq!((refused.status.as_u16(), refused.headers["retry-after"].to_str().unwrap()), (503, "2"));
    drop(listeners);
    assert_eq!(events(&api, None).await.status, 200);
}

#[tokio::test]
async fn who_listens_is_let_go_when_the_program_ends() {
    let api = Api::new();
    let request = Request::get("/teleconsultations/events").header("authorization", format!("Bearer {DESK_KEY}"));
    let request = request.body(axum::body::Body::empty()).unwrap();
    let (answer, ()) = tokio::join!(api.send(request), async {
        // Once it listens it has its place.
        while !api.app.changes.has_listeners() {
            tokio::task::yield_now().await;
        }
        api.schedule(&booking()).await;
        api.app.changes.stop();
    });
    assert_eq!(answer.status, 200);
}

/// Says of this operation what `tests/schemathesis/run` says of all others, which cannot wait for its answers to end.
#[tokio::test]
async fn every_answer_is_one_that_the_document_names_in_its_media_type_and_shape() {
    const PATH: &str = "/teleconsultations/events";
    let api = Api::new();
    let document: Value = serde_json::from_str(include_str!("../../../../../docs/openapi.json")).unwrap();
    let operation = &document["paths"][PATH]["get"];
    assert_eq!(operation["operationId"], "watchTeleconsultations");

    let listening = async |api: &Api| api.at_desk(&format!("{PATH}?wait=0")).await;
    let mut answers = vec![(200, listening(&api).await), (400, api.at_desk(&format!("{PATH}?wait=x")).await)];
    let listeners: Vec<_> = (0..LISTENERS_MAX).map_while(|_| api.app.changes.listen(None)).collect();
    answers.push((503, listening(&api).await));
    drop(listeners);
    answers.push((401, api.call_bare("GET", PATH).await));
    for _ in 0..60 {
        api.with_key("another-key-of-some-length", PATH).await;
    }
    answers.push((429, listening(&api).await));

    for (status, answer) in &answers {
        assert_eq!(answer.status.as_u16(), *status, "{}", answer.body);
        let documented = operation["responses"][status.to_string()]["content"].as_object().unwrap();
        let media_type = answer.headers["content-type"].to_str().unwrap().split(';').next().unwrap();
        let schema = &documented.get(media_type).unwrap_or_else(|| panic!("{status}: {media_type}"))["schema"];
        assert_eq!(documented.len(), 1, "{status}");
        if *status == 200 {
            assert_eq!((media_type, &schema["type"]), ("text/event-stream", &json!("string")));
        } else {
            assert_eq!(schema["$ref"], "#/components/schemas/ErrorBody");
            let body = answer.json();
            assert_eq!(body["statusCode"], *status);
            assert!(body["error"].is_string() && body["message"].is_string(), "{body}");
            assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
        }
    }
    // 500 and 502 stand at every operation of the desk. This one asks neither a store nor a provider, so nothing here can fail so.
    let documented: Vec<_> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(documented, ["200", "400", "401", "429", "500", "502", "503"]);
}
