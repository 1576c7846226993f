//! What other parts of the program tell of a room, for its task to look at when it has time. The newest state counts, so what waits is
//! bounded by the room's people and files.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ProviderUserId;
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

    /// Whether nobody is present.
    pub fn is_empty(&self) -> bool {
        self.lock().present.is_empty()
    }

    /// Nothing is left half-done by a panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
