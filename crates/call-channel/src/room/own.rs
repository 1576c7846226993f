//! What somebody says of themselves.

use domain::ProviderUserId;
use jiff::Timestamp;

use super::{Ask, Channel, Outcome, Then};
use crate::wire::{Answer, Check, CheckView, Code, QualityReport, Refusal, Stage};

impl Channel {
    pub(super) fn check(&mut self, user: &ProviderUserId, check: Check, now: Timestamp) {
        if let Some(person) = self.people.get_mut(user) {
            person.check = Some(CheckView::new(check, now));
        }
    }

    /// Somebody who has knocked may knock again, as after a connection was lost; who is let in meanwhile need not.
    pub(super) fn knock(&mut self, user: &ProviderUserId, knocks: bool) -> Outcome {
        let Some(person) = self.people.get_mut(user) else { return Ok(Some(Answer::Done {})) };
        match person.stage {
            Stage::Lobby | Stage::Waiting => person.knocked = knocks,
            Stage::Away | Stage::Admitted | Stage::In => {
                return Err(Refusal::new(Code::WrongStage, "one is let in already"));
            }
        }
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn hand(&mut self, user: &ProviderUserId, raised: bool, now: Timestamp) -> Outcome {
        let Some(person) = self.people.get_mut(user).filter(|person| person.is_admitted()) else {
            return Err(Refusal::not_admitted());
        };
        person.hand = match (raised, person.hand) {
            (true, None) => Some(now),
            (true, since) => since,
            (false, _) => None,
        };
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn quality(&mut self, user: &ProviderUserId, report: &QualityReport, now: Timestamp) -> Outcome {
        let Some(person) = self.people.get_mut(user).filter(|person| person.stage == Stage::In) else {
            return Err(Refusal::new(Code::WrongStage, "one has to be in the call"));
        };
        person.quality = report.quality;
        if let Some(minute) = person.measured(report, now) {
            self.asks.push_back((Ask::AddQuality { user: user.clone(), minute }, Then::Nothing));
        }
        Ok(Some(Answer::Done {}))
    }
}
