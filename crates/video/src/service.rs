//! The embedded video service as the rest of the program calls it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{PARTICIPANTS_MAX, ProviderUserId, RoomKey, RoomRef};
use ports::{
    Chance, Clock, Deferred,
    company::CompanyStore,
    media::{Identity, MediaEngine, MediaError, RoomName, TrackSource},
    names::Names,
    provider::{
        AddBackgroundError, Background, BackgroundImage, CallType, Company, Credentials, ProviderError, RoomDetails,
        RoomOpened, RoomParticipant, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UploadsDeleted,
        UserSpec, VideoProvider,
    },
    rooms::{CompanyId, Link, Member, Room, RoomCreation, RoomState, RoomStore, User},
    teleconsultations::StoreError,
};

use crate::{
    checks::Checks,
    credentials::{self, Bearer},
    entry::{self, Entry},
    files::{FileError, Files},
    id, identity,
    link::{self, LinkSecret, LinkToken},
    observer::{CallObserver, Unobserved},
    rules,
    waiting_room::WaitingRooms,
};

mod backgrounds;
mod checking;
mod company;
mod orders;

pub use backgrounds::BACKGROUNDS_PATH;
pub use checking::Check;
pub use orders::{OrderError, ParticipantChange, RoomOrder};

/// How often a lost race is decided again. Each time somebody else made progress, so more than a few means something else is wrong.
const ATTEMPTS_MAX: u32 = 3;

/// How the service is set up.
#[derive(Debug)]
pub struct VideoConfig {
    /// Whose users and rooms.
    pub company: CompanyId,
    /// Where the call page is reached: the beginning of every link, without a slash at the end.
    pub public_url: String,
    /// The part of the link after that, `eu` unless there is a reason (`kaleyra-video-api.md` §8.1).
    pub region: String,
    /// What links are made with. Changing it ends all links.
    pub link_secret: LinkSecret,
}

/// Why somebody cannot enter through a link.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// Nobody's link: never made, taken back, or its room was deleted.
    #[error("the link is not valid")]
    InvalidLink,
    /// The room is disabled or its duration is used up.
    #[error("the room is closed")]
    RoomClosed,
    /// The store or the engine cannot answer: try again.
    #[error("the video service is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The embedded video service: makes users and rooms, and lets people in by their links.
pub struct VideoService {
    config: VideoConfig,
    store: Arc<dyn RoomStore>,
    companies: Option<Arc<dyn CompanyStore>>,
    engine: Arc<dyn MediaEngine>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    names: Option<Arc<dyn Names>>,
    waiting_rooms: Option<WaitingRooms>,
    observer: Arc<dyn CallObserver>,
    files: Option<Arc<Files>>,
    checks: Option<Arc<Checks>>,
}

/// Somebody who came through their link, at this moment.
pub struct Visitor {
    /// The room, which is open.
    pub state: RoomState,
    /// Them, with the name that others see, if anybody knows one.
    pub member: Member,
    /// The user that they are.
    pub user: User,
}

impl VideoService {
    /// Puts the service together. The engine is built first, with a [`crate::Doorkeeper`].
    pub fn new(
        config: VideoConfig,
        store: Arc<dyn RoomStore>,
        engine: Arc<dyn MediaEngine>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Self {
        let (names, companies, files, waiting_rooms, observer) = (None, None, None, None, Arc::new(Unobserved));
        Self { config, store, companies, engine, clock, chance, names, waiting_rooms, observer, files, checks: None }
    }

    /// Keeps backgrounds and the company's settings in `companies`. Without, there can be none.
    #[must_use]
    pub fn with_companies(self, companies: Arc<dyn CompanyStore>) -> Self {
        Self { companies: Some(companies), ..self }
    }

    /// Asks `names` what somebody is called whose room does not say.
    #[must_use]
    pub fn with_names(self, names: Arc<dyn Names>) -> Self {
        Self { names: Some(names), ..self }
    }

    /// Deletes the files of rooms there. Without, there can be none.
    #[must_use]
    pub fn with_files(self, files: Arc<Files>) -> Self {
        Self { files: Some(files), ..self }
    }

    /// The files of rooms, if there can be any.
    pub fn files(&self) -> Option<&Arc<Files>> {
        self.files.as_ref()
    }

    /// Gives nobody a media token who has not been let out of the waiting room.
    #[must_use]
    pub fn with_waiting_rooms(self, waiting_rooms: WaitingRooms) -> Self {
        Self { waiting_rooms: Some(waiting_rooms), ..self }
    }

    /// Tells `observer` when rooms change.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn CallObserver>) -> Self {
        Self { observer, ..self }
    }

