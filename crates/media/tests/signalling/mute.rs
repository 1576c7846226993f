//! What the program mutes.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response};
use ports::media::{Identity, MediaEngine as _, RoomName, TrackSource};
use str0m::{
    Rtc,
    media::{Direction, MediaKind},
};

use crate::house::{Guest, House, claims, request};

/// Enters with a microphone: its track is published once the offer is answered.
async fn with_microphone(house: &House, identity: &str) -> Guest {
    let mut rtc = Rtc::builder().build(Instant::now());
    let mut changes = rtc.sdp_api();
    let track = "voice".to_owned();
    changes.add_media(MediaKind::Audio, Direction::SendOnly, Some("stream".to_owned()), Some(track.clone()), None);
    let (offer, _pending) = changes.apply().expect("a change");
    let offer = proto::SessionDescription {
        r#type: "offer".to_owned(),
        sdp: offer.to_sdp_string(),
        id: 1,
        ..Default::default()
    };
    let microphone = proto::AddTrackRequest {
        cid: track,
        r#type: proto::TrackType::Audio.into(),
        source: proto::TrackSource::Microphone.into(),
        ..proto::AddTrackRequest::default()
    };
    let request =
        proto::JoinRequest { publisher_offer: Some(offer), add_track_requests: vec![microphone], ..request() };
    let mut guest = house.join_with(&claims("open", identity), &request).await;
    let answered = |message| matches!(message, signal_response::Message::Answer(_)).then_some(());
    guest.hear(answered).await;
    guest
}

/// The tracks of the next person of whom the others are told that they have any.
async fn tracks_told(guest: &mut Guest, muted: bool) -> Vec<proto::TrackInfo> {
    let interest = |message| {
        let signal_response::Message::Update(update) = message else { return None };
        let with_tracks = update.participants.into_iter().map(|participant| participant.tracks);
        with_tracks.into_iter().find(|tracks| tracks.iter().any(|track| track.muted == muted))
    };
    guest.hear(interest).await
}

#[tokio::test]
async fn the_program_mutes_what_somebody_sends_from_one_source_and_everybody_is_told() {
    let house = House::open().await;
    let (room, ada) = (RoomName("open".to_owned()), Identity("ada".to_owned()));
    house.service.mute(&room, &ada, TrackSource::Microphone).await.expect("nobody is there");
    let mut bruno = house.join("bruno").await;
    let mut guest = with_microphone(&house, "ada").await;
    let published = tracks_told(&mut bruno, false).await;

    house.service.mute(&room, &ada, TrackSource::Camera).await.expect("there is none");
    house.service.mute(&room, &ada, TrackSource::Microphone).await.expect("mutes");
    let mute =
        guest.hear(|message| if let signal_response::Message::Mute(mute) = message { Some(mute) } else { None }).await;
    assert_eq!((&mute.sid, mute.muted), (&published[0].sid, true));
    assert_eq!(tracks_told(&mut bruno, true).await[0].sid, published[0].sid);
}
