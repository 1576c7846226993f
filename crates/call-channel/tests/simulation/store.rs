//! What is kept, and what is answered to what the machine asks for.

use std::collections::{BTreeMap, BTreeSet};

use domain::ProviderUserId;
use ports::content::{BoardId, Element, ElementId, Message};
use teleconsultation_call_channel::{Answered, Ask};

/// What becomes of something that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Works,
    /// Nothing is done.
    Fails,
    /// It is done, but nobody learns it.
    FailsAfterwards,
}

#[derive(Default)]
pub struct Store {
    pub messages: Vec<Message>,
    pub boards: BTreeMap<BoardId, BTreeMap<ElementId, Element>>,
    pub admitted: BTreeMap<ProviderUserId, jiff::Timestamp>,
    /// Everybody who was sent away at the media engine.
    pub removed: Vec<ProviderUserId>,
}

impl Store {
    pub fn carry_out(&mut self, ask: &Ask, outcome: Outcome) -> Answered {
        match outcome {
            Outcome::Works => self.attempt(ask),
            Outcome::Fails => Answered::Failed,
            Outcome::FailsAfterwards => {
                self.attempt(ask);
                Answered::Failed
            }
        }
    }

    fn attempt(&mut self, ask: &Ask) -> Answered {
        match ask {
            Ask::AddMessage(new) => {
                let same = |message: &&Message| {
                    new.key.is_some() && message.sent.key == new.key && message.sent.from == new.from
                };
                if let Some(known) = self.messages.iter().find(same) {
                    return Answered::Message(known.clone());
                }
                let message = Message { number: self.messages.len() as u64 + 1, sent: new.clone() };
                self.messages.push(message.clone());
                Answered::Message(message)
            }
            Ask::Messages { waits, before, limit } => {
                let waits: BTreeSet<_> = waits.iter().collect();
                let limit = *limit as usize;
                let mut found = Vec::new();
                for wait in waits {
                    let of_it = self.messages.iter().filter(|message| message.sent.waiting == *wait);
                    let below: Vec<_> =
                        of_it.filter(|message| before.is_none_or(|before| message.number < before)).cloned().collect();
                    found.extend(below[below.len().saturating_sub(limit)..].to_vec());
                }
                found.sort_by_key(|message| message.number);
                Answered::Messages(found)
            }
            Ask::LoadBoard(board) => Answered::Elements(
                self.boards.get(board).map(|all| all.values().cloned().collect()).unwrap_or_default(),
            ),
            Ask::SaveElements { board, elements } => {
                let kept = self.boards.entry(board.clone()).or_default();
                kept.extend(elements.iter().map(|element| (element.id.clone(), element.clone())));
                Answered::Done
            }
            Ask::ClearBoard(board) => {
                self.boards.remove(board);
                Answered::Done
            }
            Ask::Admit { user, at } => {
                self.admitted.entry(user.clone()).or_insert(*at);
                Answered::Done
            }
            Ask::EndAdmission(user) => {
                self.admitted.remove(user);
                Answered::Done
            }
            Ask::EndAdmissions => {
                self.admitted.clear();
                Answered::Done
            }
            Ask::Admissions => {
                Answered::Admissions(self.admitted.iter().map(|(user, at)| (user.clone(), *at)).collect())
            }
            Ask::Remove(user) => {
                self.removed.push(user.clone());
                Answered::Done
            }
            Ask::Link { .. } => {
                Answered::Link { url: "/call/files/x".to_owned(), expires: jiff::Timestamp::UNIX_EPOCH }
            }
            Ask::DeleteFile(_) | Ask::Rate { .. } | Ask::AddQuality { .. } | Ask::Mute { .. } => Answered::Done,
        }
    }
}
