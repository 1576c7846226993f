//! One signalling connection, from the join to the end.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use livekit_proto::{
    Claims,
    proto::{self, signal_request, signal_response},
    signal,
};
use media_core::{Allowance, ConnectionId};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use crate::{
    counters::{self, Gauged},
    door::Admitted,
    mailbox::{JoinMail, Mailbox, SignalMail},
    service::Inner,
};

/// Messages that wait for a client to read. The largest burst is a room of 25 in which everybody changes something at once.
const MESSAGES_WAITING_MAX: usize = 512;
/// How long the engine may take to let somebody in. Clients give up after 5 s.
const JOIN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may take to read one message.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the client may take to answer the closing of the connection, and the engine to answer a client that leaves.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a client may say nothing, unless its join response says otherwise.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// How much longer than promised a client's silence is borne: its timer and the network are not exact.
const SILENCE_GRACE: Duration = Duration::from_secs(5);

/// How often a client is given a new token, so that it can come back after hours. As `LiveKit` has it.
const TOKEN_REFRESH_INTERVAL: Duration = Duration::from_mins(5);
/// How long such a token lives at least, in seconds. As `LiveKit` has it.
const TOKEN_LIFETIME_S: i64 = 600;

/// Signals that a client may send in a second. The engine has the same limit for what it acts on; this one is above it, so that
/// only a flood gets here.
const SIGNALS_PER_SECOND: u32 = 100;
/// Signals that may come at once.
const SIGNALS_BURST: u32 = 800;
/// Bytes of signals that a client may send in a second. An offer in a full room has 200 kB, and there are a few of them.
const SIGNAL_BYTES_PER_SECOND: u32 = 256 * 1024;
/// Bytes of signals that may come at once.
const SIGNAL_BYTES_BURST: u32 = 8 * 1024 * 1024;

/// Why a connection ends.
enum End {
    /// The engine said so, by its word or by having no more to do with it.
    Engine,
    /// The client said that it leaves.
    Leaving,
    /// The client is gone.
    Gone,
    /// The client broke a rule.
    Fault(u16),
}

/// Serves a connection to its end.
pub(crate) async fn serve(socket: WebSocket, mut admitted: Admitted, inner: Arc<Inner>) {
    let _gauged = Gauged::new(Arc::clone(&inner.counters), |counters| &counters.signal_connections);
    let connection = inner.next_connection();
    let (client, messages) = mpsc::channel(MESSAGES_WAITING_MAX);
    let Some(opening) = inner.rooms.opening(&admitted.room.name) else {
        counters::count(&inner.counters.joins_overloaded);
        return close(socket, close_code::AGAIN).await;
    };
    let mailbox = inner.rooms.mailbox(opening.shard()).clone();
    let (taken, is_taken) = oneshot::channel();
    let join = admitted.join(connection);
    // Who goes on is not told again who they are; whether that is true is the engine's to say.
    let sid = if join.request.reconnect { join.request.participant_sid.clone() } else { String::new() };
    let mail = JoinMail { room: admitted.room.clone(), auto_created: admitted.auto_created, join, client, taken };
    let joined = timeout(JOIN_TIMEOUT, async {
        mailbox.join(mail).await.ok()?;
        is_taken.await.ok()
    });
    let is_in = matches!(joined.await, Ok(Some(())));
    drop(opening);
    if is_in {
        let now = Instant::now();
        let video = std::mem::take(&mut admitted.claims.video).spelled_out();
        let mut conversation = Conversation {
            socket,
            messages,
            claims: Claims { video, ..admitted.claims },
            sid,
            connection,
            mailbox: mailbox.clone(),
            inner,
            silence_max: SILENCE_MAX + SILENCE_GRACE,
            heard: now,
            signals: Allowance::new(SIGNALS_PER_SECOND, SIGNALS_BURST, now.into_std()),
            bytes: Allowance::new(SIGNAL_BYTES_PER_SECOND, SIGNAL_BYTES_BURST, now.into_std()),
        };
        let end = conversation.run().await;
        // A shard that is gone needs not be told.
        let _gone = mailbox.signal(SignalMail::Closed { connection }).await;
        conversation.finish(end).await;
    } else {
        counters::count(&inner.counters.joins_overloaded);
        // It may be taken yet, after we have given up.
        let _gone = mailbox.signal(SignalMail::Closed { connection }).await;
        close(socket, close_code::AGAIN).await;
    }
}

struct Conversation {
    socket: WebSocket,
    messages: mpsc::Receiver<Box<signal_response::Message>>,
    /// What a new token says: the first one's claims with what has changed since.
    claims: Claims,
    /// The participant's own, once the engine has told it.
    sid: String,
    connection: ConnectionId,
    mailbox: Mailbox,
    inner: Arc<Inner>,
    silence_max: Duration,
    heard: Instant,
    signals: Allowance,
    bytes: Allowance,
}

