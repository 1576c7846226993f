//! Where log lines go: a thread of its own that writes them, so that whoever does not read standard output stops no request.
//!
//! Lines that wait are written together, which also spares a system call for each. When too many wait, further ones are lost and
//! counted: a log is no record of who did what, and calls matter more than it does.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Bytes of lines that may wait, 10 000 requests: several seconds' worth at the highest load, so that only a reader that stands still
/// loses any.
pub const WAITING_BYTES_MAX: usize = 4 << 20;

/// How long a line waits for others to be written with it. Without a wait, a thread that writes faster than lines come is woken for each
/// of them, which costs more than the writing.
const GATHER: Duration = Duration::from_millis(1);

/// Lines on their way to one place. Clones share it; the thread ends when the last of them is dropped and everything is written.
#[derive(Clone)]
pub struct Sink(Arc<Owner>);

/// Closes the queue with the last [`Sink`]; the thread has the queue too.
struct Owner(Arc<Queue>);

struct Queue {
    lines: Mutex<Lines>,
    /// Something waits, or nothing will any more.
    filled: Condvar,
    /// Nothing waits.
    written: Condvar,
}

#[derive(Default)]
struct Lines {
    waiting: Vec<u8>,
    lost: u64,
    /// Some that waited are being written.
    writing: bool,
    closed: bool,
}

impl Lines {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.lost == 0
    }
}

impl Sink {
    /// Starts the thread. `tell_lost` makes the line that says how many were lost.
    pub fn start(
        out: impl Write + Send + 'static,
        tell_lost: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let queue = Arc::new(Queue { lines: Mutex::default(), filled: Condvar::new(), written: Condvar::new() });
        let owner = Owner(Arc::clone(&queue));
        thread::Builder::new().name("log-writer".to_owned()).spawn(move || queue.write_all(out, tell_lost))?;
        Ok(Self(Arc::new(owner)))
    }

    /// Leaves a line to be written. Never waits for the reader.
    pub fn push(&self, line: &str) {
        let queue = &self.0.0;
        let mut lines = queue.lines();
        let idle = lines.is_empty();
        // Once some were lost, the line that says so comes first.
        if lines.lost > 0 || lines.waiting.len() + line.len() > WAITING_BYTES_MAX {
            lines.lost += 1;
        } else {
            lines.waiting.extend_from_slice(line.as_bytes());
        }
        drop(lines);
        if idle {
            queue.filled.notify_one();
        }
    }

    /// Waits until everything is written, but no longer than `patience`. Returns whether it is.
    pub fn flush(&self, patience: Duration) -> bool {
        let queue = &self.0.0;
        let waits = |lines: &mut Lines| lines.writing || !lines.is_empty();
        let waited = queue.written.wait_timeout_while(queue.lines(), patience, waits);
        let (_lines, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        !timed_out.timed_out()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.lines().closed = true;
        self.0.filled.notify_one();
    }
}

impl Queue {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Nothing that can panic half-way runs under the lock.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self, mut out: impl Write, tell_lost: impl Fn(u64) -> String) {
        let mut batch = Vec::new();
        loop {
            let waits = |lines: &mut Lines| lines.is_empty() && !lines.closed;
            let lines = self.filled.wait_while(self.lines(), waits).unwrap_or_else(PoisonError::into_inner);
            if lines.is_empty() {
                return;
            }
            drop(lines);
            thread::sleep(GATHER);
            let mut lines = self.lines();
            std::mem::swap(&mut lines.waiting, &mut batch);
            let lost = std::mem::take(&mut lines.lost);
            lines.writing = true;
            drop(lines);
            if lost > 0 {
                batch.extend_from_slice(tell_lost(lost).as_bytes());
            }
            // If nobody reads it any more, there is no one left to tell.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            self.lines().writing = false;
            self.written.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Stands still until it is let go on, once for each write, and hands on what it was given.
    struct Reader {
        go_on: mpsc::Receiver<()>,
        read: mpsc::Sender<Vec<u8>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.go_on.recv().unwrap();
            self.read.send(bytes.to_owned()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stands_still_stops_nobody_and_is_told_how_much_it_missed() {
        let ((go_on, waits), (read, reads)) = (mpsc::channel(), mpsc::channel());
        let sink = Sink::start(Reader { go_on: waits, read }, |lost| format!("{lost} lost\n")).unwrap();
        let line = "x".repeat(1023) + "\n";
        // What is being written does not wait, so at most twice as much finds room.
        let pushed = 2 * WAITING_BYTES_MAX / line.len() + 10;
        for _ in 0..pushed {
            sink.push(&line);
        }
        assert!(!sink.flush(Duration::from_millis(1)), "nothing is written yet");

        drop((0..3).map(|_| go_on.send(()).unwrap()).collect::<Vec<_>>());
        assert!(sink.flush(Duration::from_mins(1)));
        let text = String::from_utf8(reads.try_iter().flatten().collect()).unwrap();
        let written = text.lines().filter(|line| line.starts_with('x')).count();
        // Once or twice, depending on how many there were when the thread took what waited.
        let told = text.lines().filter_map(|line| line.strip_suffix(" lost"));
        let lost: usize = told.map(|number| number.parse::<usize>().unwrap()).sum();
        assert!(lost >= 10, "{lost}");
        assert_eq!(written + lost, pushed);
    }

    #[test]
    fn everything_is_written_in_its_order_before_the_thread_ends() {
        let ((go_on, waits), (read, reads)) = (mpsc::channel(), mpsc::channel());
        let sink = Sink::start(Reader { go_on: waits, read }, |_| String::new()).unwrap();
        for number in 0..100 {
            sink.push(&format!("{number}\n"));
        }
        drop(sink);
        // Two writes at most: the thread takes what waits, then the rest.
        drop((0..2).map(|_| go_on.send(())).collect::<Vec<_>>());
        let text = String::from_utf8(reads.iter().flatten().collect()).unwrap();
        let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }
}
