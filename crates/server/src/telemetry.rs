//! Logs: one JSON object a line on standard output, as the platform reads them (`mia-platform.md` §5). And traces, where there is a
//! collector for them.

mod sink;
pub mod spans;
pub mod traces;

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use ports::Clock;
use serde_json::{Map, Value};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt as _},
    registry::{LookupSpan, Registry},
};

use sink::Sink;
use traces::Traces;

/// The level of a line that says why the program ends; `tracing` has none above `error`.
const FATAL: u8 = 60;

/// The level of what is odd.
const WARN: u8 = 40;

/// What is logged (`mia-platform.md` §5.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// All but the finest steps.
    Debug,
    /// What happened.
    #[default]
    Info,
    /// What is odd.
    Warn,
    /// What someone must look at.
    Error,
    /// Why the program ended, and nothing else.
    Fatal,
    /// Nothing.
    Silent,
}

impl LogLevel {
    /// Reads a level of any case.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "trace" => Self::Trace,
            "debug" => Self::Debug,
            "info" => Self::Info,
            "warn" | "warning" => Self::Warn,
            "error" => Self::Error,
            "fatal" | "panic" => Self::Fatal,
            "silent" => Self::Silent,
            _ => return None,
        })
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Trace => LevelFilter::TRACE,
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warn => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
            Self::Fatal | Self::Silent => LevelFilter::OFF,
        }
    }
}

/// How long the end of the program waits for whoever reads its lines.
pub const FLUSH_MAX: Duration = Duration::from_secs(1);

/// Writes lines. Clones write to the same place.
#[derive(Clone)]
pub struct Lines {
    sink: Sink,
    clock: Arc<dyn Clock>,
    level: LogLevel,
}

impl Lines {
    /// Writes to `out` from a thread of its own, which fails where the system gives none.
    pub fn new(out: impl Write + Send + 'static, clock: Arc<dyn Clock>, level: LogLevel) -> io::Result<Self> {
        let at = Arc::clone(&clock);
        let tell_lost = move |lost: u64| {
            let lost = Map::from_iter([("lost".to_owned(), lost.into())]);
            line(&*at, WARN, "log lines were lost because nobody read them in time", lost)
        };
        Ok(Self { sink: Sink::start(out, tell_lost)?, clock, level })
    }

    /// The subscriber that writes every event of ours here.
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + 'static {
        Registry::default().with(JsonLayer(self.clone()))
    }

    /// As [`Self::subscriber`], with the spans of traces for `traces`.
    pub fn subscriber_with(&self, traces: &Traces) -> impl Subscriber + Send + Sync + use<> {
        let level = self.level.filter();
        // Each layer has a filter of its own, because what one of them does not want is not for both of them to miss.
        let wanted = filter_fn(move |metadata| is_line(metadata, level)).with_max_level_hint(level);
        Registry::default().with(JsonLayer(self.clone()).with_filter(wanted)).with(traces.layer())
    }

    /// Says why the program ends, and waits until that is written, as far as somebody reads it.
    pub fn fatal(&self, message: &str) {
        if self.level != LogLevel::Silent {
            self.write(FATAL, message, Map::new());
            self.flush(FLUSH_MAX);
        }
    }

    /// Waits until all lines are written, but no longer than `patience`. Returns whether they are.
    pub fn flush(&self, patience: Duration) -> bool {
        self.sink.flush(patience)
    }

    fn write(&self, level: u8, message: &str, fields: Map<String, Value>) {
        self.sink.push(&line(&*self.clock, level, message, fields));
    }
}

fn line(clock: &dyn Clock, level: u8, message: &str, mut fields: Map<String, Value>) -> String {
    fields.insert("level".to_owned(), level.into());
    fields.insert("time".to_owned(), clock.now().as_millisecond().into());
    fields.insert("msg".to_owned(), message.into());
    let mut text = Value::Object(fields).to_string();
    text.push('\n');
    text
}

/// Events of our own crates as lines. What others log may hold addresses and bodies, so it is not written at all.
struct JsonLayer(Lines);

/// The beginnings of our crates' names, as `tracing` sees them.
const OURS: [&str; 2] = ["teleconsultation", "livekit_proto"];

/// Whether an event becomes a line, or a span has fields for lines.
fn is_line(metadata: &Metadata<'_>, level: LevelFilter) -> bool {
    *metadata.level() <= level && OURS.iter().any(|name| metadata.target().starts_with(name))
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_line(metadata, self.0.level.filter())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.level.filter())
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.line.extend(of_span.line.clone());
            }
        }
        event.record(&mut fields);
        let level = match *event.metadata().level() {
            Level::TRACE => 10,
            Level::DEBUG => 20,
            Level::INFO => 30,
            Level::WARN => WARN,
            Level::ERROR => 50,
        };
        self.0.write(level, &fields.message, fields.line);
    }
}

/// The fields of an event or span: dots in names make objects.
#[derive(Default)]
struct Fields {
    message: String,
    line: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        let mut path = field.name().split('.');
        // `split` gives at least one part.
        let last = path.next_back().unwrap_or_default();
        let mut map = &mut self.line;
        for part in path {
            let below = map.entry(part).or_insert_with(|| Value::Object(Map::new()));
            if !below.is_object() {
                *below = Value::Object(Map::new());
            }
            let Value::Object(below) = below else { return };
            map = below;
        }
        map.insert(last.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { value.clone_into(&mut self.message) } else { self.add(field, value.into()) }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        let error = Map::from_iter([("message".to_owned(), Value::from(message))]);
        self.add(field, Value::Object(error));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ports::fake::FakeClock;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LogLevel, log: impl FnOnce()) -> String {
        let captured = Captured::default();
        let clock = Arc::new(FakeClock::new("2026-01-01T00:00:00.123Z".parse().unwrap()));
        let lines = Lines::new(captured.clone(), clock, level).unwrap();
        tracing::subscriber::with_default(lines.subscriber(), log);
        assert!(lines.flush(Duration::from_mins(1)));
        let bytes = captured.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_has_the_platforms_form_and_carries_its_spans_fields() {
        let text = logged(LogLevel::Info, || {
            let _span = tracing::error_span!("request", reqId = "r").entered();
            tracing::info!(
                http.request.method = "GET",
                http.response.statusCode = 200,
                absent = None::<&str>,
                "request completed"
            );
        });
        assert_eq!(
            text,
            "{\"http\":{\"request\":{\"method\":\"GET\"},\"response\":{\"statusCode\":200}},\"level\":30,\
             \"msg\":\"request completed\",\"reqId\":\"r\",\"time\":1767225600123}\n"
        );
    }

    #[test]
    fn an_error_is_written_with_all_its_causes() {
        let error = ports::teleconsultations::StoreError::Unavailable { doing: "reading", source: "disk".into() };
        let text = logged(LogLevel::Warn, || tracing::error!(error = &error as &dyn std::error::Error, "no"));
        assert!(text.contains(r#""error":{"message":"the store is unavailable while reading: disk"}"#), "{text}");
    }

    #[test]
    fn what_is_below_the_level_or_not_ours_is_not_written() {
        assert_eq!(logged(LogLevel::Info, || tracing::debug!("quiet")), "");
        assert_eq!(logged(LogLevel::Silent, || tracing::error!("quiet")), "");
        assert_eq!(logged(LogLevel::Trace, || tracing::error!(target: "hyper::proto", "secret")), "");
    }

    #[test]
    fn every_spelling_of_a_level_is_known() {
        assert_eq!(LogLevel::parse("WARNING"), Some(LogLevel::Warn));
        assert_eq!(LogLevel::parse("verbose"), None);
    }
}