    /// Lets people try the way to the engine, with the same checks as the [`crate::Doorkeeper`] has.
    #[must_use]
    pub fn with_checks(self, checks: Arc<Checks>) -> Self {
        Self { checks: Some(checks), ..self }
    }

    /// Lets the bearer of a link's token in; into the media room only if they need not wait.
    pub async fn enter(&self, token: &str) -> Result<Entry, EnterError> {
        let visitor = self.visitor(token).await?;
        let Visitor { state, member, user } = &visitor;
        let now = self.clock.now();
        let lets_in = match &self.waiting_rooms {
            Some(waiting_rooms) => waiting_rooms.lets_in(state, member, now).await.map_err(unavailable)?,
            None => true,
        };
        let media_token = lets_in.then(|| self.engine.access_token(&entry::grant(state, member, user)));
        let media_token = media_token.transpose().map_err(unavailable)?;
        Ok(entry::entry(&visitor, media_token, self.entry_company().await, now))
    }

    /// Finds out who the bearer of a link's token is, in a room that is open.
    pub async fn visitor(&self, token: &str) -> Result<Visitor, EnterError> {
        let visitor = self.bearer(token).await?;
        if !rules::is_open(&visitor.state.room) {
            return Err(EnterError::RoomClosed);
        }
        let member = self.named(&visitor.state.room.company, &visitor.member).await;
        Ok(Visitor { member, ..visitor })
    }

    /// Finds out whose rating a token's bearer gives: also after the time is up, for [`crate::RATING_WITHIN`].
    pub async fn rater(&self, token: &str) -> Result<(RoomRef, ProviderUserId), EnterError> {
        let Visitor { state, member, .. } = self.bearer(token).await?;
        if !rules::takes_ratings(&state.room, self.clock.now()) {
            return Err(EnterError::RoomClosed);
        }
        Ok((state.room.id, member.user))
    }

    /// Whose link it is, whether the room is open or not.
    async fn bearer(&self, token: &str) -> Result<Visitor, EnterError> {
        let token = LinkToken::parse(token).ok_or(EnterError::InvalidLink)?;
        let found = self.store.room_by_link(&token.hash()).await.map_err(unavailable)?;
        let (state, owner) = found.ok_or(EnterError::InvalidLink)?;
        let member = state.room.member(&owner).ok_or(EnterError::InvalidLink)?;
        let link = member.link.ok_or(EnterError::InvalidLink)?;
        if !token.opens(&self.config.link_secret, &state.room.id, &owner, &link.nonce) {
            return Err(EnterError::InvalidLink);
        }
        let member = member.clone();
        let users = self.store.users(&state.room.company, std::slice::from_ref(&owner)).await.map_err(unavailable)?;
        let user = users.into_iter().next().filter(|user| user.active).ok_or(EnterError::InvalidLink)?;
        Ok(Visitor { state, member, user })
    }

    /// The member with the name that others see, if anybody knows one.
    async fn named(&self, company: &CompanyId, member: &Member) -> Member {
        let mut member = member.clone();
        if let (None, Some(names)) = (&member.display_name, &self.names) {
            member.display_name = names.name(company, &member.user).await;
        }
        member
    }

