//! Data packets between participants.

use std::collections::{BTreeMap, VecDeque};

use crate::{ids::ParticipantId, limits::DATA_BACKLOG_BYTES_MAX};

/// How a data packet travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In order and without loss.
    Reliable,
    /// As fast as possible.
    Lossy,
}

/// Who a data packet comes from; `None`: the program.
pub(crate) type Sender = Option<ParticipantId>;

/// Reliable data that waits for a receiver, of each sender by itself.
///
/// The senders take turns. When there is no room left, whoever has the most waiting loses its latest, so that one who sends much
/// does not crowd out the others.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    queues: BTreeMap<Sender, Queue>,
    bytes: usize,
    served: Sender,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Backlog {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Keeps a message. Answers how many were dropped for it, itself included.
    pub fn push(&mut self, sender: Sender, message: Vec<u8>) -> u64 {
        self.bytes += message.len();
        let queue = self.queues.entry(sender).or_default();
        queue.bytes += message.len();
        queue.messages.push_back(message);
        let mut dropped = 0;
        while self.bytes > DATA_BACKLOG_BYTES_MAX {
            let largest = self.queues.iter().max_by_key(|(_, queue)| queue.bytes).map(|(sender, _)| *sender);
            let Some(largest) = largest else { break };
            self.take(largest, VecDeque::pop_back);
            dropped += 1;
        }
        dropped
    }

    /// The next message in turn and whose it is.
    pub fn pop(&mut self) -> Option<(Sender, Vec<u8>)> {
        let after = (std::ops::Bound::Excluded(self.served), std::ops::Bound::Unbounded);
        let next = self.queues.range(after).next().or_else(|| self.queues.first_key_value());
        let sender = *next?.0;
        self.served = sender;
        Some((sender, self.take(sender, VecDeque::pop_front)?))
    }

    /// Puts back what could not be sent yet.
    pub fn put_back(&mut self, sender: Sender, message: Vec<u8>) {
        self.bytes += message.len();
        let queue = self.queues.entry(sender).or_default();
        queue.bytes += message.len();
        queue.messages.push_front(message);
    }

    fn take(&mut self, sender: Sender, end: impl FnOnce(&mut VecDeque<Vec<u8>>) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        let queue = self.queues.get_mut(&sender)?;
        let message = end(&mut queue.messages)?;
        queue.bytes -= message.len();
        self.bytes -= message.len();
        if queue.messages.is_empty() {
            self.queues.remove(&sender);
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Sender = Some(ParticipantId(1));
    const BERT: Sender = Some(ParticipantId(2));

    #[test]
    fn one_who_sends_much_does_not_crowd_out_the_others() {
        let mut backlog = Backlog::default();
        let dropped: u64 = (0..100).map(|_| backlog.push(ANNA, vec![1; DATA_BACKLOG_BYTES_MAX / 50])).sum();
        assert_eq!(dropped, 50, "what does not fit");
        assert_eq!(backlog.push(BERT, vec![2; 1000]), 1, "room is made at the cost of the first");
        backlog.push(BERT, vec![3; 1000]);
        let first: Vec<_> = std::iter::from_fn(|| backlog.pop()).map(|(_, message)| message[0]).take(4).collect();
        assert_eq!(first, [1, 2, 1, 3], "they take turns");
    }

    #[test]
    fn what_is_put_back_is_the_next_of_its_sender_and_nothing_is_left_behind() {
        let mut backlog = Backlog::default();
        backlog.push(None, vec![1]);
        backlog.push(None, vec![2]);
        let (sender, message) = backlog.pop().expect("one");
        backlog.put_back(sender, message);
        assert_eq!(backlog.pop(), Some((None, vec![1])));
        assert_eq!(backlog.pop(), Some((None, vec![2])));
        assert_eq!(backlog.pop(), None);
        assert!(backlog.bytes == 0 && backlog.queues.is_empty());
    }
}
