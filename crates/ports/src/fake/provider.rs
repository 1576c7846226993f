//! A video provider in memory.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;
use domain::{AccessLink, PARTICIPANTS_MAX, PARTICIPANTS_MIN, ProviderUserId, Role, RoomKey, RoomRef};
use jiff::Timestamp;

use super::locked;
use crate::provider::{
    AddBackgroundError, Background, BackgroundImage, CallType, Company, Credentials, MarkedRoom, MarkedRooms,
    ProviderError, RoomDetails, RoomOpened, RoomSpec, RoomStatus, SessionRef, TranscriptionError, TranscriptionFormat,
    UploadsDeleted, UserSpec, VideoProvider,
};

/// 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// The most backgrounds.
const BACKGROUNDS_MAX: usize = 10;

/// How many rooms are told of at once. Few, so that tests meet more than one page.
const PAGE: usize = 3;

/// How the next call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderFailure {
    /// It is refused, and nothing is done.
    Refused,
    /// The provider has too much to do, and nothing is done.
    Busy,
    /// The request never arrives.
    UnavailableBefore,
    /// The request is carried out, and the answer never arrives.
    UnavailableAfter,
    /// The request is carried out, and the answer makes no sense.
    UnexpectedAfter,
}

/// A room of the fake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeRoom {
    /// As it was asked for at first.
    pub spec: RoomSpec,
    /// As it was answered, at first and ever since.
    pub opened: RoomOpened,
    /// What happens in it.
    pub status: RoomStatus,
}

#[derive(Debug, Default)]
struct State {
    users: BTreeMap<ProviderUserId, UserSpec>,
    rooms: BTreeMap<RoomKey, FakeRoom>,
    rooms_made: u64,
    uploads: BTreeMap<RoomRef, Uploads>,
    barred: BTreeSet<ProviderUserId>,
    backgrounds: Vec<Background>,
    transcriptions: BTreeMap<(RoomRef, SessionRef, TranscriptionFormat), String>,
    failures: VecDeque<ProviderFailure>,
}

/// The files of one room.
#[derive(Debug, Clone, Copy, Default)]
struct Uploads {
    total: u64,
    /// Those that stay the next time they are to be deleted.
    stubborn: u64,
}

/// Makes rooms that exist as long as it lives.
#[derive(Debug, Default)]
pub struct FakeVideoProvider(Mutex<State>);

impl FakeVideoProvider {
    /// A provider without users and rooms.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next call fail. Asked for several times, as many calls fail, in that order.
    pub fn fail_next(&self, failure: ProviderFailure) {
        locked(&self.0).failures.push_back(failure);
    }

    /// The rooms that exist, by our names for them.
    pub fn rooms(&self) -> BTreeMap<RoomKey, FakeRoom> {
        locked(&self.0).rooms.clone()
    }

    /// How many rooms were ever made, deleted ones included.
    pub fn rooms_made(&self) -> u64 {
        locked(&self.0).rooms_made
    }

    /// The users that exist.
    pub fn users(&self) -> BTreeMap<ProviderUserId, UserSpec> {
        locked(&self.0).users.clone()
    }

    /// Shares files in a room. Of these, `stubborn` ones stay the first time they are to be deleted.
    pub fn share(&self, room: &RoomRef, files: u64, stubborn: u64) {
        let mut state = locked(&self.0);
        let uploads = state.uploads.entry(room.clone()).or_default();
        uploads.total += files;
        uploads.stubborn += stubborn;
    }

    /// Transcribes a session of a room, with times only if there are subtitles too.
    pub fn transcribe(&self, room: &RoomRef, session: &SessionRef, text: &str, srt: Option<&str>) {
        let transcriptions = &mut locked(&self.0).transcriptions;
        for (format, text) in [(TranscriptionFormat::Text, Some(text)), (TranscriptionFormat::Srt, srt)] {
            if let Some(text) = text {
                transcriptions.insert((room.clone(), session.clone(), format), text.to_owned());
            }
        }
    }

    /// The backgrounds that there are, the oldest first.
    pub fn backgrounds(&self) -> Vec<Background> {
        locked(&self.0).backgrounds.clone()
    }

    /// Lets a user use the service no longer, as a person at the provider's dashboard can.
    pub fn bar(&self, user: &ProviderUserId) {
        locked(&self.0).barred.insert(user.clone());
    }

    /// Changes what happens in a room. Does nothing if there is none.
    pub fn set_status(&self, key: &RoomKey, status: RoomStatus) {
        if let Some(room) = locked(&self.0).rooms.get_mut(key) {
            room.status = status;
        }
    }

    /// Deletes a room behind everyone's back, as a person at the provider's dashboard can.
    pub fn lose_room(&self, key: &RoomKey) {
        locked(&self.0).rooms.remove(key);
    }

