//! How a client comes to agree with the engine on sections: one offer at a time.

use livekit_proto::proto::{SessionDescription, signal_request};
use str0m::{
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::{ChannelConfig, Reliability},
    media::{Direction, MediaKind, Mid, Simulcast, SimulcastLayer},
};

use super::Client;
use crate::media::Source;

#[derive(Default)]
pub(super) struct Negotiation {
    id: u32,
    pending: Option<SdpPendingOffer>,
    wanted: bool,
    pub restart: bool,
    receiving: Vec<Mid>,
    add: Vec<MediaKind>,
    publish: Vec<(u32, MediaKind, &'static [&'static str])>,
    offered: Vec<(u32, MediaKind, &'static [&'static str], Mid)>,
    stop: Vec<Mid>,
}

impl Negotiation {
    pub fn publish(&mut self, tag: u32, kind: MediaKind, rids: &'static [&'static str]) {
        self.publish.push((tag, kind, rids));
    }

    pub fn stop(&mut self, mid: Mid) {
        self.stop.push(mid);
    }

    pub fn add_sections(&mut self, audio: u32, video: u32) {
        self.add.extend((0..audio).map(|_| MediaKind::Audio));
        self.add.extend((0..video).map(|_| MediaKind::Video));
    }

    /// The answer to the last offer may never come: it is made again.
    pub fn pending_lost(&mut self) {
        if self.pending.take().is_some() {
            let lost = std::mem::take(&mut self.offered);
            self.publish.extend(lost.into_iter().map(|(tag, kind, rids, _)| (tag, kind, rids)));
        }
    }
}

impl Client {
    /// What a browser has before it joins: three channels, and sections to receive on.
    pub(super) fn prepare(&mut self) {
        if self.subscriber.is_none() {
            self.negotiation.add_sections(3, 3);
        }
    }

    /// Makes an offer as soon as the last one is answered.
    pub(super) fn negotiate(&mut self) {
        self.negotiation.wanted = true;
        if self.negotiation.pending.is_some() || self.joined == 0 {
            return;
        }
        if let Some(offer) = self.offer() {
            self.say(signal_request::Message::Offer(offer));
        }
    }

    pub(super) fn offer(&mut self) -> Option<SessionDescription> {
        let negotiation = &mut self.negotiation;
        negotiation.wanted = false;
        let mut api = self.publisher.rtc.sdp_api();
        if negotiation.id == 0 {
            self.reliable = Some(api.add_channel("_reliable".to_owned()));
            self.lossy = Some(api.add_channel_with_config(ChannelConfig {
                label: "_lossy".to_owned(),
                ordered: false,
                reliability: Reliability::MaxRetransmits { retransmits: 0 },
                ..ChannelConfig::default()
            }));
        }
        for mid in &negotiation.receiving {
            // A browser goes on wanting to receive whatever was answered; the detour makes str0m offer it again.
            api.set_direction(*mid, Direction::Inactive);
            api.set_direction(*mid, Direction::RecvOnly);
        }
        for kind in negotiation.add.drain(..) {
            negotiation.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
        }
        for mid in negotiation.stop.drain(..) {
            api.set_direction(mid, Direction::Inactive);
        }
        for (tag, kind, rids) in negotiation.publish.drain(..) {
            let simulcast = (!rids.is_empty()).then(|| {
                let mut simulcast = Simulcast::new();
                for rid in rids {
                    simulcast.add_send_layer(SimulcastLayer::new(rid));
                }
                simulcast
            });
            let cid = format!("cid-{tag}");
            let mid = api.add_media(kind, Direction::SendOnly, Some("stream".to_owned()), Some(cid), simulcast);
            negotiation.offered.push((tag, kind, rids, mid));
        }
        if std::mem::take(&mut negotiation.restart) {
            api.ice_restart(true);
        }
        let (offer, pending) = api.apply()?;
        negotiation.id += 1;
        negotiation.pending = Some(pending);
        Some(SessionDescription {
            r#type: "offer".to_owned(),
            sdp: offer.to_sdp_string(),
            id: negotiation.id,
            ..SessionDescription::default()
        })
    }

    pub(super) fn take_answer(&mut self, answer: &SessionDescription) {
        assert_eq!(answer.id, self.negotiation.id, "the answer names its offer");
        let Some(pending) = self.negotiation.pending.take() else { return };
        let parsed = SdpAnswer::from_sdp_string(&answer.sdp).expect("an answer that parses");
        self.publisher.rtc.sdp_api().accept_answer(pending, parsed).expect("an answer that fits");
        if self.subscriber.is_none() {
            self.mid_to_sid = answer.mid_to_track_id.clone().into_iter().collect();
        }
        let now = self.publisher.timeout;
        for (tag, kind, rids, mid) in self.negotiation.offered.drain(..) {
            self.sources.push(Source::new(tag, kind, mid, rids, now));
        }
        if self.negotiation.wanted {
            self.negotiate();
        }
    }

    pub(super) fn take_offer(&mut self, offer: &SessionDescription) {
        let subscriber = self.subscriber.as_mut().expect("a second connection");
        let parsed = SdpOffer::from_sdp_string(&offer.sdp).expect("an offer that parses");
        let answer = subscriber.rtc.sdp_api().accept_offer(parsed).expect("an offer that fits");
        self.mid_to_sid = offer.mid_to_track_id.clone().into_iter().collect();
        self.say(signal_request::Message::Answer(SessionDescription {
            r#type: "answer".to_owned(),
            sdp: answer.to_sdp_string(),
            id: offer.id,
            ..SessionDescription::default()
        }));
    }
}
