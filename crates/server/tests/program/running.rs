//! The program, running in this process.

use std::{future::Future, path::Path};

use serde_json::Value;
use teleconsultation_server::{
    config::Config,
    program::{self, ServeError, Stop},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    client::{Answer, Request},
    logs,
};

pub struct Running {
    port: u16,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
}

fn config(folder: &Path, settings: &[(&str, &str)]) -> Config {
    let usual = [
        ("DATA_DIR", folder.to_str().unwrap()),
        ("MEDIA_UDP_PORT", "0"),
        ("MEDIA_TCP_PORT", "0"),
        ("WAIT_BEFORE_SERVER_CLOSE_SEC", "0"),
        // Those who are to wait say so.
        ("WAITING_ROOM", "false"),
    ];
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::load(usual.iter().chain(settings).map(owned)).unwrap()
}

/// Starts the program and stops it at once.
pub async fn try_start(folder: &Path, settings: &[(&str, &str)]) -> Result<(), ServeError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    program::serve(vec![listener], config(folder, settings), async { Stop::Now }).await
}

impl Running {
    pub async fn start(folder: &Path) -> Self {
        Self::with(folder, &[]).await
    }

    pub async fn with(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::on(folder, 0, settings).await
    }

    pub async fn on(folder: &Path, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::with_config(port, config(folder, settings)).await
    }

    /// The program in an environment as another service had it, with a data folder of its own.
    pub async fn in_environment(data_dir: &Path, environment: Vec<(String, String)>) -> Self {
        let own = [("DATA_DIR", data_dir.to_str().unwrap()), ("WAIT_BEFORE_SERVER_CLOSE_SEC", "0")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self::with_config(0, Config::load(environment.into_iter().chain(own)).unwrap()).await
    }

    async fn with_config(port: u16, config: Config) -> Self {
        logs::keep();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // A test that failed drops the sender, which also means to stop.
            let _ = stopped.await;
            Stop::Gently
        };
        let ended = tokio::spawn(program::serve(vec![listener], config, shutdown));
        // The listener exists, so requests wait until the program serves them.
        Self { port, stop, ended }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A path where people would see it.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    async fn send(&self, method: &str, path: &str, user: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = Request::new(self.port, method, path, user, body).await;
        request.send_rest().await;
        request.answer().await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, None).await
    }

    pub async fn read(&self, path: &str, user: &str) -> Answer {
        self.send("GET", path, Some(user), None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, None, Some(body)).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.send_with("POST", path, headers, body).await
    }

    pub async fn put_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.send_with("PUT", path, headers, body).await
    }

    /// Sends a request about a file, by tus.
    pub async fn tus(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = format!("Bearer {token}");
        let ours = [("authorization", bearer.as_str()), ("tus-resumable", "1.0.0")];
        let mut request = Request::with_bytes(self.port, method, path, &[&ours[..], headers].concat(), body).await;
        request.send_rest().await;
        request.answer().await
    }

    pub async fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::new(self.port, method, path, None, Some(body)).await;
        request.add_headers(headers);
        request.send_rest().await;
        request.answer().await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, None, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, None).await
    }

    pub async fn begin_post(&self, path: &str, body: &Value) -> Request {
        Request::new(self.port, "POST", path, None, Some(body)).await
    }

    /// Tells the program to end, and returns what waits for it.
    pub fn begin_stop(self) -> impl Future<Output = ()> {
        // A program that has ended by itself says why below.
        let _ = self.stop.send(());
        let ended = self.ended;
        async { ended.await.unwrap().unwrap() }
    }

    pub async fn stop(self) {
        self.begin_stop().await;
    }
}
