//! Webhooks and names, read by the client's own types.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::ProviderUserId;
use jiff::SignedDuration;
use kaleyra_video::{
    Change, CompanyUpdate, Event, EventData, HookVersion, NewParticipant, NewRoom, NewUser, Ring, Role, Signature,
    UserDetailsRequest, verify_room_id,
};
use ports::names::Names;
use teleconsultation_kaleyra_server::webhooks::{Letter, Messenger, Post, PostError, ProvidedNames, Reply};

use crate::service::{KEY, Service};

/// Keeps letters, and answers as it is told; 200 when it is not.
#[derive(Default)]
struct Receiver {
    letters: Mutex<Vec<Letter>>,
    answers: Mutex<VecDeque<Result<Reply, PostError>>>,
}

#[async_trait]
impl Post for Receiver {
    async fn send(&self, letter: Letter) -> Result<Reply, PostError> {
        self.letters.lock().unwrap().push(letter);
        self.answers.lock().unwrap().pop_front().unwrap_or_else(|| Ok(reply(200)))
    }
}

fn reply(status: u16) -> Reply {
    Reply { status, body: Vec::new() }
}

impl Receiver {
    fn answer(&self, answer: Result<Reply, PostError>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }
}

fn messenger(service: &Service, receiver: &Arc<Receiver>) -> Messenger {
    Messenger::new(service.video.clone(), service.store.clone(), receiver.clone(), KEY.into(), service.clock.clone())
}

async fn deliver_all(messenger: &Messenger) {
    while messenger.deliver_due().await.unwrap() > 0 {}
}

async fn duo(service: &Service) -> NewRoom {
    let client = service.client("v2");
    for (name, role) in [("anna", Role::Plus), ("bert", Role::Basic)] {
        client.create_user(&NewUser::new(name.into(), role)).await.unwrap();
    }
    let participant = |name: &str| NewParticipant { user_id: name.into(), is_admin: false, tools: None };
    NewRoom::new(vec![participant("anna"), participant("bert")])
}

const URL: &str = "https://clinic.example/hook";

#[tokio::test]
async fn what_happens_to_a_room_is_told_in_the_newer_shape_and_signed() {
    let service = Service::start().await;
    let (order, receiver) = (duo(&service).await, Arc::new(Receiver::default()));
    let messenger = messenger(&service, &receiver);
    let events = ["on_room_created", "on_room_disabled", "on_room_deleted", "on_call_incoming"].map(Into::into);
    service.client("rest").configure_hooks(HookVersion::V1, URL, &events).await.unwrap();
    let client = service.client("v2");
    let room = client.create_room(&order).await.unwrap();
    client.ring_room(&room.id, &Ring::default()).await.unwrap();
    client.disable_room(&room.id).await.unwrap();
    let other = client.create_room(&order).await.unwrap();
    client.delete_room(&other.id).await.unwrap();
    deliver_all(&messenger).await;

    let letters = receiver.take();
    let mut told = Vec::new();
    for letter in &letters {
        assert_eq!((letter.url.as_str(), letter.header.0), (URL, kaleyra_video::SIGNATURE_HEADER));
        let signature = Signature::parse(&letter.header.1).unwrap();
        signature.verify(&KEY.into(), &letter.body).unwrap();
        let event = Event::parse(&letter.body).unwrap();
        match event.data {
            EventData::Room(created) => {
                let known = if created.id == room.id { &room } else { &other };
                let links = |room: &kaleyra_video::Room| {
                    room.participants.iter().map(|one| one.link.clone()).collect::<Vec<_>>()
                };
                assert_eq!(links(&created), links(known));
                told.push(("created", created.id));
            }
            EventData::Withdrawn(withdrawn) => {
                assert_eq!(withdrawn.links.len(), 2);
                assert!(withdrawn.links.iter().all(|link| link.link.is_some()));
                told.push(("withdrawn", withdrawn.room_id));
            }
            data @ (EventData::Call(_)
            | EventData::CallEnded { .. }
            | EventData::Feedback(_)
            | EventData::Session(_)
            | EventData::Presence(_)
            | EventData::File(_)
            | EventData::Broadcast(_)
            | EventData::Message(_)
            | EventData::UploadTag(_)
            | EventData::Other(_)) => panic!("{data:?}"),
        }
    }
    told.sort();
    let mut expected =
        [("created", room.id.clone()), ("created", other.id.clone()), ("withdrawn", room.id), ("withdrawn", other.id)];
    expected.sort();
    assert_eq!(told, expected, "an event of the older shape only is not told in the newer");
}

