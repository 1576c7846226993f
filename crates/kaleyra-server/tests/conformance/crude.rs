//! Requests as other clients send them: spelled otherwise, broken, without a key.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use kaleyra_video::{NewUser, Role};
use serde_json::{Value, json};

use crate::service::{KEY, Service};

struct Answer {
    status: u16,
    body: Value,
    content_type: String,
}

async fn send(service: &Service, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let stream = tokio::net::TcpStream::connect(service.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header("host", service.address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let bytes = axum::body::to_bytes(Body::new(response.into_body()), 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status, body, content_type: content_type.unwrap_or_default() }
}

const JSON: [(&str, &str); 2] = [("apikey", KEY), ("content-type", "application/json")];

#[tokio::test]
async fn nothing_is_answered_without_the_key() {
    let service = Service::start().await;
    for path in ["/v2/company", "/v2/nothing", "/rest/company", "/rest/room/create"] {
        for headers in
            [&[][..], &[("apikey", "ak_live_wrong")], &[("apikey", KEY), ("apikey", KEY)], &[("authorization", KEY)]]
        {
            let answer = send(&service, Method::GET, path, headers, "").await;
            let expected = json!({
                "status": 401,
                "name": "invalid_api_key",
                "code": "invalid_api_key",
                "message": "The api key is missing or wrong.",
            });
            assert_eq!((answer.status, answer.body), (401, expected), "{path}");
        }
    }
    let answer = send(&service, Method::GET, "/v2/company", &[("ApiKey", KEY)], "").await;
    assert_eq!(answer.status, 200, "in every case of letters");
}

#[tokio::test]
async fn an_unknown_operation_is_answered_in_the_layout_of_errors() {
    let service = Service::start().await;
    for (method, path) in [(Method::GET, "/v2/nothing"), (Method::PATCH, "/v2/rooms"), (Method::GET, "/rest/v7/hook")] {
        let answer = send(&service, method, path, &JSON, "").await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("unknown_route")), "{path}");
        assert_eq!(answer.content_type, "application/json");
    }
}

