//! A media service on free ports, and a client that speaks to it.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use livekit_proto::{
    ApiKey, Claims, VideoGrant, join_request,
    proto::{ClientInfo, JoinRequest, signal_request, signal_response},
    signal,
};
use ports::{
    Chance, Clock,
    media::{Admission, Identity, MediaEvent, MediaRoom, RoomName},
};
use secrecy::SecretString;
use teleconsultation_media::{MediaConfig, MediaService};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, protocol::CloseFrame},
};

/// The clock stands still.
pub const NOW_S: i64 = 1_800_000_000;
/// Nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW_S).expect("a time")
    }
}

struct SameChance;

impl Chance for SameChance {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// Everybody but Eve may enter the room `open`.
struct OneRoom;

#[async_trait]
impl Admission for OneRoom {
    async fn admit(&self, room: &RoomName, identity: &Identity) -> Option<MediaRoom> {
        (room.0 == "open" && identity.0 != "eve").then(|| MediaRoom {
            name: room.clone(),
            participants_max: 3,
            metadata: "the room's".to_owned(),
        })
    }
}

pub fn api_key() -> ApiKey {
    ApiKey::new("key", &SecretString::from("a secret of more than thirty-two bytes")).expect("a fit key")
}

pub fn claims(room: &str, identity: &str) -> Claims {
    Claims {
        identity: identity.to_owned(),
        expires_s: NOW_S + 60,
        video: VideoGrant { room: room.to_owned(), room_join: true, ..VideoGrant::default() },
        ..Claims::default()
    }
}

pub fn token(room: &str, identity: &str) -> String {
    api_key().sign(&claims(room, identity)).expect("signs")
}

/// What a client asks for. Without anything in it, it would be encoded as nothing at all.
pub fn request() -> JoinRequest {
    JoinRequest { client_info: Some(ClientInfo { protocol: 16, ..ClientInfo::default() }), ..JoinRequest::default() }
}

pub struct House {
    pub service: MediaService,
    pub address: SocketAddr,
    /// Kept so that events have somewhere to go.
    pub _events: mpsc::Receiver<MediaEvent>,
}

impl House {
    pub async fn open() -> Self {
        Self::open_at([127, 0, 0, 1].into(), Some(0), Some(0)).await
    }

    pub async fn open_at(advertised: IpAddr, udp_port: Option<u16>, tcp_port: Option<u16>) -> Self {
        let config = MediaConfig {
            udp_port,
            tcp_port,
            advertised_ips: vec![advertised],
            api_key: api_key(),
            room_auto_create: false,
            shards: NonZeroUsize::new(2),
        };
        let (service, events) =
            MediaService::start(config, Arc::new(StoppedClock), &SameChance, Arc::new(OneRoom)).expect("starts");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let router = service.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { service, address, _events: events }
    }

    /// What a page gets that asks for a path: the whole answer as text.
    pub async fn ask(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("connects");
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        answer.to_lowercase()
    }

    pub async fn join(&self, identity: &str) -> Guest {
        self.join_with(&claims("open", identity), &request()).await
    }

    pub async fn join_with(&self, claims: &Claims, request: &JoinRequest) -> Guest {
        let request = join_request::encode(request);
        let token = api_key().sign(claims).expect("signs");
        let url = format!("ws://{}/rtc/v1?access_token={token}&join_request={request}", self.address);
        let (socket, _) = connect_async(url).await.expect("is let in");
        Guest { socket }
    }
}

pub struct Guest {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Guest {
    pub async fn send(&mut self, message: Message) {
        self.socket.send(message).await.expect("sends");
    }

    /// Sends although the other end may be closed.
    pub async fn try_send(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    pub async fn say(&mut self, request: signal_request::Message) {
        self.send(Message::binary(signal::encode_request(request))).await;
    }

    async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.socket.next()).await.expect("in time")?.ok()
    }

    /// The next message that is of interest.
    pub async fn hear<T>(&mut self, interest: impl Fn(signal_response::Message) -> Option<T>) -> T {
        loop {
            let Some(Message::Binary(frame)) = self.next().await else { panic!("the connection ended") };
            let message = signal::decode_response(&frame).expect("a signal").expect("of a known kind");
            if let Some(found) = interest(message) {
                return found;
            }
        }
    }

    /// Reads to the end: how the connection was closed.
    pub async fn end(&mut self) -> Option<CloseFrame> {
        loop {
            match self.next().await {
                Some(Message::Close(frame)) => return frame,
                Some(_) => {}
                None => return None,
            }
        }
    }
}
