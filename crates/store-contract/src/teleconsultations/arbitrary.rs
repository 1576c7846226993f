//! Teleconsultations of every kind that the domain can hold, also such as today's rules would refuse: a store keeps what it is given.

use domain::{
    AccessLink, FullName, GroupName, Language, Length, OpenRoom, Participant, ParticipantId, ProviderUserId, Role,
    RoomKey, RoomRef, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

/// `count` of them with different ids, the same in every run.
pub fn teleconsultations(count: u32) -> impl Iterator<Item = Teleconsultation> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let strategy = teleconsultation();
    (0..count).map(move |number| {
        let made = strategy.new_tree(&mut runner).unwrap().current();
        Teleconsultation { id: TeleconsultationId::new(made.schedule.start(), u64::from(number).to_be_bytes()), ..made }
    })
}

/// The same with only what also a store keeps whose `Abilities` are not `exact`.
pub fn plainer(teleconsultation: Teleconsultation) -> Teleconsultation {
    let (start, length) = (plainer_moment(teleconsultation.schedule.start()), teleconsultation.schedule.length());
    let length = match length {
        Length::Until(end) => Length::Until(plainer_moment(end)),
        Length::For(duration) => {
            let plainer = i64::try_from(duration.as_millis()).map(SignedDuration::from_millis).unwrap_or_default();
            let ends_in_time = start.checked_add(plainer).is_ok_and(|end| end == plainer_moment(end));
            if ends_in_time { Length::For(plainer) } else { Length::Until(start) }
        }
    };
    let roster = &teleconsultation.roster;
    let known = roster.known().iter().cloned().map(|participant| {
        let access_link = participant.access_link.filter(|link| !link.expose().is_empty());
        Participant { access_link, ..participant }
    });
    let stage = match teleconsultation.stage {
        Stage::Ready(room) if room.room.as_str().is_empty() => Stage::Pending,
        other @ (Stage::Pending | Stage::Ready(_) | Stage::Trashed) => other,
    };
    Teleconsultation {
        schedule: Schedule::from_stored(start, length),
        roster: Roster::from_stored(roster.expected(), known.collect()),
        stage,
        ..teleconsultation
    }
}

/// To the millisecond, and not before the year 0.
fn plainer_moment(moment: Timestamp) -> Timestamp {
    let first: Timestamp = "0000-01-01T00:00:00Z".parse().unwrap();
    // The last moment there is has a fraction, and yet is the last that can be made of milliseconds without one.
    let whole = Timestamp::from_second(moment.as_second()).unwrap();
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(whole).max(first)
}

/// Any teleconsultation.
pub fn teleconsultation() -> impl Strategy<Value = Teleconsultation> {
    let id = (timestamp(), any::<[u8; 8]>()).prop_map(|(created, chance)| TeleconsultationId::new(created, chance));
    let roster =
        (any::<u8>(), vec(participant(), 0..=25)).prop_map(|(expected, known)| Roster::from_stored(expected, known));
    let schedule = (timestamp(), length()).prop_map(|(start, length)| Schedule::from_stored(start, length));
    (id, schedule, roster, stage()).prop_map(|(id, schedule, roster, stage)| Teleconsultation {
        id,
        schedule,
        roster,
        stage,
    })
}

/// From the first moment to the last, to the nanosecond, with the ends and the year 1970 more often than chance has them.
fn timestamp() -> impl Strategy<Value = Timestamp> {
    let any = (Timestamp::MIN.as_nanosecond()..=Timestamp::MAX.as_nanosecond())
        .prop_map(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).unwrap());
    let nanosecond = SignedDuration::from_nanos(1);
    prop_oneof![
        6 => any,
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
        1 => Just(Timestamp::UNIX_EPOCH),
        1 => Just(Timestamp::UNIX_EPOCH - nanosecond),
    ]
}

fn length() -> impl Strategy<Value = Length> {
    let duration = prop_oneof![
        3 => (300_i64..=86_400).prop_map(SignedDuration::from_secs),
        3 => (any::<i64>(), 0..1_000_000_000_i32).prop_map(|(s, n)| SignedDuration::new(s, if s < 0 { -n } else { n })),
        1 => Just(SignedDuration::MIN),
        1 => Just(SignedDuration::MAX),
        1 => Just(SignedDuration::ZERO),
    ];
    prop_oneof![timestamp().prop_map(Length::Until), duration.prop_map(Length::For)]
}

fn stage() -> impl Strategy<Value = Stage> {
    let room = (any::<[u8; 16]>(), vec(any::<char>(), 0..=80)).prop_map(|(key, room)| OpenRoom {
        key: RoomKey::new(key),
        room: RoomRef::new(room.into_iter().collect::<String>()),
    });
    prop_oneof![Just(Stage::Pending), room.prop_map(Stage::Ready), Just(Stage::Trashed)]
}

fn participant() -> impl Strategy<Value = Participant> {
    let role = prop_oneof![Just(Role::Basic), Just(Role::Plus)];
    let link = vec(any::<char>(), 0..=200).prop_map(|url| AccessLink::new(url.into_iter().collect::<String>()));
    (
        prop_oneof![
            // At most four bytes each.
            9 => text(ParticipantId::LEN_MAX / 4),
            1 => "[a-z]{256}",
        ]
        .prop_filter_map("no id", |text| ParticipantId::parse(&text).ok()),
        "[a-zA-Z0-9._-]{1,128}".prop_map(|text| ProviderUserId::parse(&text).unwrap()),
        role,
        vec(text(128).prop_filter_map("no group", |text| GroupName::parse(&text).ok()), 0..=4),
        option::of(text(128).prop_filter_map("no name", |text| FullName::parse(&text).ok())),
        option::of(text(35).prop_filter_map("no language", |text| Language::parse(&text).ok())),
        option::of(link),
    )
        .prop_map(|(id, provider_user, role, groups, full_name, language, access_link)| Participant {
            id,
            provider_user,
            role,
            groups,
            full_name,
            language,
            access_link,
        })
}

/// Up to `characters_max` characters of any script, with what breaks careless quoting.
fn text(characters_max: usize) -> impl Strategy<Value = String> {
    let characters = move |range| vec(range, 1..=characters_max).prop_map(String::from_iter);
    prop_oneof![
        2 => "[a-z0-9|@.-]{1,30}",
        1 => characters(prop_oneof![Just('"'), Just('\\'), Just('\''), Just('{'), Just('\u{2028}'), Just('%')].boxed()),
        2 => characters(any::<char>().prop_filter("control", |c| !c.is_control()).boxed()),
        1 => characters(prop_oneof![Just('è'), Just('ł'), Just('漢'), Just('ع'), Just('👩'), Just('\u{200d}')].boxed()),
    ]
}