#[tokio::test]
async fn who_is_made_without_a_language_has_the_companys() {
    let service = Service::start().await;
    let made = async |body: &str| send(&service, Method::POST, "/v2/users", &JSON, body).await.body["language"].clone();
    assert_eq!(made(r#"{"id":"anna","role":"plus"}"#).await, "en");
    let changed = send(&service, Method::PUT, "/v2/company", &JSON, r#"{"default_language":"it"}"#).await;
    assert_eq!((changed.status, &changed.body["default_language"]), (200, &json!("it")));
    assert_eq!(made(r#"{"id":"bert","role":"plus"}"#).await, "it");
    assert_eq!(made(r#"{"id":"cleo","role":"plus","language":"de"}"#).await, "de");
}

#[tokio::test]
async fn requests_are_understood_as_the_vendors_samples_write_them() {
    let service = Service::start().await;
    let form = [("apikey", KEY), ("content-type", "application/x-www-form-urlencoded")];
    for (id, role) in [("anna", "plus"), ("bert", "basic")] {
        let body = format!("id={id}&role={role}&can_video=0");
        let answer = send(&service, Method::POST, "/rest/user/create", &form, &body).await;
        assert_eq!(
            (answer.status, &answer.body["id"], &answer.body["user"]["can_video"]),
            (200, &json!(id), &json!(false))
        );
    }
    let listed = send(&service, Method::GET, "/v2/users", &JSON, r#"{"offset":1,"limit":"1"}"#).await;
    assert_eq!((&listed.body["users"][0]["id"], &listed.body["count"]), (&json!("bert"), &json!(1)));
    assert_eq!((&listed.body["offset"], &listed.body["has_more"]), (&json!(1), &json!(false)));

    let room =
        send(&service, Method::POST, "/v2/rooms", &JSON, r#"{"participants":["anna","bert"],"duration":""}"#).await;
    assert_eq!((room.status, &room.body["duration"]), (201, &Value::Null));
    let path = format!("/v2/rooms/{}/partecipants", room.body["id"].as_str().unwrap());
    let people = send(&service, Method::GET, &path, &JSON, "").await;
    assert_eq!(people.body["participants"].as_array().unwrap().len(), 2);
    let old = send(
        &service,
        Method::POST,
        "/rest/room/create",
        &JSON,
        r#"{"user_list_in_call":["anna","bert"],"record":"1"}"#,
    );
    let old = old.await.body;
    assert_eq!((&old["room"]["record"], &old["room"]["directCall"]), (&json!(1), &json!(false)));
    let listed = send(&service, Method::GET, "/rest/user/room/list/anna?filter[limit]=1", &JSON, "").await;
    assert_eq!(listed.body["room_list"].as_array().unwrap().len(), 1);

    let hook = r#"{"post_event_webhook_url":"https://a.example/","webhook_method":"POST","webhook_filters":[{"event":"on_call_ended"}]}"#;
    let configured = send(&service, Method::POST, "/rest/hook/configure", &JSON, hook).await;
    assert_eq!(configured.body["active_webhooks"][0]["event"], json!("on_call_ended"));
    let hooks = send(&service, Method::GET, "/rest/v0/hook", &JSON, "").await;
    assert_eq!(hooks.body["active_webhooks"]["https://a.example/"][0]["event_version"], json!("0"));

    for (body, status) in [("user_id=anna", 200), ("user_id=anna&expires_in=359", 422), ("expires_in=360", 422)] {
        let answer = send(&service, Method::POST, "/rest/sdk/credentials", &form, body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }

    let unescaped = send(&service, Method::GET, "/v2/uploads/production/company/anna/1-2", &JSON, "").await;
    assert_eq!(unescaped.body["code"], json!("upload_key_not_exists"));
}

#[tokio::test]
async fn garbage_is_refused_in_the_layout_of_errors() {
    let service = Service::start().await;
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(300 * 1024));
    for (method, path, headers, body, status) in [
        (Method::POST, "/v2/users", &JSON[..], "{", 400),
        (Method::POST, "/v2/users", &JSON, "[]", 400),
        (Method::POST, "/v2/users", &JSON, r#"{"role":7}"#, 422),
        (Method::POST, "/v2/rooms", &JSON, r#"{"participants":{"a":1}}"#, 422),
        (Method::POST, "/v2/rooms", &JSON, r#"{"participants":[7,8]}"#, 422),
        (Method::GET, "/v2/users?limit=x", &JSON, "", 422),
        (Method::GET, "/v2/sessions?start_date=yesterday", &JSON, "", 422),
        (Method::GET, "/v2/users/%ff", &JSON, "", 400),
        (Method::PUT, "/v2/company", &JSON, &long, 413),
        (Method::PUT, "/v2/company/theme/logo", &JSON, "{}", 400),
        (
            Method::PUT,
            "/v2/company/theme/logo",
            &[("apikey", KEY), ("content-type", "multipart/form-data; boundary=x")],
            "--x\r\nContent-Disposition: form-data; name=\"logo\"\r\n\r\ncut short",
            400,
        ),
    ] {
        let answer = send(&service, method.clone(), path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.body["status"], json!(status), "{method} {path}");
    }
}

#[tokio::test]
async fn a_picture_can_be_fetched_by_its_address_and_by_no_other() {
    let service = Service::start().await;
    let client = service.client("v2");
    client.create_user(&NewUser::new("anna".into(), Role::Plus)).await.unwrap();
    let url = client.update_avatar(&"anna".into(), crate::company::jpeg(300)).await.unwrap().unwrap();
    let path = url.as_str().strip_prefix(&format!("http://{}", service.address)).unwrap();
    let fetched = send(&service, Method::GET, path, &[], "").await;
    assert_eq!((fetched.status, fetched.content_type.as_str()), (200, "image/jpeg"));
    let (start, signature) = path.rsplit_once('/').unwrap();
    let forged = format!("{start}/{}", signature.replace(|digit: char| digit != '0', "0"));
    for other in [forged.as_str(), start, &format!("{start}/zz"), "/company-files/tag-x/00", "/company-files/x/00"] {
        assert_eq!(send(&service, Method::GET, other, &[], "").await.status, StatusCode::NOT_FOUND.as_u16(), "{other}");
    }
    client.delete_avatar(&"anna".into()).await.unwrap();
    assert_eq!(send(&service, Method::GET, path, &[], "").await.status, 404);
}
