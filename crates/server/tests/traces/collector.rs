//! A collector of traces that keeps what it is sent.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
};
use prost::Message as _;
use tokio::net::TcpListener;

pub use opentelemetry_proto::tonic::trace::v1::Span;

/// One request to the collector.
#[derive(Debug, Clone)]
pub struct Post {
    pub authorization: Option<String>,
    pub service_name: Option<String>,
    pub spans: Vec<Span>,
}

type Posts = Arc<Mutex<Vec<Post>>>;

pub struct Collector {
    pub url: String,
    posts: Posts,
}

impl Collector {
    /// Serves as long as the test runs.
    pub async fn start() -> Self {
        let posts = Posts::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(posts.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, posts }
    }

    pub fn requests(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }
}

async fn take(State(posts): State<Posts>, headers: HeaderMap, body: Bytes) {
    let export = ExportTraceServiceRequest::decode(body).unwrap();
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    for resource in export.resource_spans {
        let about = resource.resource.unwrap_or_default().attributes;
        let service_name = about.iter().find(|it| it.key == "service.name").map(value);
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans).collect();
        posts.lock().unwrap().push(Post { authorization: authorization.clone(), service_name, spans });
    }
}

/// An attribute of a span, empty if it is absent.
pub fn text(span: &Span, name: &str) -> String {
    span.attributes.iter().find(|it| it.key == name).map(value).unwrap_or_default()
}

fn value(attribute: &KeyValue) -> String {
    match &attribute.value {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text.clone(),
        Some(AnyValue { value: Some(Value::IntValue(number)) }) => number.to_string(),
        other => panic!("{other:?}"),
    }
}
