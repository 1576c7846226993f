//! Offers, answers and candidates of one peer.

use std::{collections::BTreeSet, time::Instant};

use str0m::{
    Candidate,
    change::{SdpAnswer, SdpOffer},
    channel::{ChannelConfig, Reliability},
    media::{Direction, MediaKind, Mid},
};

use super::{
    Drained, Fault, Peer, PeerConfig,
    channels::{LOSSY, RELIABLE},
    contained,
};
use crate::{
    description,
    limits::{NAME_BYTES_MAX, REMOTE_CANDIDATES_MAX},
    random::Random,
};

/// What an offer is to change.
#[derive(Debug, Default)]
pub(crate) struct OfferChanges<'a> {
    /// Sections to add, to send on.
    pub added: &'a [MediaKind],
    /// Sections to change.
    pub directions: &'a [(Mid, Direction)],
    /// Whether ICE starts anew.
    pub restart: bool,
    /// Whether the two data channels are made.
    pub channels: bool,
}

/// An offer that waits for its answer.
#[derive(Debug)]
pub(crate) struct Offered {
    /// str0m's text.
    pub description: String,
    /// The sections added, in the order asked for.
    pub added: Vec<Mid>,
}

/// Whether a candidate is known or may be added. Those left out are no loss: the peer's own checks show where it is.
fn takes(known: &mut BTreeSet<String>, candidate: &str) -> bool {
    let candidate = candidate.trim_end();
    if known.contains(candidate) {
        return true;
    }
    if known.len() >= REMOTE_CANDIDATES_MAX || candidate.len() > NAME_BYTES_MAX {
        return false;
    }
    known.insert(candidate.to_owned())
}

impl Peer {
    /// Answers an offer. The answer is str0m's text; what it promises per section is the negotiation's to correct.
    pub fn answer(
        &mut self,
        offer: &str,
        config: &PeerConfig,
        random: &mut Random,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<String, Fault> {
        contained(|| {
            self.payload_types.agree(offer).map_err(|_| Fault::Protocol)?;
            let offer = description::with_candidates(offer, |line| takes(&mut self.remote_candidates, line));
            let offer = SdpOffer::from_sdp_string(&offer).map_err(|_| Fault::Protocol)?;
            let answer = self.rtc.sdp_api().accept_offer(offer).map_err(|_| Fault::Protocol)?;
            self.pending = None;
            let text = self.with_own_credentials(answer.to_sdp_string(), config, random);
            self.drain(now, drained)?;
            Ok(text)
        })
    }

    /// On an ICE restart str0m makes credentials of its own; the shell finds us by the prefix, so they are replaced.
    fn with_own_credentials(&mut self, text: String, config: &PeerConfig, random: &mut Random) -> String {
        let present = self.rtc.direct_api().local_ice_credentials();
        if present.ufrag == self.ufrag {
            return text;
        }
        let own = config.credentials(random);
        let text = text.replace(&present.ufrag, &own.ufrag).replace(&present.pass, &own.pass);
        self.ufrag.clone_from(&own.ufrag);
        self.remote_candidates.clear();
        self.rtc.direct_api().set_local_ice_credentials(own);
        text
    }

    /// Makes an offer out of changes to the sending sections. `None` if nothing is to be negotiated.
    pub fn offer(
        &mut self,
        changes: &OfferChanges<'_>,
        config: &PeerConfig,
        random: &mut Random,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<Option<Offered>, Fault> {
        contained(|| {
            let mut api = self.rtc.sdp_api();
            let added =
                changes.added.iter().map(|kind| api.add_media(*kind, Direction::SendOnly, None, None, None)).collect();
            for (mid, direction) in changes.directions {
                api.set_direction(*mid, *direction);
            }
            let restarted = changes.restart.then(|| api.ice_restart(true));
            let channels = changes.channels.then(|| {
                let reliable = api.add_channel(RELIABLE.to_owned());
                let lossy = api.add_channel_with_config(ChannelConfig {
                    label: LOSSY.to_owned(),
                    ordered: false,
                    reliability: Reliability::MaxRetransmits { retransmits: 0 },
                    ..ChannelConfig::default()
                });
                (reliable, lossy)
            });
            let Some((offer, pending)) = api.apply() else { return Ok(None) };
            if let Some((reliable, lossy)) = channels {
                self.channels.reliable = Some(reliable);
                self.channels.lossy = Some(lossy);
            }
            self.pending = Some(pending);
            let mut description = offer.to_sdp_string();
            self.pending_credentials = restarted.map(|fresh| {
                let own = config.credentials(random);
                description = description.replace(&fresh.ufrag, &own.ufrag).replace(&fresh.pass, &own.pass);
                own
            });
            self.drain(now, drained)?;
            Ok(Some(Offered { description, added }))
        })
    }

    /// Takes the answer to the last offer. Answers whether there was one to answer.
    pub fn accept_answer(&mut self, answer: &str, now: Instant, drained: &mut Drained<'_>) -> Result<bool, Fault> {
        contained(|| {
            let Some(pending) = self.pending.take() else { return Ok(false) };
            self.payload_types.agree(answer).map_err(|_| Fault::Protocol)?;
            let answer = description::with_candidates(answer, |line| takes(&mut self.remote_candidates, line));
            let answer = SdpAnswer::from_sdp_string(&answer).map_err(|_| Fault::Protocol)?;
            self.rtc.sdp_api().accept_answer(pending, answer).map_err(|_| Fault::Protocol)?;
            if let Some(own) = self.pending_credentials.take() {
                self.ufrag.clone_from(&own.ufrag);
                self.remote_candidates.clear();
                self.rtc.direct_api().set_local_ice_credentials(own);
            }
            self.drain(now, drained)?;
            Ok(true)
        })
    }

    /// Takes a remote candidate as in `a=candidate:`. Names that only the other host can resolve are passed over: the peer's
    /// own checks will show its address.
    pub fn add_candidate(&mut self, candidate: &str, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        if !takes(&mut self.remote_candidates, candidate) {
            return Ok(());
        }
        contained(|| {
            let Ok(candidate) = Candidate::from_sdp_string(candidate) else { return Ok(()) };
            self.rtc.add_remote_candidate(candidate);
            self.drain(now, drained)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_taken_once_and_up_to_a_limit() {
        let mut known = BTreeSet::new();
        let candidate = |port: usize| format!("candidate:1 1 udp 1 192.0.2.1 {port} typ host\r\n");
        for port in 0..1000 {
            assert_eq!(takes(&mut known, &candidate(port)), port < REMOTE_CANDIDATES_MAX);
        }
        assert!(takes(&mut known, candidate(1).trim_end()), "one that is known is no new one");
        assert!(!takes(&mut BTreeSet::new(), &"x".repeat(NAME_BYTES_MAX + 1)));
    }
}
