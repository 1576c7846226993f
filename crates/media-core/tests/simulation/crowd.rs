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
fn two_hundred_small_rooms_work_beside_each_other() {
    const ROOMS: u32 = 200;
    let mut world = World::new(101);
    for room in 0..ROOMS {
        let name = format!("room {room}");
        world.open(&name, 2);
        for side in 0..2 {
            let key = format!("{room}.{side}");
            world.join_as(&key, &name, true, crate::client::Client::everything());
        }
    }
    world.run(Duration::from_millis(500));
    for room in 0..ROOMS {
        for side in 0..2 {
            world.client(&format!("{room}.{side}")).publish(room * 2 + side, Audio, &[]);
        }
    }
    world.run(Duration::from_millis(700));
    let expected: Vec<(String, [u32; 1])> =
        (0..ROOMS).flat_map(|room| (0..2).map(move |side| (format!("{room}.{side}"), [room * 2 + 1 - side]))).collect();
    let expected: Vec<(&str, &[u32])> = expected.iter().map(|(key, tags)| (key.as_str(), tags.as_slice())).collect();
    world.expect_heard(Duration::from_millis(200), &expected);
}

#[test]
fn five_people_hear_every_sound_of_each_other_also_when_the_engine_comes_late() {
    let mut world = World::with_room(102);
    for tag in 0..5_u32 {
        let key = tag.to_string();
        world.join(&key);
        world.run(Duration::from_millis(200));
        world.client(&key).publish(tag, Audio, &[]);
        world.client(&key).publish(10 + tag, Video, &["q", "h", "f"]);
    }
    world.run_secs(4);
    let lost_before = world.network.lost;
    let heard = |world: &World, key: &str, tag: u32| world.clients[key].ear.packets(tag);
    let frames = |world: &World| -> Vec<usize> {
        (0..5_u32)
            .flat_map(|ear| (0..5).map(move |tag| (ear, tag)))
            .filter(|(ear, tag)| ear != tag)
            .map(|(ear, tag)| world.clients[&ear.to_string()].ear.frames(tag))
            .collect()
    };
    assert!(heard(&world, "0", 4) > 0);
    let before = frames(&world);
    for _ in 0..20 {
        world.run(Duration::from_millis(400));
        // All that is under way in this time comes at once.
        world.sleep(Duration::from_millis(100));
    }
    world.run(Duration::from_millis(300));
    let after = frames(&world);
    assert_eq!(world.network.lost, lost_before);
    let sounds: Vec<usize> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    assert!(sounds.iter().all(|sounds| *sounds >= 400), "{sounds:?}");
    assert!(world.clients.values().all(|client| client.ear.backward() == 0));
}
