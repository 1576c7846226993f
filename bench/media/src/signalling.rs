//! Signalling connections of the clients: real `WebSocket`s, each served by a task.

use std::{error::Error, sync::mpsc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use livekit_proto::{
    Claims, VideoGrant, join_request,
    proto::{self, signal_request, signal_response},
    signal,
};
use tokio::{runtime::Handle, sync::mpsc::UnboundedSender, time::interval};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::server;

/// How often clients ping.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// What the server says to a client, by the client's number.
pub type Heard = (usize, signal_response::Message);

/// The way to a client's connection.
pub type Say = UnboundedSender<signal_request::Message>;

/// Connects a client; what the server says goes to `heard`.
pub fn connect(
    runtime: &Handle,
    address: &str,
    (room, identity): (&str, &str),
    request: &proto::JoinRequest,
    client: usize,
    heard: mpsc::Sender<Heard>,
) -> Result<Say, Box<dyn Error>> {
    let video = VideoGrant { room: room.to_owned(), room_join: true, ..VideoGrant::default() };
    let expires_s = jiff::Timestamp::now().as_second() + 3600;
    let claims = Claims { identity: identity.to_owned(), expires_s, video, ..Claims::default() };
    let token = server::api_key().sign(&claims)?;
    let url = format!("ws://{address}/rtc/v1?access_token={token}&join_request={}", join_request::encode(request));
    let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
    runtime.spawn(async move {
        let (mut socket, _) = connect_async(url).await.expect("the server lets us in");
        let mut pings = interval(PING_INTERVAL);
        loop {
            let request = tokio::select! {
                frame = socket.next() => {
                    let Some(Ok(Message::Binary(frame))) = frame else { return };
                    if let Some(message) = signal::decode_response(&frame).expect("the server's own message")
                        && heard.send((client, message)).is_err() {
                        return;
                    }
                    continue;
                }
                request = said.recv() => match request {
                    Some(request) => request,
                    None => return,
                },
                _ = pings.tick() => signal_request::Message::PingReq(proto::Ping { timestamp: 1, rtt: 0 }),
            };
            if socket.send(Message::binary(signal::encode_request(request))).await.is_err() {
                return;
            }
        }
    });
    Ok(say)
}
