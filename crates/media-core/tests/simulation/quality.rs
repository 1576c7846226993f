//! What everybody is told about everybody's connection.

use std::time::Duration;

use livekit_proto::proto::ConnectionQuality;
use str0m::media::MediaKind::{Audio, Video};

use crate::{client::Client, network::Path, world::World};

fn call(seed: u64, single: bool) -> World {
    let mut world = World::with_room(seed);
    world.join_as("anna", "room", single, Client::everything());
    world.join_as("bert", "room", single, Client::everything());
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.run_secs(10);
    world
}

/// What Anna shows of both, her own first.
fn shown(world: &mut World) -> [ConnectionQuality; 2] {
    let (anna, bert) = (world.client("anna").sid.clone(), world.client("bert").sid.clone());
    let qualities = &world.client("anna").qualities;
    [anna, bert].map(|sid| qualities[&sid].try_into().unwrap())
}

#[test]
fn loss_towards_somebody_who_only_receives_is_shown_as_theirs() {
    for single in [true, false] {
        let mut world = call(120, single);
        assert_eq!(shown(&mut world), [ConnectionQuality::Excellent; 2]);

        // str0m as a client says nothing of what was lost between two of its reports, which is nearly half.
        world.set_path("bert", Path { downlink_loss_percent: 7, ..Path::default() });
        world.run_secs(15);
        assert_eq!(shown(&mut world), [ConnectionQuality::Excellent, ConnectionQuality::Good]);

        world.set_path("bert", Path { downlink_loss_percent: 20, ..Path::default() });
        world.run_secs(15);
        assert_eq!(shown(&mut world), [ConnectionQuality::Excellent, ConnectionQuality::Poor]);

        world.set_path("bert", Path::default());
        world.run_secs(15);
        assert_eq!(shown(&mut world), [ConnectionQuality::Excellent; 2]);
    }
}

#[test]
fn loss_on_the_way_from_the_publisher_is_the_publishers_only() {
    let mut world = call(121, true);
    world.set_path("anna", Path { loss_percent: 20, ..Path::default() });
    world.run(Duration::from_secs(15));
    let [anna, bert] = shown(&mut world);
    assert_ne!(anna, ConnectionQuality::Excellent);
    assert_eq!(bert, ConnectionQuality::Excellent);
}
