//! Places for connections: so many in all, and so many for each client, so that one client cannot take everybody's.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::{TrustedProxies, network};

/// The most connections at once, upgraded ones not counted. Each costs some 10 kB; a gateway uses a few hundred.
pub const CONNECTIONS_MAX: usize = 4096;

/// The most connections of one client: a ward behind one address has a hundred browsers with six connections each.
pub const CONNECTIONS_PER_CLIENT_MAX: usize = 768;

/// Places for connections. Clones share them.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    by_client: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
    open: Arc<AtomicUsize>,
    refused: Arc<AtomicU64>,
    trusted: Arc<TrustedProxies>,
}

/// A place that any client may get; the next connection takes it.
pub struct FreePlace(OwnedSemaphorePermit);

/// One connection's place, given back on drop.
pub struct Place {
    places: Places,
    /// `None`: whoever speaks for many has no share of its own.
    client: Option<IpAddr>,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    /// Proxies of `trusted` and programs on this machine speak for many clients: they have no share of their own.
    pub fn new(trusted: Arc<TrustedProxies>) -> Self {
        Self {
            all: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            by_client: Arc::default(),
            open: Arc::default(),
            refused: Arc::default(),
            trusted,
        }
    }

    /// Waits for a place.
    pub async fn free(&self) -> FreePlace {
        // The semaphore is never closed.
        FreePlace(Arc::clone(&self.all).acquire_owned().await.expect("places are never closed"))
    }

    /// Gives the place to a connection from `peer`, unless that client has its share.
    pub fn give(&self, place: FreePlace, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let speaks_for_many = peer.is_loopback() || self.trusted.contains(peer);
        let client = (!speaks_for_many).then(|| network(peer));
        if let Some(client) = client {
            let mut by_client = self.by_client();
            let taken = by_client.entry(client).or_default();
            if *taken == CONNECTIONS_PER_CLIENT_MAX {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            *taken += 1;
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        Some(Place { places: self.clone(), client, _of_all: place.0 })
    }

    /// Connections at this moment.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Connections that were refused because their client had its share.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// It has an entry for each client with a connection, so no more than there are places.
    fn by_client(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        // Nothing that can panic runs under the lock.
        self.by_client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.open.fetch_sub(1, Ordering::Relaxed);
        let Some(client) = self.client else { return };
        let mut by_client = self.places.by_client();
        let left = by_client.get_mut(&client).map_or(0, |taken| {
            *taken -= 1;
            *taken
        });
        if left == 0 {
            by_client.remove(&client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(places: &Places, peer: &str) -> Option<Place> {
        places.give(places.free().await, peer.parse().unwrap())
    }

    #[tokio::test]
    async fn a_client_gets_its_share_and_others_get_theirs() {
        let places = Places::new(Arc::default());
        let mut taken = Vec::new();
        for host in 0..CONNECTIONS_PER_CLIENT_MAX {
            taken.push(take(&places, &format!("2001:db8::{host:x}")).await.unwrap());
        }
        assert!(take(&places, "2001:db8::ffff").await.is_none(), "another address of the same client");
        assert_eq!((places.open(), places.refused()), (CONNECTIONS_PER_CLIENT_MAX, 1));
        taken.push(take(&places, "192.0.2.1").await.unwrap());
        taken.push(take(&places, "::ffff:192.0.2.2").await.unwrap());

        taken.remove(0);
        taken.push(take(&places, "2001:db8::ffff").await.unwrap());
        taken.clear();
        assert_eq!(places.open(), 0);
        assert!(places.by_client().is_empty());
    }

    #[tokio::test]
    async fn whoever_speaks_for_many_has_no_share() {
        let places = Places::new(Arc::new(TrustedProxies::parse("10.0.0.0/8").unwrap()));
        for peer in ["10.1.2.3", "::ffff:10.1.2.3", "127.0.0.1", "::1"] {
            let mut taken = Vec::new();
            for _ in 0..=CONNECTIONS_PER_CLIENT_MAX {
                taken.push(take(&places, peer).await.unwrap());
            }
        }
    }
}