    fn call<T>(
        &self,
        doing: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let mut state = locked(&self.0);
        let unavailable = || ProviderError::Unavailable { doing, source: "the fake was told to fail".into() };
        match state.failures.pop_front() {
            None => effect(&mut state),
            Some(ProviderFailure::Refused) => Err(refused("the fake was told to refuse")),
            Some(ProviderFailure::Busy) => Err(ProviderError::Busy { retry_after: Some(Duration::from_secs(1)) }),
            Some(ProviderFailure::UnavailableBefore) => Err(unavailable()),
            Some(ProviderFailure::UnavailableAfter) => effect(&mut state).and_then(|_| Err(unavailable())),
            Some(ProviderFailure::UnexpectedAfter) => effect(&mut state)
                .and_then(|_| Err(ProviderError::Unexpected { message: "the fake was told to be odd".to_owned() })),
        }
    }
}

fn refused(message: &str) -> ProviderError {
    ProviderError::Refused { message: message.to_owned() }
}

impl State {
    fn ensure_user(&mut self, user: &UserSpec) {
        let known = self.users.entry(user.id.clone()).or_insert_with(|| user.clone());
        known.role = known.role.max(user.role);
        if user.language.is_some() {
            known.language.clone_from(&user.language);
        }
    }

    fn ensure_room(&mut self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        if let Some(room) = self.rooms.get(&spec.key) {
            return Ok(room.opened.clone());
        }
        let people = spec.participants.len();
        if people < usize::from(PARTICIPANTS_MIN) || people > usize::from(PARTICIPANTS_MAX) {
            return Err(refused("a room is for 2 to 25 participants"));
        }
        let roles: Option<Vec<_>> =
            spec.participants.iter().map(|participant| Some(self.users.get(&participant.user)?.role)).collect();
        match roles {
            None => return Err(refused("a participant is no user")),
            Some(roles) if !roles.contains(&Role::Plus) => return Err(refused("no plus user in room")),
            Some(_) => {}
        }
        self.rooms_made += 1;
        let name = format!("room_{:024x}", self.rooms_made);
        let links = spec.participants.iter().map(|participant| {
            let link = AccessLink::new(format!("https://video.example/{name}/{}", participant.user));
            (participant.user.clone(), link)
        });
        let opened = RoomOpened { room: RoomRef::new(name.clone()), links: links.collect() };
        let room = FakeRoom { spec: spec.clone(), opened: opened.clone(), status: RoomStatus::NotRunning };
        self.rooms.insert(spec.key.clone(), room);
        Ok(opened)
    }

    fn delete_uploads(&mut self, room: &RoomRef) -> UploadsDeleted {
        let Some(Uploads { total, stubborn }) = self.uploads.remove(room) else { return UploadsDeleted::default() };
        let stays = stubborn.min(total);
        self.uploads.insert(room.clone(), Uploads { total: stays, stubborn: 0 });
        UploadsDeleted { total, deleted: total - stays }
    }

    fn details(&self, room: &RoomRef) -> Option<RoomDetails> {
        let room = self.rooms.values().find(|known| known.opened.room == *room)?;
        Some(RoomDetails {
            recording: room.spec.recording,
            recording_status: None,
            call_type: CallType::AudioVideo,
            description: None,
            status: room.status,
            disabled: false,
            created: None,
            duration: room.spec.duration,
            duration_used: Duration::ZERO,
            live: room.spec.live,
        })
    }
}