#[tokio::test]
async fn the_older_shape_is_told_and_signed_as_it_was() {
    let service = Service::start().await;
    let (order, receiver) = (duo(&service).await, Arc::new(Receiver::default()));
    let messenger = messenger(&service, &receiver);
    let events = ["on_room_created", "on_room_deleted", "on_call_incoming"].map(Into::into);
    service.client("rest").configure_hooks(HookVersion::V0, URL, &events).await.unwrap();
    let client = service.client("v2");
    let room = client.create_room(&order).await.unwrap();
    client.ring_room(&room.id, &Ring { initiator: Some("anna".into()), participants: vec![] }).await.unwrap();
    client.delete_room(&room.id).await.unwrap();
    deliver_all(&messenger).await;
    let letters = receiver.take();
    assert_eq!(letters.len(), 3);
    let mut called = false;
    for letter in letters {
        assert_eq!(letter.header.0, kaleyra_video::ROOM_ID_SIGNATURE_HEADER);
        verify_room_id(&KEY.into(), &letter.header.1, room.id.as_str()).unwrap();
        if let EventData::Call(call) = Event::parse(&letter.body).unwrap().data {
            assert_eq!((call.room_id, call.users), (Some(room.id.clone()), vec!["bert".into()]));
            called = true;
        }
    }
    assert!(called);
}

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_later_and_then_given_up() {
    let service = Service::start().await;
    let (order, receiver) = (duo(&service).await, Arc::new(Receiver::default()));
    let messenger = messenger(&service, &receiver);
    let events = ["on_room_created"].map(Into::into);
    service.client("rest").configure_hooks(HookVersion::V1, URL, &events).await.unwrap();
    service.client("v2").create_room(&order).await.unwrap();
    let mut bodies = Vec::new();
    for (attempt, wait_s) in [10, 60, 300, 1_800, 7_200, 0].into_iter().enumerate() {
        receiver.answer(match attempt {
            0 => Ok(reply(500)),
            1 => Err(PostError::Failed("told to fail".to_owned())),
            // Only 200 counts.
            _ => Ok(reply(204)),
        });
        assert_eq!(messenger.deliver_due().await.unwrap(), 1, "attempt {attempt}");
        bodies.extend(receiver.take().into_iter().map(|letter| letter.body));
        service.clock.advance(SignedDuration::from_secs(wait_s - 1));
        assert_eq!(messenger.deliver_due().await.unwrap(), 0);
        service.clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(bodies.len(), 6);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "it is told the same each time");
    service.clock.advance(SignedDuration::from_hours(100));
    assert_eq!(messenger.deliver_due().await.unwrap(), 0);
}

#[tokio::test]
async fn an_address_that_is_forbidden_is_given_up_at_once() {
    let service = Service::start().await;
    let (order, receiver) = (duo(&service).await, Arc::new(Receiver::default()));
    let messenger = messenger(&service, &receiver);
    service.client("rest").configure_hooks(HookVersion::V1, URL, &["on_room_created".into()]).await.unwrap();
    service.client("v2").create_room(&order).await.unwrap();
    receiver.answer(Err(PostError::Forbidden));
    assert_eq!(messenger.deliver_due().await.unwrap(), 1);
    service.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(messenger.deliver_due().await.unwrap(), 0);
}

#[tokio::test]
async fn names_come_from_the_companys_own_service() {
    let service = Service::start().await;
    let receiver = Arc::new(Receiver::default());
    let names = ProvidedNames::new(service.store.clone(), receiver.clone(), KEY.into(), service.clock.clone());
    let anna = ProviderUserId::parse("anna").unwrap();
    let company = service.video.company();
    assert_eq!(names.name(company, &anna).await, None);
    assert!(receiver.take().is_empty(), "nobody is asked where there is nobody");
    let update = CompanyUpdate {
        user_details_provider_url: Change::Set("https://clinic.example/names".to_owned()),
        ..CompanyUpdate::default()
    };
    service.client("v2").update_company(&update).await.unwrap();
    let body = br#"{"user_ids":[{"user_id":"anna","display_name":"Dr. Anna"}]}"#.to_vec();
    receiver.answer(Ok(Reply { status: 200, body }));
    let name = names.name(company, &anna).await.unwrap();
    assert_eq!(name.as_str(), "Dr. Anna");
    let letter = receiver.take().remove(0);
    Signature::parse(&letter.header.1).unwrap().verify(&KEY.into(), &letter.body).unwrap();
    assert_eq!(UserDetailsRequest::parse(&letter.body).unwrap().user_ids, ["anna".into()]);
    receiver.answer(Ok(reply(500)));
    assert_eq!(names.name(company, &anna).await, None);
}