impl Conversation {
    async fn run(&mut self) -> End {
        let mut refresh = interval_at(Instant::now() + TOKEN_REFRESH_INTERVAL, TOKEN_REFRESH_INTERVAL);
        refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let silence = sleep_until(self.heard + self.silence_max);
            let step = tokio::select! {
                message = self.messages.recv() => match message {
                    Some(message) => self.send(*message).await,
                    None => Err(End::Engine),
                },
                frame = self.socket.recv() => match frame {
                    Some(Ok(frame)) => self.read(frame).await,
                    Some(Err(_)) | None => Err(End::Gone),
                },
                _ = refresh.tick() => self.refresh_token().await,
                () = silence => {
                    counters::count(&self.inner.counters.signal_silent);
                    Err(End::Gone)
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    // ---- to the client ----

    async fn send(&mut self, message: signal_response::Message) -> Result<(), End> {
        let is_join = matches!(message, signal_response::Message::Join(_) | signal_response::Message::Reconnect(_));
        let is_changed = self.learn(&message);
        let message = self.stamped(message);
        let frame = signal::encode_response(message);
        counters::count(&self.inner.counters.signals_sent);
        match timeout(WRITE_TIMEOUT, self.socket.send(Message::Binary(Bytes::from(frame)))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(End::Gone),
            Err(_) => {
                counters::count(&self.inner.counters.signal_slow);
                return Err(End::Gone);
            }
        }
        // The first token may be about to expire; one that says what was so before would bring it back.
        if is_join || is_changed { Box::pin(self.refresh_token()).await } else { Ok(()) }
    }

    /// Puts the time into the answer to a ping: the engine has no clock that a client could compare with its own.
    fn stamped(&self, message: signal_response::Message) -> signal_response::Message {
        if let signal_response::Message::PongResp(pong) = message {
            let timestamp = self.inner.clock.now().as_millisecond();
            signal_response::Message::PongResp(proto::Pong { timestamp, ..pong })
        } else if let signal_response::Message::Pong(_) = message {
            signal_response::Message::Pong(self.inner.clock.now().as_millisecond())
        } else {
            message
        }
    }

    /// Reads along what concerns this connection. Whether a new token would say something else than the last one.
    fn learn(&mut self, message: &signal_response::Message) -> bool {
        if let signal_response::Message::Join(join) = message {
            if let Ok(seconds @ 1..) = u64::try_from(join.ping_timeout) {
                self.silence_max = Duration::from_secs(seconds) + SILENCE_GRACE;
            }
            self.sid = join.participant.as_ref().map(|own| own.sid.clone()).unwrap_or_default();
        } else if let signal_response::Message::Update(update) = message
            && let Some(own) = update.participants.iter().find(|participant| participant.sid == self.sid)
        {
            let before = self.claims.clone();
            self.claims.name.clone_from(&own.name);
            self.claims.metadata.clone_from(&own.metadata);
            self.claims.attributes = own.attributes.clone().into_iter().collect();
            if let Some(permission) = &own.permission {
                let sources = permission.can_publish_sources();
                let mut grant = std::mem::take(&mut self.claims.video).with_sources(sources);
                grant.can_publish = Some(permission.can_publish);
                grant.can_subscribe = Some(permission.can_subscribe);
                grant.can_publish_data = Some(permission.can_publish_data);
                grant.can_update_own_metadata = Some(permission.can_update_metadata);
                grant.hidden = permission.hidden;
                self.claims.video = grant;
            }
            return self.claims != before;
        }
        false
    }

    /// Gives the client a token with the same grants and a later end.
    async fn refresh_token(&mut self) -> Result<(), End> {
        let now_s = self.inner.clock.now().as_second();
        self.claims.not_before_s = Some(now_s);
        self.claims.expires_s = self.claims.expires_s.max(now_s.saturating_add(TOKEN_LIFETIME_S));
        match self.inner.api_key.sign(&self.claims) {
            Ok(token) => self.send(signal_response::Message::RefreshToken(token)).await,
            // Too much metadata to fit into a token. The client comes back with the one it has, as long as that lives.
            Err(_) => Ok(()),
        }
    }

    // ---- from the client ----

    async fn read(&mut self, frame: Message) -> Result<(), End> {
        let now = Instant::now();
        self.heard = now;
        let frame = match frame {
            Message::Binary(frame) => frame,
            // The WebSocket library answers these.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
            Message::Text(_) => {
                counters::count(&self.inner.counters.signal_faults);
                return Err(End::Fault(close_code::UNSUPPORTED));
            }
        };
        counters::count(&self.inner.counters.signals_received);
        if !self.signals.take(1, now.into_std()) || !self.bytes.take(frame.len(), now.into_std()) {
            counters::count(&self.inner.counters.signal_floods);
            return Err(End::Fault(close_code::POLICY));
        }
        let request = match signal::decode_request(&frame) {
            Ok(Some(request)) => request,
            // From a protocol newer than ours.
            Ok(None) => return Ok(()),
            Err(_) => {
                counters::count(&self.inner.counters.signal_faults);
                return Err(End::Fault(close_code::INVALID));
            }
        };
        let leaves = matches!(request, signal_request::Message::Leave(_));
        let mail = SignalMail::Signal { connection: self.connection, request: Box::new(request) };
        self.mailbox.signal(mail).await.map_err(|_| End::Engine)?;
        if leaves { Err(End::Leaving) } else { Ok(()) }
    }

    // ---- the end ----

    async fn finish(mut self, end: End) {
        let code = match end {
            End::Gone => return,
            End::Fault(code) => code,
            End::Engine => close_code::NORMAL,
            End::Leaving => {
                self.send_the_rest().await;
                close_code::NORMAL
            }
        };
        close(self.socket, code).await;
    }

    /// Sends what the engine still has to say, until it has closed the connection from its side.
    async fn send_the_rest(&mut self) {
        let rest = async {
            while let Some(message) = self.messages.recv().await {
                if self.send(*message).await.is_err() {
                    return;
                }
            }
        };
        // Whatever the engine says later is of no use to somebody who has left.
        let _late = timeout(CLOSE_TIMEOUT, rest).await;
    }
}

/// Says that the connection ends and waits for the client to see it: closing a socket with unread input would take back what
/// was sent last.
async fn close(mut socket: WebSocket, code: u16) {
    let closing = async {
        let frame = CloseFrame { code, reason: "".into() };
        if socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let mut answer = pin!(async { while let Some(Ok(_)) = socket.recv().await {} });
        answer.as_mut().await;
    };
    // A client that does not answer has had its chance.
    let _silent = timeout(CLOSE_TIMEOUT, closing).await;
}
