//! Full rooms.

use std::time::Duration;

use livekit_proto::proto::DisconnectReason;
use str0m::media::MediaKind::{Audio, Video};

use crate::world::World;

#[test]
fn the_twenty_fifth_hears_and_sees_everybody_and_the_twenty_sixth_is_refused() {
    let mut world = World::with_room(100);
    let keys: Vec<String> = (0..25).map(|number| format!("person {number:02}")).collect();
    for (number, key) in keys.iter().enumerate() {
        world.join(key);
        world.run(Duration::from_millis(200));
        world.client(key).publish(number as u32 * 2, Audio, &[]);
        world.client(key).publish(number as u32 * 2 + 1, Video, &["q"]);
        world.run(Duration::from_millis(200));
    }
    world.run_secs(4);

    let everything: Vec<u32> = (0..50).collect();
    let expected: Vec<(String, Vec<u32>)> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            let own = number as u32 * 2;
            (key.clone(), everything.iter().copied().filter(|tag| *tag != own && *tag != own + 1).collect())
        })
        .collect();
    let expected: Vec<(&str, &[u32])> = expected.iter().map(|(key, tags)| (key.as_str(), tags.as_slice())).collect();
    world.expect_heard(Duration::from_secs(1), &expected);

    world.join("one too many");
    world.run_secs(1);
    let leave = world.client("one too many").left.clone().expect("a leave");
    assert_eq!(leave.reason(), DisconnectReason::JoinFailure);
    assert!(world.client("one too many").signal_closed);
    assert_eq!(world.client("one too many").joined, 0);
}

#[test]
fn many_small_rooms_work_beside_each_other() {
    let mut world = World::new(101);
    for room in 0..40_u32 {
        let name = format!("room {room}");
        world.open(&name, 2);
        for side in 0..2 {
            let key = format!("{room}.{side}");
            world.join_as(&key, &name, true, crate::client::Client::everything());
        }
    }
    world.run_secs(1);
    for room in 0..40_u32 {
        for side in 0..2 {
            world.client(&format!("{room}.{side}")).publish(room * 2 + side, Audio, &[]);
        }
    }
    world.run_secs(2);
    let expected: Vec<(String, [u32; 1])> =
        (0..40).flat_map(|room| (0..2).map(move |side| (format!("{room}.{side}"), [room * 2 + 1 - side]))).collect();
    let expected: Vec<(&str, &[u32])> = expected.iter().map(|(key, tags)| (key.as_str(), tags.as_slice())).collect();
    world.expect_heard(Duration::from_secs(1), &expected);
}
