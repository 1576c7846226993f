//! Who receives which track.

use std::collections::BTreeMap;

use livekit_proto::proto::{self, signal_response::Message};

use super::{Room, Work};
use crate::{
    ids::{ParticipantId, TrackId},
    limits::{NAME_BYTES_MAX, SIGNAL_LIST_MAX},
    participant::{Audience, Participant},
    shared::Shared,
    subscription::{Settings, Subscription},
};

impl Participant {
    /// Whether they want a track and may have it, the publisher's consent aside.
    fn wants(&self, sid: &str) -> bool {
        self.permissions.can_subscribe && self.wishes.get(sid).copied().unwrap_or(self.auto_subscribe)
    }

    /// Stops receiving a track and rests its line.
    pub(super) fn unsubscribe(&mut self, track: TrackId) -> Option<Subscription> {
        let subscription = self.subscriptions.remove(&track)?;
        if let Some(line) = subscription.line.and_then(|line| self.lines.get_mut(line)) {
            line.release();
        }
        Some(subscription)
    }
}

impl Room {
    /// Brings what somebody receives to what they want and may have.
    pub(super) fn reconcile(&mut self, id: ParticipantId, shared: &mut Shared) {
        let Some(viewer) = self.participants.get(&id) else { return };
        let mut wanted = BTreeMap::new();
        let mut refused = Vec::new();
        for publisher in self.participants.values().filter(|publisher| publisher.id != id) {
            for track in publisher.tracks.values().filter(|track| track.mid.is_some()) {
                if !viewer.wants(&track.info.sid) {
                    continue;
                }
                if publisher.audience.allows(&viewer.sid, &viewer.identity, &track.info.sid) {
                    wanted.insert(track.id, (publisher.id, track.kind));
                } else {
                    refused.push((publisher.sid.clone(), track.id, track.info.sid.clone()));
                }
            }
        }
        let gone: Vec<_> = viewer.subscriptions.keys().filter(|track| !wanted.contains_key(track)).copied().collect();
        let new: Vec<_> = wanted.into_iter().filter(|(track, _)| !viewer.subscriptions.contains_key(track)).collect();
        if gone.is_empty() && new.is_empty() {
            return;
        }
        for track in gone {
            let Some(viewer) = self.participants.get_mut(&id) else { return };
            let Some(subscription) = viewer.unsubscribe(track) else { continue };
            if let Some((participant_sid, _, track_sid)) = refused.iter().find(|(_, refused, _)| *refused == track) {
                let update = permission_update(participant_sid, track_sid, false);
                shared.signal(viewer.presence.connection, update);
            }
            self.forget_subscriber(subscription.publisher, track, id);
        }
        for (track, (publisher, kind)) in new {
            let Some(owner) = self.participants.get_mut(&publisher) else { continue };
            let restricted = owner.audience != Audience::All;
            let sid = owner.sid.clone();
            let Some(published) = owner.tracks.get_mut(&track) else { continue };
            published.subscribers.push(id);
            let track_sid = published.info.sid.clone();
            let Some(viewer) = self.participants.get_mut(&id) else { return };
            viewer.subscriptions.insert(track, Subscription::new(publisher, kind));
            if restricted {
                shared.signal(viewer.presence.connection, permission_update(&sid, &track_sid, true));
            }
        }
        self.work.push_back(Work::Negotiate { participant: id });
    }

    /// Tells the publishers of what somebody receives from here on that they have their first receiver. Some wait for that before
    /// they say anything.
    pub(super) fn tell_received(&mut self, id: ParticipantId, shared: &mut Shared) {
        let Some(viewer) = self.participants.get(&id) else { return };
        let received: Vec<_> = viewer
            .subscriptions
            .iter()
            .filter(|(_, subscription)| {
                subscription.line.and_then(|line| viewer.lines.get(line)).is_some_and(|line| line.agreed)
            })
            .map(|(track, subscription)| (*track, subscription.publisher))
            .collect();
        for (track, publisher) in received {
            let Some(owner) = self.participants.get_mut(&publisher) else { continue };
            let connection = owner.presence.connection;
            // Who is away is told on coming back.
            if let Some(track) = owner.tracks.get_mut(&track).filter(|track| !track.received_told)
                && connection.is_some()
            {
                track.received_told = true;
                let message = proto::TrackSubscribed { track_sid: track.info.sid.clone() };
                shared.signal(connection, Message::TrackSubscribed(message));
            }
        }
    }

    /// Everybody's subscriptions are looked at again.
    pub(super) fn reconcile_all(&mut self) {
        self.work.extend(self.participants.keys().map(|participant| Work::Reconcile { participant: *participant }));
    }

