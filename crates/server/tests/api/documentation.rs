//! The API document and its page (`mia-platform.md` §3.3).

use axum::http::Method;
use serde_json::Value;

use crate::support::Api;

#[tokio::test]
async fn the_document_is_served_committed_and_titled_as_the_service() {
    let api = Api::new();
    let served = api.call_bare("GET", "/documentation/json").await.json();
    assert_eq!(served["info"]["title"], "teleconsultation-service-backend");
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1."));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed: Value =
        serde_json::from_str(&std::fs::read_to_string(committed).unwrap_or_default()).unwrap_or_default();
    assert!(
        served == committed,
        "docs/openapi.json is not what the code says: `cargo run -- print-openapi > docs/openapi.json`"
    );
}

#[tokio::test]
async fn every_documented_operation_is_served() {
    let api = Api::new();
    let document = api.call_bare("GET", "/documentation/json").await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = api
                .call_bare(
                    method.as_str(),
                    &path.replace("{roomId}", "65f0c0ffee0123456789abcd").replace("{sessionId}", "session_1"),
                )
                .await;
            // This router has no entrance into calls, and an answer to HEAD has no body that could say so.
            let expected = path.starts_with("/call/");
            if method == Method::HEAD {
                assert_eq!((answer.status.as_u16(), expected), (404, true), "{method} {path}");
                continue;
            }
            assert_eq!(answer.body.starts_with("{\"message\":\"Route "), expected, "{method} {path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn every_documented_example_does_what_it_says() {
    let api = Api::new();
    let document = api.call_bare("GET", "/documentation/json").await.json();
    let example = |path: &str, method: &str| {
        let example = &document["paths"][path][method]["requestBody"]["content"]["application/json"]["example"];
        assert!(example.is_object(), "{method} {path}");
        example.clone()
    };
    let id = api.schedule(&example("/teleconsultation", "post")).await;
    let path = format!("/teleconsultation/{id}");
    let parameters = document["paths"]["/teleconsultation/{roomId}"]["get"]["parameters"].as_array().unwrap();
    let caller = parameters.iter().find(|parameter| parameter["in"] == "header").unwrap();
    assert_eq!(caller["name"], "miauserid");
    assert_eq!(api.read_as(caller["example"].as_str().unwrap(), &path).await.status, 200);
    let change = example("/teleconsultation/{roomId}", "patch");
    assert_eq!(api.call("PATCH", &path, &change).await.status, 204);
    let person = example("/teleconsultation/{roomId}/participants/data", "post");
    assert_eq!(api.call("POST", &format!("{path}/participants/data"), &person).await.status, 201);
}

#[tokio::test]
async fn the_page_is_where_callers_look_for_it() {
    let api = Api::new();
    for path in ["/documentation", "/documentation/static/index.html"] {
        let answer = api.call_bare("GET", path).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (302, &"/documentation/".parse().unwrap()));
    }
    let page = api.call_bare("GET", "/documentation/").await;
    assert!(page.body.contains("/teleconsultation/{roomId}/participants/data"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
}
