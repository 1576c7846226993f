//! A page's side of the call channel.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    events: VecDeque<Value>,
    next: u64,
}

impl Page {
    /// A connection that has said nothing yet.
    pub async fn silent(port: u16) -> Self {
        let (socket, _) = connect_async(format!("ws://localhost:{port}/call/channel")).await.unwrap();
        Self { socket, events: VecDeque::new(), next: 1 }
    }

    /// A connection that was welcomed, and how.
    pub async fn open(port: u16, token: &str) -> (Self, Value) {
        let mut page = Self::silent(port).await;
        page.ok(json!({"do": "hello", "access_token": token})).await;
        let welcome = page.event("welcome").await;
        (page, welcome)
    }

    pub async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn frame(&mut self) -> Result<Value, u16> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("a frame comes in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(Error::ConnectionClosed)) | None => return Err(1006),
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }

    /// What a command is answered; events that come before are kept.
    async fn reply(&mut self, mut command: Value) -> Value {
        let number = self.next;
        self.next += 1;
        command["id"] = json!(number);
        self.send(&command.to_string()).await;
        loop {
            let frame = self.frame().await.unwrap_or_else(|code| panic!("closed with {code} after {command}"));
            if frame.get("event").is_some() {
                self.events.push_back(frame);
            } else {
                assert_eq!(frame["re"], number, "{frame}");
                return frame;
            }
        }
    }

    /// What a command is answered that is carried out.
    pub async fn ok(&mut self, command: Value) -> Value {
        let reply = self.reply(command.clone()).await;
        reply.get("ok").unwrap_or_else(|| panic!("{command}: {reply}")).clone()
    }

    /// The code with which a command is refused.
    pub async fn refused(&mut self, command: Value) -> String {
        let reply = self.reply(command.clone()).await;
        reply["refused"]["code"].as_str().unwrap_or_else(|| panic!("{command}: {reply}")).to_owned()
    }

    /// The next event of that name.
    pub async fn event(&mut self, name: &str) -> Value {
        if let Some(place) = self.events.iter().position(|event| event["event"] == name) {
            return self.events.remove(place).unwrap();
        }
        loop {
            let frame = self.frame().await.unwrap_or_else(|code| panic!("closed with {code} before {name}"));
            if frame["event"] == name {
                return frame;
            }
            self.events.push_back(frame);
        }
    }

    /// What was told up to now: whatever was sent before this command is answered is here by then.
    pub async fn told(&mut self) -> Vec<Value> {
        // Any command would do.
        self.reply(json!({"do": "nothing"})).await;
        self.events.drain(..).collect()
    }

    /// Closes the connection, as a page does that is closed.
    pub async fn leave(mut self) {
        self.socket.close(None).await.unwrap();
    }

    /// The code with which the connection is closed.
    pub async fn closed(mut self) -> u16 {
        loop {
            if let Err(code) = self.frame().await {
                return code;
            }
        }
    }
}
