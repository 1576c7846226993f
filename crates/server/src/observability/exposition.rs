//! Prometheus' text format, version 0.0.4.
//!
//! Written by hand because the platform's services tell of their requests in a summary too (`mia-platform.md` §3.3), which the usual
//! libraries for Rust do not write.

use std::fmt::{Display, Write as _};

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes families of a part of the program.
pub type Source = Box<dyn Fn(&mut Exposition) + Send + Sync>;

/// What kind of figures a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the program ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts of values in buckets.
    Histogram,
    /// Quantiles of values.
    Summary,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// The labels of a sample, in the order in which they are written.
pub type Labels<'a> = &'a [(&'a str, &'a dyn Display)];

/// The text, family by family.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

/// A family of which samples are being written.
pub struct Family<'a> {
    text: &'a mut String,
    name: String,
}

impl Exposition {
    /// Begins a family; all its samples belong right after it. `help` is one line.
    pub fn family(&mut self, name: impl Into<String>, kind: Kind, help: &str) -> Family<'_> {
        let name = name.into();
        // Writing to a `String` never fails.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {}\n", kind.name());
        Family { text: &mut self.text, name }
    }

    /// A family of one sample.
    pub fn single(&mut self, name: impl Into<String>, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help).sample("", &[], value);
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

impl Family<'_> {
    /// Writes a sample of the family's name and `suffix`.
    pub fn sample(&mut self, suffix: &str, labels: Labels<'_>, value: impl Display) {
        self.text.push_str(&self.name);
        self.text.push_str(suffix);
        for (place, (name, value)) in labels.iter().enumerate() {
            self.text.push_str(if place == 0 { "{" } else { "," });
            // Writing to a `String` never fails.
            let _ = write!(self.text, "{name}=\"");
            escape(&value.to_string(), self.text);
            self.text.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{end} {value}");
    }
}

fn escape(value: &str, text: &mut String) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str(r"\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str(r"\n"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_its_type_and_its_samples_together() {
        let mut text = Exposition::default();
        let mut family = text.family("visits_total", Kind::Counter, "Visits.");
        family.sample("", &[("kind", &"a \"b\" \\\n"), ("status", &200)], 3);
        family.sample("", &[("kind", &"c"), ("status", &404)], 0.5);
        text.single("open", Kind::Gauge, "Open now.", 7);
        assert_eq!(
            text.into_text(),
            "# HELP visits_total Visits.\n# TYPE visits_total counter\n\
             visits_total{kind=\"a \\\"b\\\" \\\\\\n\",status=\"200\"} 3\nvisits_total{kind=\"c\",status=\"404\"} 0.5\n\
             # HELP open Open now.\n# TYPE open gauge\nopen 7\n"
        );
    }
}
