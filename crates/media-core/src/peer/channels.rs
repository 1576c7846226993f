//! A peer's data channels.

use std::time::Instant;

use str0m::channel::ChannelId;

use super::{Drained, Fault, Peer, contained};
use crate::{data::Delivery, limits::SCTP_BUFFER_BYTES_MAX};

/// The data channels that the protocol names.
#[derive(Debug, Default)]
pub(super) struct Channels {
    open: usize,
    pub(super) reliable: Option<ChannelId>,
    pub(super) lossy: Option<ChannelId>,
}

/// The label of the channel for [`Delivery::Reliable`].
pub(super) const RELIABLE: &str = "_reliable";
/// The label of the channel for [`Delivery::Lossy`].
pub(super) const LOSSY: &str = "_lossy";

impl Peer {
    /// Remembers a channel that opened. Answers whether one of the protocol's became usable.
    pub fn channel_opened(&mut self, id: ChannelId, label: &str, channels_max: usize) -> Result<bool, Fault> {
        self.channels.open += 1;
        if self.channels.open > channels_max {
            return Err(Fault::Protocol);
        }
        match label {
            RELIABLE => self.channels.reliable = Some(id),
            LOSSY => self.channels.lossy = Some(id),
            _ => return Ok(false),
        }
        contained(|| {
            if let Some(mut channel) = self.rtc.channel(id) {
                channel.set_buffered_amount_low_threshold(SCTP_BUFFER_BYTES_MAX / 4);
            }
            Ok(true)
        })
    }

    /// Forgets a channel that closed.
    pub fn channel_closed(&mut self, id: ChannelId) {
        self.channels.open = self.channels.open.saturating_sub(1);
        if self.channels.reliable == Some(id) {
            self.channels.reliable = None;
        }
        if self.channels.lossy == Some(id) {
            self.channels.lossy = None;
        }
    }

    /// By which of the protocol's channels data came.
    pub fn delivery_of(&self, id: ChannelId) -> Option<Delivery> {
        if self.channels.reliable == Some(id) {
            Some(Delivery::Reliable)
        } else if self.channels.lossy == Some(id) {
            Some(Delivery::Lossy)
        } else {
            None
        }
    }

    /// Sends a message. Answers whether there was an open channel with room for it.
    pub fn send_data(
        &mut self,
        delivery: Delivery,
        message: &[u8],
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<bool, Fault> {
        contained(|| {
            let id = match delivery {
                Delivery::Reliable => self.channels.reliable,
                Delivery::Lossy => self.channels.lossy,
            };
            let Some(mut channel) = id.and_then(|id| self.rtc.channel(id)) else { return Ok(false) };
            let taken = channel.write(true, message).map_err(|_| Fault::Failed)?;
            self.drain(now, drained)?;
            Ok(taken)
        })
    }
}