    /// Takes a person's link back and disconnects them. The new link, if one was asked for by `reissue`, is theirs alone.
    /// Returns `None` if there is no such person in a room of ours, or none was asked for.
    ///
    /// From then on no media token from before lets anybody in.
    pub async fn revoke_link(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        reissue: Reissue,
    ) -> Result<Option<domain::AccessLink>, ProviderError> {
        for _ in 0..ATTEMPTS_MAX {
            let state = self.store.room(room).await.map_err(|error| store_failed(error, "reading a room"))?;
            let Some(state) = state.filter(|state| state.room.company == self.config.company) else { return Ok(None) };
            let Some(member) = state.room.member(user) else { return Ok(None) };
            let new = match reissue {
                Reissue::New if rules::is_open(&state.room) => {
                    Some(link::issue(&self.config.link_secret, self.chance.as_ref(), room, user))
                }
                Reissue::New | Reissue::None => None,
            };
            match self.store.replace_link(room, user, member.link.as_ref(), new.as_ref()).await {
                Ok(()) => self.observer.changed(room),
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(store_failed(error, "replacing a link")),
            }
            self.disconnect(room, user).await?;
            return Ok(new.map(|link| self.url(room, user, &link)));
        }
        Err(ProviderError::Busy { retry_after: None })
    }

    /// Closes a room for good and takes back all its links; its record stays. Returns whether there is such a room.
    pub async fn disable_room(&self, room: &RoomRef) -> Result<bool, ProviderError> {
        let state = self.store.room(room).await.map_err(|error| store_failed(error, "reading a room"))?;
        if state.is_none_or(|state| state.room.company != self.config.company) {
            return Ok(false);
        }
        let disabled = self.store.disable_room(room, self.clock.now()).await;
        let disabled = disabled.map_err(|error| store_failed(error, "disabling a room"))?;
        self.observer.changed(room);
        self.close_media(room).await?;
        Ok(disabled)
    }

    /// Whether there can be such a room.
    async fn check(&self, spec: &RoomSpec) -> Result<(), ProviderError> {
        rules::check_shape(spec).map_err(|error| refused(error.to_string()))?;
        let ids: Vec<_> = spec.participants.iter().map(|participant| participant.user.clone()).collect();
        let users = self.store.users(&self.config.company, &ids).await;
        let users = users.map_err(|error| store_failed(error, "reading users"))?;
        rules::check(spec, &users).map_err(|error| refused(error.to_string()))
    }

    async fn close_media(&self, room: &RoomRef) -> Result<(), ProviderError> {
        ignore_absence(self.engine.close_room(&RoomName(room.as_str().to_owned())).await)
    }

    /// Disconnects a person from the media room, under whichever identity they came in. Who is not there is disconnected already.
    pub async fn disconnect(&self, room: &RoomRef, user: &ProviderUserId) -> Result<(), ProviderError> {
        let name = RoomName(room.as_str().to_owned());
        for who in self.identities(&name, user).await? {
            ignore_absence(self.engine.remove_participant(&name, &who).await)?;
        }
        Ok(())
    }

    /// Lets nobody hear or see what a person sends from this source until they turn it on again. Where they send nothing, there is
    /// nothing to do.
    pub async fn mute(&self, room: &RoomRef, user: &ProviderUserId, source: TrackSource) -> Result<(), ProviderError> {
        let name = RoomName(room.as_str().to_owned());
        for who in self.identities(&name, user).await? {
            ignore_absence(self.engine.mute(&name, &who, source).await)?;
        }
        Ok(())
    }

    /// The identities under which a person is in the media room.
    async fn identities(&self, room: &RoomName, user: &ProviderUserId) -> Result<Vec<Identity>, ProviderError> {
        let present = match self.engine.participants(room).await {
            Err(MediaError::NotFound) => Vec::new(),
            present => present.map_err(unended)?,
        };
        Ok(present.into_iter().filter(|who| identity::user(who).as_ref() == Some(user)).collect())
    }

    fn url(&self, room: &RoomRef, user: &ProviderUserId, link: &Link) -> domain::AccessLink {
        link::url(&self.config.link_secret, &self.config.public_url, &self.config.region, room, user, link)
    }

