//! The fake is held to what is documented of the real service (`mia-platform.md` §9).
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ports::fake::FakeClock;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use teleconsultation_crud_service_fake::{Collection, CrudServiceFake, Fault};

const ROOMS: &str = "/bk-ts-teleconsultations";

struct Service {
    fake: CrudServiceFake,
    clock: Arc<FakeClock>,
    client: Client,
}

async fn start() -> Service {
    let clock = Arc::new(FakeClock::new("2026-01-01T10:00:00Z".parse::<Timestamp>().unwrap()));
    let collections = vec![Collection::teleconsultations(), Collection::user_id_map()];
    let fake = CrudServiceFake::start(collections, clock.clone()).await.unwrap();
    Service { fake, clock, client: Client::builder().tls_certs_only([]).build().unwrap() }
}

impl Service {
    /// The status and the body; no body is `null`.
    async fn call(&self, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
        let method: Method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{target}", self.fake.url())).header("miauserid", "ada");
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    async fn insert(&self, room: &str) -> String {
        let (status, answer) = self.call("POST", &format!("{ROOMS}/"), Some(document(room))).await;
        assert_eq!(status, 200, "{answer}");
        answer["_id"].as_str().unwrap().to_owned()
    }

    async fn rooms(&self, query: &str) -> Vec<String> {
        let (status, answer) = self.call("GET", &format!("{ROOMS}/?{query}"), None).await;
        assert_eq!(status, 200, "{query}: {answer}");
        let room = |document: &Value| document["bandyerRoomId"].as_str().unwrap().to_owned();
        answer.as_array().unwrap().iter().map(room).collect()
    }
}

fn document(room: &str) -> Value {
    json!({"bandyerRoomId": room, "participants": [{"userId": room, "groups": ["doctor"]}], "participantsNumber": "2",
        "startDate": "2026-01-02T11:00:00+01:00"})
}

fn filter(filter: &Value) -> String {
    format!("_q={}", url::form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect::<String>())
}

#[tokio::test]
async fn a_document_is_given_back_with_what_the_service_adds() {
    let service = start().await;
    let id = service.insert("r1").await;
    assert_eq!(id.len(), 24);
    let (status, found) = service.call("GET", &format!("{ROOMS}/{id}"), None).await;
    let now = "2026-01-01T10:00:00.000Z";
    let expected = json!({"_id": id, "bandyerRoomId": "r1", "participants": [{"userId": "r1", "groups": ["doctor"]}],
        "participantsNumber": 2, "startDate": "2026-01-02T10:00:00.000Z", "__STATE__": "PUBLIC",
        "creatorId": "ada", "updaterId": "ada", "createdAt": now, "updatedAt": now});
    assert_eq!((status, found), (200, expected));
}

#[tokio::test]
async fn what_is_not_there_is_a_404_with_one_key() {
    let service = start().await;
    let not_found = (404, json!({"error": "not found"}));
    for target in [format!("{ROOMS}/65f0c0ffee0123456789abcd"), format!("{ROOMS}/no-id"), "/other/".to_owned()] {
        assert_eq!(service.call("GET", &target, None).await, not_found, "{target}");
    }
    let set = json!({"$set": {"bandyerRoomId": "r"}});
    assert_eq!(service.call("PATCH", &format!("{ROOMS}/no-id"), Some(set)).await, not_found);
    assert_eq!(service.call("DELETE", &format!("{ROOMS}/no-id"), None).await, not_found);
    let trash = json!({"stateTo": "TRASH"});
    assert_eq!(service.call("POST", &format!("{ROOMS}/no-id/state"), Some(trash)).await, not_found);
}

#[tokio::test]
async fn bodies_are_checked() {
    let service = start().await;
    let message = async |changed: Value| {
        let mut body = document("r1");
        for (name, value) in changed.as_object().unwrap() {
            if value == "-" {
                body.as_object_mut().unwrap().remove(name);
            } else {
                body[name] = value.clone();
            }
        }
        let (status, answer) = service.call("POST", &format!("{ROOMS}/"), Some(body)).await;
        assert_eq!((status, &answer["statusCode"], &answer["error"]), (400, &json!(400), &json!("Bad Request")));
        answer["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message(json!({"participants": "-"})).await, "body must have required property 'participants'");
    let unknown = "body must NOT have additional properties. Property \"roomKey\" is not defined in validation schema";
    assert_eq!(message(json!({"roomKey": 1})).await, unknown);
    assert!(message(json!({"_id": "65f0c0ffee0123456789abcd"})).await.contains("additional properties"));
    assert!(message(json!({"updatedAt": "2026-01-01T00:00:00Z"})).await.contains("additional properties"));
    assert!(message(json!({"startDate": "2026-01-01T00:00:00.123456Z"})).await.contains("startDate"));
    assert!(message(json!({"endDate": null})).await.contains("endDate"));
    assert!(message(json!({"participantsNumber": "two"})).await.contains("participantsNumber"));
    assert!(message(json!({"participants": ["ada"]})).await.contains("participants"));
    assert!(message(json!({"__STATE__": "OPEN"})).await.contains("__STATE__"));
    assert!(service.fake.documents(ROOMS).is_empty());

    let mut nothing = document("r1");
    nothing["bandyerRoomId"] = Value::Null;
    nothing["__STATE__"] = json!("DRAFT");
    service.call("POST", &format!("{ROOMS}/"), Some(nothing)).await;
    let kept = &service.fake.documents(ROOMS)[0];
    assert_eq!((&kept["bandyerRoomId"], &kept["__STATE__"]), (&json!(""), &json!("DRAFT")));
}

#[tokio::test]
async fn documents_are_found_by_what_is_in_them() {
    let service = start().await;
    for room in ["r1", "r2", "r3"] {
        service.insert(room).await;
        service.clock.advance(SignedDuration::from_millis(1));
    }
    let found = async |wanted: Value| service.rooms(&filter(&wanted)).await;
    assert_eq!(found(json!({"bandyerRoomId": {"$in": ["r1", "r3"]}})).await, ["r1", "r3"]);
    assert_eq!(found(json!({"bandyerRoomId": {"$nin": ["r1"], "$ne": "r2"}})).await, ["r3"]);
    assert_eq!(found(json!({"participants.userId": "r2"})).await, ["r2"]);
    assert_eq!(found(json!({"participants.0.groups": "doctor", "participants": {"$size": 1}})).await.len(), 3);
    assert_eq!(found(json!({"createdAt": {"$gt": "2026-01-01T10:00:00.001Z"}})).await, ["r3"]);
    assert_eq!(
        found(json!({"$or": [{"bandyerRoomId": "r1"}, {"$and": [{"bandyerRoomId": "r2"}]}]})).await,
        ["r1", "r2"]
    );
    assert_eq!(found(json!({"endDate": {"$exists": true}})).await, [""; 0]);
    assert_eq!(service.rooms("bandyerRoomId=r2").await, ["r2"]);
    assert_eq!(service.rooms("participantsNumber=2&_s=-createdAt&_l=2").await, ["r3", "r2"]);
    assert_eq!(service.rooms("_s=bandyerRoomId&_sk=2&_p=bandyerRoomId").await, ["r3"]);
    assert_eq!(service.call("GET", &format!("{ROOMS}/count?bandyerRoomId=r2"), None).await, (200, json!(1)));
}

#[tokio::test]
async fn questions_that_cannot_be_asked_are_refused() {
    let service = start().await;
    let unknown = filter(&json!({"roomKey": 1}));
    for (query, status, message) in [
        (unknown.as_str(), 400, "Unknown field: roomKey"),
        (filter(&json!({"$nor": []})).as_str(), 400, "Unknown operator: $nor"),
        (filter(&json!({"startDate": {"$near": 1}})).as_str(), 400, "Unsupported operator: $near"),
        (filter(&json!({"startDate": {"$gt": "soon"}})).as_str(), 400, "Invalid Date"),
        (filter(&json!({"_id": "no-id"})).as_str(), 400, "Invalid objectId"),
        ("_l=201", 400, "querystring/_l must be <= 200"),
        ("_l=0", 400, "querystring/_l must be >= 1"),
        (
            "participants=x",
            400,
            "querystring must NOT have additional properties. Property \"participants\" is not defined in validation schema",
        ),
        ("_q=nonsense", 500, "Unexpected token"),
    ] {
        let (answered, body) = service.call("GET", &format!("{ROOMS}/?{query}"), None).await;
        assert_eq!(answered, status, "{query}: {body}");
        assert!(body["message"].as_str().unwrap().starts_with(message), "{query}: {body}");
    }
}

#[tokio::test]
async fn a_page_has_25_documents_unless_asked_otherwise() {
    let service = start().await;
    for number in 0..30 {
        service.insert(&format!("r{number}")).await;
    }
    assert_eq!((service.rooms("").await.len(), service.rooms("_l=200").await.len()), (25, 30));
}

#[tokio::test]
async fn commands_change_a_document_and_its_time() {
    let service = start().await;
    let id = service.insert("r1").await;
    service.clock.advance(SignedDuration::from_secs(1));
    let commands = json!({"$set": {"endDate": "2026-01-02T12:00:00Z"}, "$push": {"participants": {"userId": "b"}},
        "$inc": {"participantsNumber": 1}});
    let (status, changed) = service.call("PATCH", &format!("{ROOMS}/{id}"), Some(commands)).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["endDate"], "2026-01-02T12:00:00.000Z");
    assert_eq!((changed["participants"].as_array().unwrap().len(), &changed["participantsNumber"]), (2, &json!(3.0)));
    assert_eq!(changed["updatedAt"], "2026-01-01T10:00:01.000Z");
    let (_, without) =
        service.call("PATCH", &format!("{ROOMS}/{id}"), Some(json!({"$unset": {"endDate": true}}))).await;
    assert_eq!(without.get("endDate"), None);

    for refused in [
        json!({}),
        json!({"$set": {"roomKey": 1}}),
        json!({"$set": {"__STATE__": "TRASH"}}),
        json!({"$set": {"updatedAt": "2026-01-02T12:00:00Z"}}),
        json!({"$unset": {"bandyerRoomId": true}}),
        json!({"$rename": {"endDate": "startDate"}}),
        json!({"endDate": "2026-01-02T12:00:00Z"}),
    ] {
        assert_eq!(service.call("PATCH", &format!("{ROOMS}/{id}"), Some(refused.clone())).await.0, 400, "{refused}");
    }
}

#[tokio::test]
async fn a_change_can_depend_on_the_time_of_the_last_one() {
    let service = start().await;
    let id = service.insert("r1").await;
    let target = format!("{ROOMS}/{id}?{}", filter(&json!({"updatedAt": {"$eq": "2026-01-01T10:00:00.000Z"}})));
    service.clock.advance(SignedDuration::from_millis(1));
    let set = |room: &str| Some(json!({"$set": {"bandyerRoomId": room}}));
    assert_eq!(service.call("PATCH", &target, set("r2")).await.0, 200);
    assert_eq!(service.call("PATCH", &target, set("r3")).await, (404, json!({"error": "not found"})));
    assert_eq!(service.fake.documents(ROOMS)[0]["bandyerRoomId"], "r2");
}

#[tokio::test]
async fn what_is_in_the_trash_is_seen_only_by_those_who_ask() {
    let service = start().await;
    let id = service.insert("r1").await;
    let to =
        async |state: &str| service.call("POST", &format!("{ROOMS}/{id}/state"), Some(json!({"stateTo": state}))).await;
    assert_eq!(to("TRASH").await, (204, Value::Null));
    assert_eq!(to("TRASH").await, (204, Value::Null));
    assert_eq!(service.call("GET", &format!("{ROOMS}/{id}"), None).await.0, 404);
    assert_eq!(service.call("GET", &format!("{ROOMS}/{id}?_st=PUBLIC,TRASH"), None).await.0, 200);
    assert_eq!(service.rooms("").await, [""; 0]);
    let (status, refused) = to("PUBLIC").await;
    assert_eq!((status, &refused["message"]), (400, &json!("transition from TRASH to PUBLIC not allowed.")));
    assert_eq!(to("DELETED").await.0, 204);
    assert_eq!(to("DRAFT").await.0, 400);
    assert_eq!(service.call("DELETE", &format!("{ROOMS}/{id}?_st=DELETED"), None).await.0, 204);
    assert!(service.fake.documents(ROOMS).is_empty());
}

#[tokio::test]
async fn a_collection_tells_its_columns() {
    let service = start().await;
    let (status, schema) = service.call("GET", &format!("{ROOMS}/schema"), None).await;
    assert_eq!(status, 200);
    assert!(schema["properties"].get("duration").is_some());
    assert_eq!(schema["required"], json!(["bandyerRoomId", "participants", "participantsNumber", "startDate"]));
}

#[tokio::test]
async fn it_fails_as_told() {
    let service = start().await;
    service.fake.fail("POST /bk", Fault::Before(503));
    assert_eq!(service.call("POST", &format!("{ROOMS}/"), Some(document("r1"))).await.0, 503);
    assert!(service.fake.documents(ROOMS).is_empty());
    service.fake.fail("POST /bk", Fault::After(500));
    assert_eq!(service.call("POST", &format!("{ROOMS}/"), Some(document("r1"))).await.0, 500);
    assert_eq!(service.fake.documents(ROOMS).len(), 1);
    assert_eq!(service.fake.seen().len(), 2);
    assert!(service.fake.seen().is_empty());
}

#[tokio::test]
async fn requests_wait_for_what_becomes_of_them() {
    let service = start().await;
    let mut calls = service.fake.hold();
    let (id, ()) = tokio::join!(service.insert("r1"), async { calls.next().await.answer().await });
    let target = format!("{ROOMS}/{id}");

    let failing = service.call("DELETE", &target, None);
    let (failed, ()) = tokio::join!(failing, async { calls.next().await.fail(Fault::Before(500)).await });
    assert_eq!(failed.0, 500);

    for (is_carried_out, left) in [(false, 1), (true, 0)] {
        let unanswered = async {
            let waiting = calls.next().await;
            assert_eq!(waiting.seen.line, format!("DELETE {target}"));
            if is_carried_out {
                waiting.swallow().await;
            }
        };
        tokio::select! {
            _ = service.call("DELETE", &target, None) => panic!("there is no answer"),
            () = unanswered => {}
        }
        assert_eq!(service.fake.documents(ROOMS).len(), left);
    }
}

#[tokio::test]
async fn answers_are_spoilt_as_ordered() {
    let service = start().await;
    let get = async || {
        service.client.get(format!("{}{ROOMS}/", service.fake.url())).send().await.unwrap().text().await.unwrap()
    };
    service.insert("r1").await;
    let whole = get().await;
    service.fake.fail("GET", Fault::Half);
    let half = get().await;
    assert!(whole.starts_with(&half) && half.len() < whole.len(), "{half}");
    service.fake.fail("GET", Fault::Enormous);
    assert!(get().await.len() > 16_000_000);
    assert_eq!(get().await, whole);
}
