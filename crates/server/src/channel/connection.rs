//! One connection, from its hello to its end.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use call_channel::{Command, ConnectionId, Request};
use domain::RoomRef;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use video::EnterError;

use super::{
    figures::ChannelFigures,
    hub::Hub,
    outbox::{self, CloseCode, Next, Outgoing},
    room::Mail,
};

/// How long somebody may take to say who they are.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a client is asked whether it is there.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// How long a client may say nothing.
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// How long a client may take to read one frame.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a client may take to answer the closing of its connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a connection ends.
enum End {
    /// The client is gone.
    Gone,
    /// It is closed by us.
    Closed(CloseCode),
}

/// Serves a connection to its end.
pub async fn serve(mut socket: WebSocket, hub: Hub) {
    let _counted = hub.figures().connection();
    let end = match begin(&mut socket, &hub).await {
        Ok(mut conversation) => {
            let end = conversation.run(&mut socket).await;
            let gone = Mail::Gone(conversation.connection);
            // A room whose task has ended needs not be told.
            let _ended = conversation.mail.send(gone).await;
            end
        }
        Err(end) => end,
    };
    if let End::Closed(code) = end {
        close(socket, code, hub.figures()).await;
    }
}

struct Conversation {
    connection: ConnectionId,
    hub: Hub,
    room: RoomRef,
    mail: mpsc::Sender<Mail>,
    outgoing: Outgoing,
}

/// Waits for the hello, and finds the room.
async fn begin(socket: &mut WebSocket, hub: &Hub) -> Result<Conversation, End> {
    let hello = tokio::select! {
        hello = timeout(HELLO_TIMEOUT, hello(socket)) => hello.map_err(|_| End::Closed(outbox::BAD_FRAME))??,
        () = hub.stop_token().cancelled() => return Err(End::Closed(outbox::STOPPING)),
    };
    let (re, token) = hello;
    let video = hub.video().ok_or(End::Closed(outbox::UNAVAILABLE))?;
    let visitor = video.visitor(&token).await.map_err(|error| match error {
        EnterError::InvalidLink => End::Closed(outbox::INVALID_LINK),
        EnterError::RoomClosed => End::Closed(outbox::ROOM_CLOSED),
        EnterError::Unavailable(_) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nobody can connect to a call channel");
            End::Closed(outbox::UNAVAILABLE)
        }
    })?;
    let room = visitor.state.room.id;
    let (outbox, outgoing) = outbox::outbox(hub.next_connection(), hub.figures().clone());
    let connection = outbox.connection;
    let mut letter = Mail::Hello { outbox, token, re };
    // A task that was about to end takes no mail; the next one does.
    for _ in 0..3 {
        let mail = hub.mail(&room);
        match mail.send(letter).await {
            Ok(()) => return Ok(Conversation { connection, hub: hub.clone(), room, mail, outgoing }),
            Err(mpsc::error::SendError(unread)) => letter = unread,
        }
    }
    Err(End::Closed(outbox::UNAVAILABLE))
}

async fn hello(socket: &mut WebSocket) -> Result<(u64, String), End> {
    loop {
        let frame = match socket.recv().await {
            Some(Ok(Message::Text(frame))) => frame,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Binary(_))) => return Err(End::Closed(outbox::BAD_FRAME)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        };
        return match Request::parse(&frame) {
            Ok(Request { id, command: Ok(Command::Hello { access_token }), .. }) => Ok((id, access_token)),
            Ok(_) | Err(_) => Err(End::Closed(outbox::BAD_FRAME)),
        };
    }
}

impl Conversation {
    async fn run(&mut self, socket: &mut WebSocket) -> End {
        let mut ping = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let stopped = self.hub.stop_token().clone();
        loop {
            let step = tokio::select! {
                next = self.outgoing.next() => match next {
                    Next::Frame(frame) => write(socket, Message::Text(frame)).await,
                    Next::Close(code) => Err(End::Closed(code)),
                },
                frame = socket.recv() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(frame)) => self.read(frame).await,
                        Some(Err(_)) | None => Err(End::Gone),
                    }
                }
                _ = ping.tick() => write(socket, Message::Ping(Vec::new().into())).await,
                () = sleep_until(heard + SILENCE_MAX) => Err(End::Gone),
                () = stopped.cancelled() => Err(End::Closed(outbox::STOPPING)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn read(&mut self, frame: Message) -> Result<(), End> {
        let frame: Utf8Bytes = match frame {
            Message::Text(frame) => frame,
            // The WebSocket library answers these.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Binary(_) => return Err(End::Closed(outbox::BAD_FRAME)),
            Message::Close(_) => return Err(End::Gone),
        };
        let request = Request::parse(&frame).map_err(|_| End::Closed(outbox::BAD_FRAME))?;
        let letter = Mail::Said(self.connection, request);
        // A room's task with a connection does not end, but with the program or by a defect.
        self.mail.send(letter).await.map_err(|_| {
            tracing::debug!(room.id = self.room.as_str(), "the call channel of a room has ended");
            End::Closed(outbox::UNAVAILABLE)
        })
    }
}

async fn write(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(WRITE_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Closed(outbox::TOO_SLOW)),
    }
}

/// Says that the connection ends and waits for the client to see it: closing a socket with unread input would take back what
/// was sent last.
async fn close(mut socket: WebSocket, (code, reason): CloseCode, figures: &ChannelFigures) {
    figures.closed(code);
    let closing = async {
        let frame = CloseFrame { code, reason: reason.into() };
        if socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        while let Some(Ok(_)) = socket.recv().await {}
    };
    // A client that does not answer has had its chance.
    let _silent = timeout(CLOSE_TIMEOUT, closing).await;
}