    fn new_room(&self, spec: &RoomSpec) -> Room {
        let created = self.clock.now();
        let id = id::room(self.chance.as_ref(), created);
        let member = |participant: &RoomParticipant| Member {
            user: participant.user.clone(),
            admin: participant.admin,
            tools: participant.tools,
            display_name: participant.display_name.clone(),
            language: participant.language.clone(),
            link: Some(link::issue(&self.config.link_secret, self.chance.as_ref(), &id, &participant.user)),
            links_replaced: 0,
        };
        Room {
            members: spec.participants.iter().map(member).collect(),
            id,
            company: self.config.company.clone(),
            key: spec.key.clone(),
            duration: spec.duration,
            live: spec.live,
            recording: spec.recording,
            call_type: CallType::AudioVideo,
            description: None,
            created,
            used: Duration::ZERO,
            closure: None,
        }
    }

    /// The room with everyone's link. Links that were taken back are missing.
    fn opened(&self, room: &Room) -> RoomOpened {
        let link = |member: &Member| Some((member.user.clone(), self.url(&room.id, &member.user, &member.link?)));
        RoomOpened { room: room.id.clone(), links: room.members.iter().filter_map(link).collect() }
    }
}

/// Whether a person whose link is taken back gets another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reissue {
    /// They get a new link.
    New,
    /// They stay without.
    None,
}

#[async_trait]
impl VideoProvider for VideoService {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        if users.len() > usize::from(PARTICIPANTS_MAX) {
            return Err(refused("at most 25 users at once"));
        }
        let created = self.clock.now();
        let user = |spec: &UserSpec| User {
            company: self.config.company.clone(),
            id: spec.id.clone(),
            role: spec.role,
            allow_camera: true,
            active: true,
            language: spec.language.clone(),
            created,
        };
        let ids: Vec<_> = users.iter().map(|spec| spec.id.clone()).collect();
        let existing = self.store.users(&self.config.company, &ids).await;
        let existing = existing.map_err(|error| store_failed(error, "reading users"))?;
        // Most people were there before and have not changed: for them nothing is written.
        let users: Vec<_> =
            users.iter().filter(|spec| !existing.iter().any(|user| is_as(user, spec))).map(user).collect();
        if users.is_empty() {
            return Ok(());
        }
        self.store.ensure_users(&users).await.map_err(|error| store_failed(error, "making users exist"))
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.check(spec).await?;
        for _ in 0..ATTEMPTS_MAX {
            let room = self.new_room(spec);
            match self.store.create_room(&room).await {
                Ok(RoomCreation::Created) => return Ok(self.opened(&room)),
                Ok(RoomCreation::Exists(room)) if names_the_same_people(&room, &room_people(spec)) => {
                    return Ok(self.opened(&room));
                }
                Ok(RoomCreation::Exists(_)) => return Err(refused("the key names a room of other people")),
                Ok(RoomCreation::KeyUsedUp) => return Err(ProviderError::KeyUsedUp),
                // An id or a link came out like one that exists: take other chance.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(store_failed(error, "making a room")),
            }
        }
        Err(ProviderError::Unexpected { message: "chance gave the same ids again and again".to_owned() })
    }

    async fn ensure_room_after(
        &self,
        before: Deferred,
        spec: &RoomSpec,
    ) -> Result<(RoomOpened, Deferred), ProviderError> {
        self.check(spec).await?;
        let room = self.new_room(spec);
        let making = self.store.defer_room(&room).await.map_err(|error| store_failed(error, "making a room"))?;
        if let Some(making) = making {
            return Ok((self.opened(&room), before.then(making)));
        }
        let doing = "writing what comes before a room";
        before.carry_out().await.map_err(|error| ProviderError::Unavailable { doing, source: Box::new(error) })?;
        Ok((self.ensure_room(spec).await?, Deferred::none()))
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        let state = self.store.room(room).await.map_err(|error| store_failed(error, "reading a room"))?;
        let Some(state) = state.filter(|state| state.room.company == self.config.company) else { return Ok(None) };
        let (room, session) = (&state.room, state.session.as_ref());
        Ok(Some(RoomDetails {
            recording: room.recording,
            recording_status: None,
            call_type: room.call_type,
            description: room.description.clone(),
            status: rules::status(room, session),
            disabled: room.closure.is_some_and(|closure| closure.reason == ports::rooms::ClosureReason::Disabled),
            created: Some(room.created),
            duration: room.duration,
            duration_used: rules::used_at(room, session, self.clock.now()),
            live: room.live,
        }))
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        let deleted = self.store.delete_room(&self.config.company, key, room).await;
        for room in deleted.map_err(|error| store_failed(error, "deleting a room"))? {
            self.observer.changed(&room);
            self.close_media(&room).await?;
        }
        Ok(())
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        let users = self.store.users(&self.config.company, std::slice::from_ref(user)).await;
        let users = users.map_err(|error| store_failed(error, "reading users"))?;
        let Some(user) = users.into_iter().find(|user| user.active) else { return Ok(None) };
        let bearer = Bearer { company: user.company, user: user.id };
        let issued =
            credentials::issue(&self.config.link_secret, &bearer, user.allow_camera, self.clock.now(), valid_for);
        issued.map(Some).map_err(|error| ProviderError::Unexpected { message: error.to_string() })
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.keep_background(image).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.make_background_default(alias).await
    }

    /// Nothing is recorded yet, so there is nothing to transcribe.
    async fn transcription(
        &self,
        _: &RoomRef,
        _: &SessionRef,
        _: TranscriptionFormat,
        _: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        Ok(None)
    }

    /// Also those that are still being sent. Their bytes go soon after.
    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        let Some(files) = &self.files else { return Ok(UploadsDeleted::default()) };
        let state = self.store.room(room).await.map_err(|error| store_failed(error, "reading a room"))?;
        if state.is_none_or(|state| state.room.company != self.config.company) {
            return Ok(UploadsDeleted::default());
        }
        let failed = |error: FileError| ProviderError::Unavailable { doing: "deleting files", source: Box::new(error) };
        files.delete_all(room).await.map_err(failed)
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.store.health().await.map_err(|error| store_failed(error, "checking the store"))
    }
}

