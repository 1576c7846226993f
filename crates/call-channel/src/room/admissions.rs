//! That the channel and the door go by the same admissions: those that are kept and hold.
//!
//! A change of an admission that failed may have taken effect, or may do so later, and an admission ends by itself some time after it was
//! given. So they are read again: at once and once more later after a failure, and when one has lasted for its time.

use std::{collections::BTreeMap, time::Duration};

use domain::ProviderUserId;
use jiff::Timestamp;

use super::{Ask, Channel, ReplyTo, Then};
use crate::{
    limits::{ADMISSIONS_AGAIN, ADMISSIONS_EVERY, REMOVE_AGAIN},
    wire::{Answer, Refusal},
};

/// When admissions were read, and are to be read again.
pub struct Looks {
    /// How long one holds while no session is under way.
    admission_max: Duration,
    last: Timestamp,
    /// Set if what is known here may not be what is kept.
    again: Option<Timestamp>,
}

/// A command that changes an admission, of which it is not known whether that is kept.
pub struct Doubt {
    reply: ReplyTo,
    user: ProviderUserId,
    /// Whether they are to be admitted by it.
    admits: bool,
}

impl Looks {
    /// Admissions were read just now.
    pub const fn new(admission_max: Duration, now: Timestamp) -> Self {
        Self { admission_max, last: now, again: None }
    }

    /// Nothing is in doubt any more.
    pub const fn settle(&mut self) {
        self.again = None;
    }
}

impl Channel {
    /// When admissions are to be read again, if ever. Those of people who are not here matter once they come.
    pub(super) fn admissions_due(&self) -> Option<Timestamp> {
        let Looks { admission_max, last, again } = self.admissions;
        let waiting_room = self.has_waiting_room();
        let here =
            self.people.values().filter(|person| waiting_room && !person.facts.admin && person.connection.is_some());
        let ends =
            here.filter_map(|person| person.admitted).map(|given| (given + admission_max).max(last + ADMISSIONS_EVERY));
        ends.chain(again).min()
    }

    pub(super) fn look_at_admissions(&mut self, now: Timestamp) {
        if self.admissions_due().is_some_and(|at| at <= now) {
            (self.admissions.last, self.admissions.again) = (now, None);
            self.asks.push_back((Ask::Admissions, Then::Admissions(None)));
        }
    }

    /// A command that changes an admission failed: what is kept says what became of it.
    pub(super) fn doubt_admission(&mut self, reply: ReplyTo, user: ProviderUserId, admits: bool, now: Timestamp) {
        self.admissions.again = Some(now + ADMISSIONS_AGAIN);
        self.asks.push_back((Ask::Admissions, Then::Admissions(Some(Doubt { reply, user, admits }))));
    }

    pub(super) fn admissions_read(&mut self, doubt: Option<Doubt>, kept: Vec<(ProviderUserId, Timestamp)>) {
        let kept: BTreeMap<_, _> = kept.into_iter().collect();
        let waiting_room = self.has_waiting_room();
        let is_done = doubt.as_ref().is_some_and(|doubt| kept.contains_key(&doubt.user) == doubt.admits);
        let ended = doubt.as_ref().filter(|doubt| is_done && !doubt.admits).map(|doubt| doubt.user.clone());
        for (user, person) in &mut self.people {
            let before = std::mem::replace(&mut person.admitted, kept.get(user).copied());
            person.knocked &= person.admitted.is_none();
            // Who is removed by a command is removed below.
            if waiting_room && before.is_some() && person.is_in_unasked() && ended.as_ref() != Some(user) {
                self.asks.push_back((Ask::Remove(user.clone()), Then::Removed { reply: None, user: user.clone() }));
            }
        }
        match doubt {
            None => {}
            Some(Doubt { reply, .. }) if !is_done => self.reply(reply, Err(Refusal::unavailable())),
            Some(Doubt { reply, admits: true, .. }) => self.reply(reply, Ok(Answer::Done {})),
            Some(Doubt { reply, user, admits: false }) => self.admission_ended(reply, user),
        }
    }

    pub(super) fn admissions_unread(&mut self, doubt: Option<&Doubt>, now: Timestamp) {
        self.admissions.again = Some(now + ADMISSIONS_AGAIN);
        if let Some(doubt) = doubt {
            self.reply(doubt.reply, Err(Refusal::unavailable()));
        }
    }

    /// The media engine still has somebody who may not be there.
    pub(super) fn not_removed(&mut self, reply: Option<ReplyTo>, user: &ProviderUserId, now: Timestamp) {
        if let Some(person) = self.people.get_mut(user).filter(|person| person.in_media) {
            person.remove_again = Some(now + REMOVE_AGAIN);
        }
        if let Some(reply) = reply {
            self.reply(reply, Err(Refusal::unavailable()));
        }
    }
}
