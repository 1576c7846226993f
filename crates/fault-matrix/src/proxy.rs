//! A service over HTTP, behind which calls fail as planned.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    Call, Calls, Fault,
    http::{answer, forward, hold, read_request},
};

/// Far more than any client of ours reads.
const ENORMOUS_CHUNKS: usize = 1024;

/// A chunk of that: 64 KiB.
static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// The pause between two bytes of an answer that takes for ever.
const DRIP: Duration = Duration::from_millis(10);

/// An answer that is about another room and another user, and promises more of them for ever.
const CONTRADICTION: &str = r#"{"id":"somebody_else","user_id":"somebody_else","active":false,"participants":[{"user_id":"somebody_else","url":"javascript:alert(1)"}],"rooms":[{"id":"another_room","description":"teleconsultation another"}],"users":[],"has_more":true}"#;

/// Names what is called: from the method, the path with its query, and the body. Calls that are made at the same time need names of their
/// own: which of them comes first is chance.
pub type OperationName = fn(&str, &str, &[u8]) -> String;

/// A port at which a service is reached, or not. It ends with this value.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
    /// Keeps the port while nobody listens at it, so that it is refused and no other's.
    _port: TcpSocket,
}

struct Shared {
    server: SocketAddr,
    calls: Arc<Calls>,
    name: OperationName,
    /// Whether there shall be somebody at the port.
    up: watch::Sender<bool>,
    /// Whether there is.
    listening: watch::Sender<bool>,
    /// The call before whose arrival it goes down, counted from 0.
    goes_down_before: Mutex<Option<usize>>,
}

impl Proxy {
    /// Stands before the server at this address.
    pub async fn start(server: SocketAddr, calls: Arc<Calls>, name: OperationName) -> io::Result<Self> {
        let port = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = port.local_addr()?;
        let (up, listening) = (watch::Sender::new(true), watch::Sender::new(false));
        let goes_down_before = Mutex::default();
        let shared = Arc::new(Shared { server, calls, name, up, listening, goes_down_before });
        let task = tokio::spawn(accept(address, Arc::clone(&shared)));
        let proxy = Self { address, shared, task, _port: port };
        becomes(&proxy.shared.listening, true).await;
        Ok(proxy)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses connections from the moment at which this call, one of those recorded, is the next.
    pub async fn refuse_from(&self, recorded: &[Call], call: &Call) {
        let index = recorded.iter().filter(|recorded| recorded.over_http).position(|recorded| recorded == call);
        match index {
            Some(0) => self.shared.go_down().await,
            index => *self.shared.plan() = index,
        }
    }

    /// Answers again.
    pub async fn go_up(&self) {
        *self.shared.plan() = None;
        self.shared.up.send_replace(true);
        becomes(&self.shared.listening, true).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn plan(&self) -> std::sync::MutexGuard<'_, Option<usize>> {
        // Nothing panics while it is held.
        self.goes_down_before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn go_down(&self) {
        self.calls.strike();
        self.up.send_replace(false);
        becomes(&self.listening, false).await;
    }

    /// Before an answer goes out, after which the client makes the next call.
    async fn is_answering(&self) {
        let next = self.calls.over_http();
        let due = self.plan().take_if(|before| *before <= next);
        if due.is_some() {
            self.go_down().await;
        }
    }
}

async fn becomes(state: &watch::Sender<bool>, wanted: bool) {
    // The sender is there as long as this borrows it.
    let _ = state.subscribe().wait_for(|state| *state == wanted).await;
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    bound(address)?.listen(64)
}

async fn accept(address: SocketAddr, shared: Arc<Shared>) {
    loop {
        becomes(&shared.up, true).await;
        // The port is ours, so nobody else can be in the way.
        let listener = listen(address).expect("a port that is kept can be listened at");
        shared.listening.send_replace(true);
        loop {
            tokio::select! {
                biased;
                () = becomes(&shared.up, false) => break,
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    // What becomes of a connection is the client's matter, which the test looks at.
                    drop(tokio::spawn(timed(stream, Arc::clone(&shared))));
                },
            }
        }
        drop(listener);
        shared.listening.send_replace(false);
    }
}

async fn timed(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let begun = Instant::now();
    let mut fault = None;
    let served = serve(stream, &shared, &mut fault).await;
    if fault.is_none() {
        shared.calls.took(begun.elapsed());
    }
    served
}

/// Says which fault it met as soon as that is known.
async fn serve(mut stream: TcpStream, shared: &Shared, met: &mut Option<Fault>) -> io::Result<()> {
    let Some(request) = read_request(&mut stream).await? else { return Ok(()) };
    let operation = (shared.name)(&request.method, &request.target, &request.bytes[request.body..]);
    let fault = shared.calls.arrive_over_http(&operation);
    *met = fault;
    let bytes = match fault {
        None | Some(Fault::Refused) => forward(shared.server, &request).await?,
        Some(Fault::TimeoutBefore) => return hold(stream).await,
        Some(Fault::TooMany) => answer("429 Too Many Requests", "application/json", "{}"),
        Some(Fault::KilledBefore) => {
            shared.calls.kill();
            return hold(stream).await;
        }
        Some(after) => {
            let answered = forward(shared.server, &request).await?;
            match after {
                Fault::TimeoutAfter => return hold(stream).await,
                Fault::KilledAfter => {
                    shared.calls.kill();
                    return hold(stream).await;
                }
                Fault::Enormous => return enormous(stream).await,
                Fault::Slow => return slow(stream, &answered).await,
                Fault::Truncated => answered[..answered.len() - 3].to_vec(),
                Fault::ServerError => answer("500 Internal Server Error", "application/json", "{}"),
                Fault::Contradictory => answer("200 OK", "application/json", CONTRADICTION),
                Fault::Garbage | Fault::Refused | Fault::TimeoutBefore | Fault::TooMany | Fault::KilledBefore => {
                    answer("200 OK", "text/html", "<html>\u{0}</html>")
                }
            }
        }
    };
    shared.is_answering().await;
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

async fn enormous(mut stream: TcpStream) -> io::Result<()> {
    let length = ENORMOUS_CHUNKS * CHUNK.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    for _ in 0..ENORMOUS_CHUNKS {
        stream.write_all(&CHUNK).await?;
    }
    stream.shutdown().await
}

async fn slow(mut stream: TcpStream, answered: &[u8]) -> io::Result<()> {
    // All but the last byte, again and again: it never ends by itself.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    for byte in answered.iter().cycle() {
        stream.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(())
}