#[async_trait]
impl VideoProvider for FakeVideoProvider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.call("making users", |state| {
            for user in users {
                state.ensure_user(user);
            }
            Ok(())
        })
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.call("making a room", |state| state.ensure_room(spec))
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        self.call("reading a room", |state| Ok(state.details(room)))
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        self.call("deleting a room", |state| {
            state.rooms.retain(|known, kept| known != key && Some(&kept.opened.room) != room);
            Ok(())
        })
    }

    /// Its clock stands at the first moment of 2026.
    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.call("making an access token", |state| {
            let may = state.users.contains_key(user) && !state.barred.contains(user);
            Ok(may.then(|| Credentials::new(format!("token-of-{user}"), BEGINNING + valid_for)))
        })
    }

    /// Its aliases count from 1.
    async fn add_background(&self, _: BackgroundImage) -> Result<Background, AddBackgroundError> {
        let added = self.call("adding a background", |state| {
            if state.backgrounds.len() >= BACKGROUNDS_MAX {
                return Ok(None);
            }
            let alias = format!("{:032}", state.backgrounds.len() + 1);
            let url = Some(format!("https://video.example/backgrounds/{alias}"));
            let background = Background { alias, url, created: Some(BEGINNING) };
            state.backgrounds.push(background.clone());
            Ok(Some(background))
        })?;
        added.ok_or(AddBackgroundError::Full)
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.call("changing the company", |state| {
            let known = state.backgrounds.iter().find(|background| background.alias == alias).cloned();
            Ok(known.map(|background| Company {
                name: Some("Clinic".to_owned()),
                default_language: Some("it".to_owned()),
                default_background: Some(background),
                end_call_redirect_timeout_ms: Some(5000),
                ..Company::default()
            }))
        })
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        let wanted = (room.clone(), session.clone(), format);
        let text = self.call("reading a transcription", |state| Ok(state.transcriptions.get(&wanted).cloned()))?;
        if text.as_ref().is_some_and(|text| text.len() > bytes_max) {
            return Err(TranscriptionError::TooLong);
        }
        Ok(text)
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        self.call("deleting uploads", |state| Ok(state.delete_uploads(room)))
    }

    async fn marked_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        self.call("listing rooms", |state| {
            let marked = |(key, room): (&RoomKey, &FakeRoom)| MarkedRoom {
                key: key.clone(),
                room: room.opened.room.clone(),
                running: room.status == RoomStatus::Running,
            };
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let rooms: Vec<_> = state.rooms.iter().rev().skip(from).take(PAGE).map(marked).collect();
            let next = from.saturating_add(rooms.len());
            let next = (next < state.rooms.len()).then(|| u64::try_from(next).unwrap_or(u64::MAX));
            Ok(MarkedRooms { rooms, next })
        })
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.call("checking its health", |_| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Recording, RoomParticipant};
    use domain::Tools;

    fn user(id: &str, role: Role) -> UserSpec {
        UserSpec { id: ProviderUserId::parse(id).unwrap(), role, language: None }
    }

    fn spec(key: u8, users: &[&str]) -> RoomSpec {
        let participant = |id: &&str| RoomParticipant {
            user: ProviderUserId::parse(id).unwrap(),
            admin: false,
            tools: Tools::all(),
            display_name: None,
            language: None,
        };
        RoomSpec {
            key: RoomKey::new([key; 16]),
            participants: users.iter().map(participant).collect(),
            duration: None,
            live: false,
            recording: Recording::None,
        }
    }

    #[tokio::test]
    async fn the_same_key_gives_the_same_room_and_another_key_another() {
        let provider = FakeVideoProvider::new();
        provider.ensure_users(&[user("a", Role::Plus), user("b", Role::Basic)]).await.unwrap();
        let first = provider.ensure_room(&spec(1, &["a", "b"])).await.unwrap();
        assert_eq!(provider.ensure_room(&spec(1, &["a", "b"])).await.unwrap(), first);
        assert_ne!(provider.ensure_room(&spec(2, &["a", "b"])).await.unwrap().room, first.room);
        provider.delete_room(&RoomKey::new([1; 16]), None).await.unwrap();
        assert_eq!(provider.room(&first.room).await.unwrap(), None);
        assert_eq!(provider.rooms().len(), 1);
    }

    #[tokio::test]
    async fn a_room_needs_known_users_and_a_plus_user_who_is_never_lowered() {
        let provider = FakeVideoProvider::new();
        provider.ensure_users(&[user("a", Role::Basic), user("b", Role::Basic)]).await.unwrap();
        for users in [&["a"][..], &["a", "b"], &["a", "stranger"]] {
            assert!(matches!(provider.ensure_room(&spec(1, users)).await, Err(ProviderError::Refused { .. })));
        }
        provider.ensure_users(&[user("a", Role::Plus)]).await.unwrap();
        provider.ensure_users(&[user("a", Role::Basic)]).await.unwrap();
        assert!(provider.ensure_room(&spec(1, &["a", "b"])).await.is_ok());
    }

    #[tokio::test]
    async fn a_user_whose_language_is_not_said_keeps_theirs() {
        let provider = FakeVideoProvider::new();
        let italian = UserSpec { language: domain::Language::parse("it").ok(), ..user("a", Role::Plus) };
        provider.ensure_users(std::slice::from_ref(&italian)).await.unwrap();
        provider.ensure_users(&[user("a", Role::Plus)]).await.unwrap();
        assert_eq!(provider.users()[&italian.id], italian);
    }

    #[tokio::test]
    async fn files_that_stay_are_deleted_the_next_time() {
        let provider = FakeVideoProvider::new();
        let room = RoomRef::new("room_1");
        provider.share(&room, 3, 1);
        let deleted = |total, deleted| UploadsDeleted { total, deleted };
        assert_eq!(provider.delete_uploads(&room).await.unwrap(), deleted(3, 2));
        assert_eq!(provider.delete_uploads(&room).await.unwrap(), deleted(1, 1));
        assert_eq!(provider.delete_uploads(&room).await.unwrap(), deleted(0, 0));
    }

    #[tokio::test]
    async fn a_failure_happens_once_and_where_it_was_told_to() {
        let provider = FakeVideoProvider::new();
        provider.ensure_users(&[user("a", Role::Plus), user("b", Role::Basic)]).await.unwrap();
        provider.fail_next(ProviderFailure::UnavailableBefore);
        assert!(provider.ensure_room(&spec(1, &["a", "b"])).await.is_err());
        assert_eq!(provider.rooms().len(), 0);
        provider.fail_next(ProviderFailure::UnavailableAfter);
        assert!(provider.ensure_room(&spec(1, &["a", "b"])).await.is_err());
        assert_eq!(provider.rooms().len(), 1);
        assert!(provider.ensure_room(&spec(1, &["a", "b"])).await.is_ok());
        assert_eq!(provider.rooms_made(), 1);
    }
}
