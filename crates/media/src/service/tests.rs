//! What a shard that fails takes with it, and what not.

use jiff::Timestamp;
use livekit_proto::proto::{leave_request::Action, signal_response::Message};
use media_core::{Join, Permissions};
use secrecy::SecretString;

use super::*;
use crate::mailbox::JoinMail;

/// Nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

struct SameChance;

impl Chance for SameChance {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

struct Nobody;

#[async_trait]
impl Admission for Nobody {
    async fn admit(&self, _room: &RoomName, _identity: &Identity) -> Option<MediaRoom> {
        None
    }
}

fn start() -> (MediaService, mpsc::Receiver<MediaEvent>) {
    let secret = SecretString::from("a secret of more than thirty-two bytes");
    let config = MediaConfig {
        udp_port: Some(0),
        tcp_port: None,
        advertised_ips: vec![[127, 0, 0, 1].into()],
        api_key: ApiKey::new("key", &secret).expect("a fit key"),
        room_auto_create: false,
        shards: NonZeroUsize::new(2),
    };
    MediaService::start(config, Arc::new(StoppedClock), &SameChance, Arc::new(Nobody)).expect("starts")
}

async fn open(service: &MediaService, room: &str) -> ShardIndex {
    let described = MediaRoom { name: RoomName(room.to_owned()), participants_max: 2, metadata: String::new() };
    service.open_room(&described).await.expect("opens");
    service.inner.rooms.shard_of(room).expect("open")
}

/// Somebody comes in: what they are told.
async fn enter(service: &MediaService, room: &str) -> mpsc::Receiver<Box<Message>> {
    let (client, messages) = mpsc::channel(100);
    let (taken, is_taken) = oneshot::channel();
    let join = Join {
        connection: service.inner.next_connection(),
        room: room.to_owned(),
        identity: "ada".to_owned(),
        name: String::new(),
        metadata: String::new(),
        attributes: Vec::new(),
        permissions: Permissions {
            can_publish: true,
            can_publish_sources: Vec::new(),
            can_subscribe: true,
            can_publish_data: true,
            can_update_metadata: false,
            hidden: false,
        },
        request: proto::JoinRequest::default(),
        single_peer_connection: false,
    };
    let config = RoomConfig { name: room.to_owned(), participants_max: 2, metadata: String::new() };
    let opening = service.inner.rooms.opening(room).expect("there is place");
    let mail = JoinMail { room: config, auto_created: false, join, client, taken };
    service.inner.rooms.mailbox(opening.shard()).join(mail).await.expect("the shard is there");
    is_taken.await.expect("is let in");
    messages
}

/// All that somebody is told up to the end of their connection; the last that is said in any case.
async fn to_the_end(mut messages: mpsc::Receiver<Box<Message>>) -> Option<Message> {
    let reading = async {
        let mut last = None;
        while let Some(message) = messages.recv().await {
            last = Some(*message);
        }
        last
    };
    timeout(PATIENCE, reading).await.expect("in time")
}

#[tokio::test]
async fn a_shard_that_fails_ends_its_own_rooms_and_goes_on() {
    let (service, mut events) = start();
    let (failing, other) = (open(&service, "a").await, open(&service, "b").await);
    assert_ne!(failing, other);
    let (ada, mut ben) = (enter(&service, "a").await, enter(&service, "b").await);

    let mailbox = service.inner.rooms.mailbox(failing);
    mailbox.signal(SignalMail::Panic).await.expect("the shard is there");

    let Some(Message::Leave(leave)) = to_the_end(ada).await else { panic!("nobody said goodbye") };
    assert_eq!(leave.action(), Action::Reconnect);
    let told = timeout(PATIENCE, events.recv()).await.expect("in time");
    assert_eq!(told, Some(MediaEvent::Closed { room: RoomName("a".to_owned()) }));
    assert_eq!(service.counters().shard_failures, 1);

    let people = service.participants(&RoomName("b".to_owned())).await.expect("open");
    assert_eq!(people, [Identity("ada".to_owned())]);
    while let Ok(message) = ben.try_recv() {
        assert!(!matches!(*message, Message::Leave(_)), "the other room goes on");
    }
    assert!(!ben.is_closed());

    assert!(matches!(service.participants(&RoomName("a".to_owned())).await, Err(MediaError::NotFound)));
    assert_eq!(open(&service, "a").await, failing, "the shard is at work again");
    let mut again = enter(&service, "a").await;
    assert!(matches!(again.recv().await.as_deref(), Some(Message::Join(_))));
    assert!(service.stop(PATIENCE).await);
}