    pub(super) fn forget_subscriber(&mut self, publisher: ParticipantId, track: TrackId, subscriber: ParticipantId) {
        let owner = self.participants.get_mut(&publisher);
        if let Some(track) = owner.and_then(|owner| owner.tracks.get_mut(&track)) {
            track.subscribers.retain(|other| *other != subscriber);
        }
    }

    /// Somebody wants tracks, or no longer does.
    pub(super) fn subscription_wished(&mut self, id: ParticipantId, wish: &proto::UpdateSubscription) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let nested = wish.participant_tracks.iter().flat_map(|tracks| &tracks.track_sids);
        for sid in wish.track_sids.iter().chain(nested).take(SIGNAL_LIST_MAX) {
            // No track of ours has such a name.
            if sid.len() > NAME_BYTES_MAX {
                continue;
            }
            if participant.wishes.len() < SIGNAL_LIST_MAX || participant.wishes.contains_key(sid) {
                participant.wishes.insert(sid.clone(), wish.subscribe);
            }
        }
        self.work.push_back(Work::Reconcile { participant: id });
    }

    /// Somebody says how they show tracks.
    pub(super) fn track_settings(&mut self, id: ParticipantId, update: &proto::UpdateTrackSettings) {
        let settings = Settings {
            disabled: update.disabled || update.quality() == proto::VideoQuality::Off,
            // With a size the size decides; quality has no "unset", its zero is the lowest.
            quality: (update.width == 0 || update.height == 0).then(|| usize::try_from(update.quality).unwrap_or(0)),
            size: (update.width > 0 && update.height > 0).then_some((update.width, update.height)),
            priority: update.priority,
        };
        for sid in update.track_sids.iter().take(SIGNAL_LIST_MAX) {
            let Some(track) = self.track_id(sid) else { continue };
            let viewer = self.participants.get_mut(&id);
            if let Some(subscription) = viewer.and_then(|viewer| viewer.subscriptions.get_mut(&track)) {
                subscription.settings = settings;
            }
        }
    }

    /// A track of anybody's, by its sid.
    pub(super) fn track_id(&self, sid: &str) -> Option<TrackId> {
        let mut tracks = self.participants.values().flat_map(|participant| participant.tracks.values());
        tracks.find(|track| track.info.sid == sid).map(|track| track.id)
    }

    /// Somebody says who may receive their tracks.
    pub(super) fn audience_chosen(&mut self, id: ParticipantId, choice: proto::SubscriptionPermission) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        participant.audience =
            if choice.all_participants { Audience::All } else { Audience::Some(bounded(choice.track_permissions)) };
        self.reconcile_all();
    }
}

/// The first of many permissions, and of the tracks in them altogether, texts that name nothing of ours left out.
fn bounded(mut permissions: Vec<proto::TrackPermission>) -> Vec<proto::TrackPermission> {
    let mut tracks_left = SIGNAL_LIST_MAX;
    permissions.truncate(SIGNAL_LIST_MAX);
    permissions.retain(|permission| {
        permission.participant_sid.len() <= NAME_BYTES_MAX && permission.participant_identity.len() <= NAME_BYTES_MAX
    });
    for permission in &mut permissions {
        permission.track_sids.truncate(tracks_left);
        permission.track_sids.retain(|sid| sid.len() <= NAME_BYTES_MAX);
        permission.track_sids.shrink_to_fit();
        tracks_left -= permission.track_sids.len();
    }
    permissions
}

fn permission_update(participant_sid: &str, track_sid: &str, allowed: bool) -> Message {
    Message::SubscriptionPermissionUpdate(proto::SubscriptionPermissionUpdate {
        participant_sid: participant_sid.to_owned(),
        track_sid: track_sid.to_owned(),
        allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_permissions_become_few() {
        let permission = |tracks: usize, name: &str| proto::TrackPermission {
            participant_identity: name.to_owned(),
            track_sids: (0..tracks).map(|track| track.to_string()).collect(),
            ..proto::TrackPermission::default()
        };
        let total = |permissions: Vec<proto::TrackPermission>| -> (usize, usize) {
            let bounded = bounded(permissions);
            (bounded.len(), bounded.iter().map(|permission| permission.track_sids.len()).sum())
        };
        assert_eq!(total(vec![permission(2, "a"), permission(3, "b")]), (2, 5));
        assert_eq!(total(vec![permission(1_000_000, "a"), permission(3, "b")]), (2, SIGNAL_LIST_MAX));
        assert_eq!(total(vec![permission(0, "a"); 10_000]), (SIGNAL_LIST_MAX, 0));
        assert_eq!(total(vec![permission(1, &"a".repeat(NAME_BYTES_MAX + 1))]), (0, 0));
    }
}
