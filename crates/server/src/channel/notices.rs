//! What other parts of the program tell of a room, for its task to look at when it has time. The newest state counts, so what waits is
//! bounded by the room's people and files.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::{File, FileId};
use tokio::sync::Notify;

/// What happened since the room's task looked last.
#[derive(Default)]
pub struct News {
    /// Whether a session ended.
    pub session_ended: bool,
    /// Whether the room, its people or their links may have changed.
    pub changed: bool,
    /// Files that are whole now.
    pub completed: Vec<File>,
    /// Files that were deleted.
    pub deleted: Vec<FileId>,
    /// Those whom the media engine has.
    pub present: BTreeSet<ProviderUserId>,
}

/// The place for news of one room.
#[derive(Default)]
pub struct Notices {
    news: Mutex<News>,
    /// The other way round: wishes for snapshots that the room knows, for whoever takes uploads.
    wishes: Mutex<BTreeMap<String, (ProviderUserId, Timestamp)>>,
    more: Notify,
}

impl Notices {
    /// Adds news.
    pub fn add(&self, add: impl FnOnce(&mut News)) {
        add(&mut self.lock());
        self.more.notify_one();
    }

    /// Waits until there is news, or may be.
    pub async fn wait(&self) {
        self.more.notified().await;
    }

    /// Takes the news. Who is present stays known.
    pub fn take(&self) -> News {
        let mut news = self.lock();
        let present = news.present.clone();
        std::mem::replace(&mut news, News { present, ..News::default() })
    }

    /// Says which wishes for snapshots can be fulfilled: their names, who was asked, and until when.
    pub fn set_wishes<'a>(&self, wishes: impl Iterator<Item = (&'a str, &'a ProviderUserId, Timestamp)>) {
        let wishes = wishes.map(|(name, of, until)| (name.to_owned(), (of.clone(), until)));
        *self.wishes.lock().unwrap_or_else(PoisonError::into_inner) = wishes.collect();
    }

    /// Whether this wish was put to this person and can be fulfilled.
    pub fn is_wished(&self, name: &str, of: &ProviderUserId, now: Timestamp) -> bool {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        wishes.get(name).is_some_and(|(asked, until)| asked == of && *until > now)
    }

    /// Whether nobody is present.
    pub fn is_empty(&self) -> bool {
        self.lock().present.is_empty()
    }

    /// Nothing is left half-done by a panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
