//! One ICE-TCP connection (RFC 6544): datagrams as frames, each after its length in two bytes (RFC 4571).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::timeout,
};

use crate::{
    counters::{self, Gauged},
    mailbox::{FrameMail, Mailbox},
    shard::Common,
};

/// The largest frame: what fits into one packet of the usual networks, because whoever sends it may use UDP just as well.
const FRAME_BYTES_MAX: usize = 2048;
/// How long a connection may say nothing before its first frame, which must be an ICE check for one of our participants.
const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may say nothing after that. Consent checks come every 5 s (RFC 7675, section 5.1).
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Frames that wait to be written: about one second of video. More delay would be worse than a new connection.
const FRAMES_WAITING_MAX: usize = 512;
/// How long the peer may take to read what is written at once.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Frames written at once.
const FRAMES_PER_WRITE: usize = 32;
/// Read ahead per connection: a few frames in one system call.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// Why a connection ended.
enum Fault {
    /// The peer ended it, or the network did.
    Closed,
    /// The peer said something else than frames for a participant of ours, or nothing.
    Peer,
    /// The shard is gone.
    Shard,
}

/// Serves one connection to its end.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, local: SocketAddr, common: Arc<Common>) {
    let _gauged = Gauged::new(Arc::clone(&common.counters), |counters| &counters.tcp_connections);
    // Media wait for nothing. A socket that cannot do that works all the same.
    let _slower = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, reader);
    if let Err(Fault::Peer) = serve_frames(&mut reader, writer, peer, local, &common).await {
        counters::count(&common.counters.tcp_faults);
    }
}

async fn serve_frames(
    reader: &mut BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    peer: SocketAddr,
    local: SocketAddr,
    common: &Common,
) -> Result<(), Fault> {
    let first = read_frame(reader, FIRST_FRAME_TIMEOUT).await?;
    let shard = common.prefixes.shard_of(&first).ok_or(Fault::Peer)?;
    let mailbox = common.rooms.mailbox(shard);
    let (frames_in, frames) = mpsc::channel(FRAMES_WAITING_MAX);
    send(mailbox, FrameMail::Opened { peer, frames: frames_in }).await?;
    // When either half ends, so does the other: reading by the closed queue, writing by being dropped.
    let result = tokio::select! {
        result = read_frames(reader, first, mailbox, peer, local) => result,
        result = write_frames(writer, frames) => result,
    };
    send(mailbox, FrameMail::Closed { peer }).await?;
    result
}

async fn send(mailbox: &Mailbox, mail: FrameMail) -> Result<(), Fault> {
    mailbox.frame(mail).await.map_err(|_| Fault::Shard)
}

async fn read_frames(
    reader: &mut BufReader<OwnedReadHalf>,
    first: Vec<u8>,
    mailbox: &Mailbox,
    peer: SocketAddr,
    local: SocketAddr,
) -> Result<(), Fault> {
    let mut frame = first;
    loop {
        send(mailbox, FrameMail::Frame { peer, local, frame }).await?;
        frame = read_frame(reader, IDLE_TIMEOUT).await?;
    }
}

async fn read_frame(reader: &mut BufReader<OwnedReadHalf>, patience: Duration) -> Result<Vec<u8>, Fault> {
    let reading = async {
        let length = usize::from(reader.read_u16().await.map_err(|_| Fault::Closed)?);
        if length == 0 || length > FRAME_BYTES_MAX {
            return Err(Fault::Peer);
        }
        let mut frame = vec![0; length];
        reader.read_exact(&mut frame).await.map_err(|_| Fault::Closed)?;
        Ok(frame)
    };
    timeout(patience, reading).await.unwrap_or(Err(Fault::Peer))
}

async fn write_frames(mut writer: OwnedWriteHalf, mut frames: mpsc::Receiver<Vec<u8>>) -> Result<(), Fault> {
    let mut waiting = Vec::with_capacity(FRAMES_PER_WRITE);
    let mut bytes = Vec::new();
    loop {
        // 0: the shard has given this peer up.
        if frames.recv_many(&mut waiting, FRAMES_PER_WRITE).await == 0 {
            return Ok(());
        }
        bytes.clear();
        for frame in waiting.drain(..) {
            // The engine makes packets for a network; none is anywhere near this long.
            let Ok(length) = u16::try_from(frame.len()) else { continue };
            bytes.extend(length.to_be_bytes());
            bytes.extend(frame);
        }
        timeout(WRITE_TIMEOUT, writer.write_all(&bytes))
            .await
            .map_err(|_| Fault::Closed)?
            .map_err(|_| Fault::Closed)?;
    }
}
