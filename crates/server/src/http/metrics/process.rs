//! What the system says of this process, under the names that Prometheus' clients use. Where it says nothing, nothing is written.

use std::fs;

use rustix::process::{Resource, getrlimit};

use crate::observability::exposition::{Exposition, Kind};

/// Writes the process's families.
pub fn write(text: &mut Exposition) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let system = fs::read_to_string("/proc/stat").unwrap_or_default();
    let mut family = |name: &str, kind: Kind, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            text.single(name, kind, help, value);
        }
    };
    let figures = Figures::parse(&stat, &system);
    family("process_cpu_seconds_total", Kind::Counter, "Processor time used.", figures.cpu_s);
    family("process_start_time_seconds", Kind::Gauge, "When it began, since 1970.", figures.start_s);
    family("process_resident_memory_bytes", Kind::Gauge, "Memory in use.", figures.resident_bytes);
    family("process_virtual_memory_bytes", Kind::Gauge, "Addresses in use.", figures.virtual_bytes);
    let open = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    family("process_open_fds", Kind::Gauge, "Open files and connections.", open.map(to_float));
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).map(to_float);
    family("process_max_fds", Kind::Gauge, "The most open files and connections.", limit);
}

/// What `/proc/self/stat` and `/proc/stat` say (`proc_pid_stat(5)`, `proc_stat(5)`).
#[derive(Debug, Default, PartialEq)]
struct Figures {
    cpu_s: Option<f64>,
    start_s: Option<f64>,
    resident_bytes: Option<f64>,
    virtual_bytes: Option<f64>,
}

impl Figures {
    fn parse(stat: &str, system: &str) -> Self {
        // The second field is the program's name in brackets, which may have spaces and brackets in it. The next one is the third.
        let fields: Vec<_> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
        let ticks_per_s = to_float(usize::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100));
        let booted = system.lines().find_map(|line| line.strip_prefix("btime ")?.parse::<f64>().ok());
        Self {
            cpu_s: field(14).zip(field(15)).map(|(user, kernel)| (user + kernel) / ticks_per_s),
            start_s: field(22).zip(booted).map(|(ticks, booted)| booted + ticks / ticks_per_s),
            resident_bytes: field(24).map(|pages| pages * to_float(rustix::param::page_size())),
            virtual_bytes: field(23),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rounded figure is as good")]
fn to_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_confuses_nobody() {
        let stat = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 15 16 17 18 1000 8192000 25 20";
        let figures = Figures::parse(stat, "cpu 1 2\nbtime 1700000000\n");
        assert_eq!((figures.cpu_s, figures.start_s), (Some(3.0), Some(1_700_000_010.0)));
        assert_eq!(figures.virtual_bytes, Some(8_192_000.0));
        assert_eq!(figures.resident_bytes, Some(25.0 * to_float(rustix::param::page_size())));
        assert_eq!(Figures::parse("", ""), Figures::default());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_described() {
        let mut text = Exposition::default();
        write(&mut text);
        let text = text.into_text();
        for name in [
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_open_fds",
            "process_max_fds",
        ] {
            let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name} "))?.parse::<f64>().ok());
            assert!(value.is_some_and(|value| value >= 0.0), "{name}\n{text}");
        }
    }
}