/// Whether making the user exist would change nothing.
fn is_as(user: &User, spec: &UserSpec) -> bool {
    user.id == spec.id && user.role >= spec.role && (spec.language.is_none() || user.language == spec.language)
}

fn room_people(spec: &RoomSpec) -> Vec<&ProviderUserId> {
    spec.participants.iter().map(|participant| &participant.user).collect()
}

fn names_the_same_people(room: &Room, people: &[&ProviderUserId]) -> bool {
    room.members.len() == people.len() && room.members.iter().all(|member| people.contains(&&member.user))
}

fn refused(message: impl Into<String>) -> ProviderError {
    ProviderError::Refused { message: message.into() }
}

fn store_failed(error: StoreError, doing: &'static str) -> ProviderError {
    match error {
        StoreError::Conflict => ProviderError::Busy { retry_after: None },
        StoreError::Unavailable { .. } => ProviderError::Unavailable { doing, source: Box::new(error) },
        StoreError::Corrupt { what } => ProviderError::Unexpected { message: format!("{doing}: cannot read {what}") },
    }
}

fn ignore_absence(result: Result<(), MediaError>) -> Result<(), ProviderError> {
    match result {
        Ok(()) | Err(MediaError::NotFound) => Ok(()),
        Err(error @ MediaError::Unavailable { .. }) => Err(unended(error)),
    }
}

fn unended(error: MediaError) -> ProviderError {
    ProviderError::Unavailable { doing: "acting on a call", source: Box::new(error) }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> EnterError {
    EnterError::Unavailable(Box::new(error))
}

#[cfg(test)]
mod tests;
