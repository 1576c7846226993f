//! The load: so many connections, each sending its next request when it has the answer to the last.

use std::{
    io::{Error, Result},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

use crate::client::Client;

/// People who exist from the first minute of a round on, as in a hospital with a fixed staff and patients who come back.
const DOCTORS: u64 = 200;
const PATIENTS: u64 = 5_000;

/// The teleconsultations that are read, the last ones made: those of one day, as waiting rooms poll them.
const POLLED: usize = 1_000;

/// What is asked of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `POST /teleconsultation` with two people who are known, so with a room: 201.
    Create,
    /// `GET /teleconsultation/:roomId` by one of them, as the waiting room polls: 200.
    Read,
    /// A request that was seen elsewhere, again and again: 200.
    Again,
}

/// A teleconsultation that a load made, and one of its people.
#[derive(Clone)]
struct Made {
    id: String,
    patient: u64,
}

/// Everything asked of one server.
pub struct Load {
    port: u16,
    next: AtomicU64,
    made: Mutex<Vec<Made>>,
    again: Option<String>,
}

/// What one phase gave.
pub struct Measured {
    /// In microseconds.
    pub latencies: Histogram<u64>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Measured {
    /// Answers per second.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

impl Load {
    /// A load for the server on this port.
    pub fn new(port: u16) -> Arc<Self> {
        Arc::new(Self { port, next: AtomicU64::new(0), made: Mutex::default(), again: None })
    }

    /// A load of one request, a `GET` of this path, for the server on this port.
    pub fn again(port: u16, path: &str) -> Arc<Self> {
        let again = Some(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
        Arc::new(Self { port, next: AtomicU64::new(0), made: Mutex::default(), again })
    }

    /// Asks for `duration` on so many connections. An answer of another status than expected ends the measurement.
    pub async fn run(self: &Arc<Self>, kind: Kind, connections: usize, duration: Duration) -> Result<Measured> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = Vec::new();
        for _ in 0..connections {
            clients.push(Client::connect(self.port).await?);
        }
        let begun = Instant::now();
        let tasks: Vec<_> = clients
            .into_iter()
            .map(|client| tokio::spawn(Arc::clone(self).connection(kind, client, Arc::clone(&stop))))
            .collect();
        tokio::time::sleep(duration).await;
        stop.store(true, Ordering::Relaxed);
        let mut latencies = histogram()?;
        for task in tasks {
            latencies.add(task.await.map_err(Error::other)??).map_err(Error::other)?;
        }
        Ok(Measured { latencies, elapsed: begun.elapsed() })
    }

    async fn connection(self: Arc<Self>, kind: Kind, client: Client, stop: Arc<AtomicBool>) -> Result<Histogram<u64>> {
        match kind {
            Kind::Create => self.create(client, &stop).await,
            Kind::Read => {
                let requests = self.readings();
                self.repeat(client, &requests, &stop).await
            }
            Kind::Again => {
                let requests: Vec<_> = self.again.iter().cloned().collect();
                self.repeat(client, &requests, &stop).await
            }
        }
    }

    /// Makes one teleconsultation, to be read, and returns its id.
    pub async fn make_one(&self) -> Result<String> {
        let made = self.make(&mut Client::connect(self.port).await?, &mut histogram()?).await?;
        let id = made.id.clone();
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        Ok(id)
    }

    async fn create(&self, mut client: Client, stop: &AtomicBool) -> Result<Histogram<u64>> {
        let mut latencies = histogram()?;
        let mut made = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            made.push(self.make(&mut client, &mut latencies).await?);
        }
        self.made.lock().unwrap_or_else(PoisonError::into_inner).append(&mut made);
        Ok(latencies)
    }

    async fn make(&self, client: &mut Client, latencies: &mut Histogram<u64>) -> Result<Made> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let request = creation(number);
        let begun = Instant::now();
        let answer = client.send(request.as_bytes()).await?;
        record(latencies, begun)?;
        expect(201, answer.status, answer.body)?;
        Ok(Made { id: room_id(answer.body)?, patient: number % PATIENTS })
    }

    fn readings(&self) -> Vec<String> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made[made.len().saturating_sub(POLLED)..].iter().map(reading).collect()
    }

    async fn repeat(&self, mut client: Client, requests: &[String], stop: &AtomicBool) -> Result<Histogram<u64>> {
        if requests.is_empty() {
            return Err(Error::other("there is nothing to read"));
        }
        let mut latencies = histogram()?;
        while !stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            // In no order.
            let index = usize::try_from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).map_err(Error::other)?;
            let request = &requests[index % requests.len()];
            let begun = Instant::now();
            let answer = client.send(request.as_bytes()).await?;
            record(&mut latencies, begun)?;
            expect(200, answer.status, answer.body)?;
        }
        Ok(latencies)
    }
}

fn histogram() -> Result<Histogram<u64>> {
    // From a microsecond to a minute, to three digits.
    Histogram::new_with_bounds(1, 60_000_000, 3).map_err(Error::other)
}

fn record(latencies: &mut Histogram<u64>, begun: Instant) -> Result<()> {
    let microseconds = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    latencies.record(microseconds.max(1)).map_err(Error::other)
}

fn expect(expected: u16, status: u16, body: &[u8]) -> Result<()> {
    if status == expected {
        return Ok(());
    }
    Err(Error::other(format!("expected {expected}, got {status}: {}", String::from_utf8_lossy(body))))
}

fn room_id(body: &[u8]) -> Result<String> {
    let body: serde_json::Value = serde_json::from_slice(body)?;
    let id = body.get("roomId").and_then(serde_json::Value::as_str);
    Ok(id.ok_or_else(|| Error::other("the answer has no roomId"))?.to_owned())
}

fn creation(number: u64) -> String {
    let (doctor, patient) = (number % DOCTORS, number % PATIENTS);
    let body = format!(
        r#"{{"start_date":"2030-01-01T09:00:00.000Z","duration_in_seconds":1800,"participants":{{"number":2,"data":[{{"userId":"auth0|doctor-{doctor}","groups":["doctor"],"fullName":"Dr. Ada Marino","language":"it"}},{{"userId":"auth0|patient-{patient}","groups":["patient"],"fullName":"Luca Conti","language":"it"}}]}}}}"#
    );
    format!(
        "POST /teleconsultation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn reading(made: &Made) -> String {
    let Made { id, patient } = made;
    format!("GET /teleconsultation/{id} HTTP/1.1\r\nhost: localhost\r\nmiauserid: auth0|patient-{patient}\r\n\r\n")
}
