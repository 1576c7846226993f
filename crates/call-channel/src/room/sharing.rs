//! What is shown to the others: pointers, who is presented, captions, and wishes for snapshots.

use std::collections::BTreeMap;

use domain::ProviderUserId;
use jiff::Timestamp;

use super::{Channel, Outcome};
use crate::{
    limits::{SNAPSHOT_REQUESTS_MAX, SNAPSHOT_WITHIN},
    wire::{Answer, Code, Event, PictureSource, Presented, Refusal, Spot, Stage},
};

/// Wishes for snapshots that can be fulfilled.
pub struct Snapshots {
    seed: u64,
    made: u32,
    open: BTreeMap<String, Wish>,
}

struct Wish {
    by: ProviderUserId,
    of: ProviderUserId,
    until: Timestamp,
}

impl Snapshots {
    pub fn new(seed: u64) -> Self {
        Self { seed, made: 0, open: BTreeMap::new() }
    }

    /// `None`: there are too many.
    fn wish(&mut self, by: &ProviderUserId, of: &ProviderUserId, now: Timestamp) -> Option<String> {
        self.open.retain(|_, wish| wish.until > now);
        if self.open.len() >= SNAPSHOT_REQUESTS_MAX {
            return None;
        }
        self.made = self.made.wrapping_add(1);
        let name = format!("snap_{:016x}{:08x}", self.seed, self.made);
        let wish = Wish { by: by.clone(), of: of.clone(), until: now + SNAPSHOT_WITHIN };
        self.open.insert(name.clone(), wish);
        Some(name)
    }

    fn find(&self, request: &str, of: &ProviderUserId, now: Timestamp) -> Option<&Wish> {
        self.open.get(request).filter(|wish| wish.of == *of && wish.until > now)
    }

    /// All that can be fulfilled: their names, who was asked, and until when.
    fn open(&self, now: Timestamp) -> impl Iterator<Item = (&str, &ProviderUserId, Timestamp)> {
        let open = self.open.iter().filter(move |(_, wish)| wish.until > now);
        open.map(|(name, wish)| (name.as_str(), &wish.of, wish.until))
    }

    /// They have sent one: the oldest wish that was put to them is fulfilled.
    pub fn fulfil(&mut self, of: &ProviderUserId) {
        // Their names grow, for as long as any can be open.
        let oldest = self.open.iter().find(|(_, wish)| wish.of == *of).map(|(name, _)| name.clone());
        oldest.and_then(|name| self.open.remove(&name));
    }

    /// Whoever asked is gone.
    pub fn forget_asker(&mut self, by: &ProviderUserId) {
        self.open.retain(|_, wish| wish.by != *by);
    }
}

impl Channel {
    /// Wishes for snapshots that can be fulfilled: their names, who was asked, and until when.
    pub fn open_wishes(&self, now: Timestamp) -> impl Iterator<Item = (&str, &ProviderUserId, Timestamp)> {
        self.snapshots.open(now)
    }

    fn check_admitted(&self, user: &ProviderUserId) -> Result<(), Refusal> {
        if self.person(user)?.is_admitted() { Ok(()) } else { Err(Refusal::not_admitted()) }
    }

    pub(super) fn point(
        &mut self,
        user: &ProviderUserId,
        whose: &ProviderUserId,
        source: PictureSource,
        at: Option<Spot>,
    ) -> Outcome {
        self.check_admitted(user)?;
        if !self.person(user)?.facts.tools.live_pointer {
            return Err(Refusal::no_tool("live_pointer"));
        }
        if !self.person(whose).map_err(|refusal| refusal.at("user_id"))?.is_admitted() {
            return Err(Refusal::new(Code::Unknown, "they have no picture").at("user_id"));
        }
        let (x, y) = at.map(|at| (at.x, at.y)).unzip();
        let event = Event::Pointer { from: user.to_string(), user_id: whose.to_string(), source: source.name(), x, y };
        self.tell_admitted(event, |to, _| to != user);
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn present(&mut self, user: &ProviderUserId, source: Option<PictureSource>) -> Outcome {
        self.check_admitted(user)?;
        let person = self.person(user)?;
        let Some(source) = source else {
            let own = self.presented.as_ref().is_none_or(|presented| presented.user_id == user.as_str());
            if !own && !person.facts.admin {
                return Err(Refusal::new(Code::NotAllowed, "only an admin ends what others present"));
            }
            self.end_presented();
            return Ok(Some(Answer::Done {}));
        };
        if !person.facts.tools.present_to_everyone {
            return Err(Refusal::no_tool("present_to_everyone"));
        }
        let presented = Presented::new(user, source.name());
        let event = Event::Presented { user_id: Some(presented.user_id.clone()), source: Some(presented.source) };
        self.presented = Some(presented);
        self.tell_admitted(event, |_, _| true);
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn end_presented(&mut self) {
        if self.presented.take().is_some() {
            self.tell_admitted(Event::Presented { user_id: None, source: None }, |_, _| true);
        }
    }

    pub(super) fn caption(&mut self, user: &ProviderUserId, text: String, is_final: bool, language: String) -> Outcome {
        if self.person(user)?.stage != Stage::In {
            return Err(Refusal::new(Code::WrongStage, "one has to be in the call"));
        }
        let event = Event::Caption { from: user.to_string(), text, is_final, language };
        self.tell_admitted(event, |to, _| to != user);
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn snapshot_request(&mut self, user: &ProviderUserId, of: &ProviderUserId, now: Timestamp) -> Outcome {
        self.check_admitted(user)?;
        if !self.person(user)?.facts.tools.snapshot {
            return Err(Refusal::no_tool("snapshot"));
        }
        let asked = self.person(of).map_err(|refusal| refusal.at("user_id"))?;
        if asked.stage != Stage::In || asked.listens().is_none() {
            return Err(Refusal::new(Code::WrongStage, "they are not in the call").at("user_id"));
        }
        let Some(request) = self.snapshots.wish(user, of, now) else {
            return Err(Refusal::new(Code::TooMany, "there are too many wishes for snapshots"));
        };
        self.tell_one(of, Event::SnapshotRequested { request: request.clone(), by: user.to_string() });
        Ok(Some(Answer::Requested { request }))
    }

    pub(super) fn snapshot_failed(
        &mut self,
        user: &ProviderUserId,
        request: &str,
        reason: &'static str,
        now: Timestamp,
    ) -> Outcome {
        let wish = self.snapshots.find(request, user, now);
        let by = wish.map(|wish| wish.by.clone());
        let by = by.ok_or_else(|| Refusal::new(Code::Unknown, "there is no such wish").at("request"))?;
        self.snapshots.open.remove(request);
        if self.check_admitted(&by).is_ok() {
            self.tell_one(&by, Event::SnapshotFailed { request: request.to_owned(), reason });
        }
        Ok(Some(Answer::Done {}))
    }
}
