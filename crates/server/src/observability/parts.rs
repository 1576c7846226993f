//! The figures that other parts of the program count by themselves.

use media::{FigureKind, MediaService};
use video::{SessionFigures, files::FileFigures};

use super::exposition::{Exposition, Kind, Source};
use crate::{channel::ChannelFigures, listen::Places};

/// HTTP connections.
pub fn connections(places: Places) -> Source {
    Box::new(move |text: &mut Exposition| {
        text.single(
            "teleconsultation_http_connections",
            Kind::Gauge,
            "HTTP connections at this moment.",
            places.open(),
        );
        text.single(
            "teleconsultation_http_connections_refused_total",
            Kind::Counter,
            "HTTP connections of clients that had their share.",
            places.refused(),
        );
    })
}

/// Sessions of the embedded video service.
pub fn sessions(figures: SessionFigures) -> Source {
    Box::new(move |text: &mut Exposition| {
        text.single(
            "teleconsultation_sessions_running",
            Kind::Gauge,
            "Rooms in which two or more are connected.",
            figures.running(),
        );
    })
}

/// What is counted of files that people send.
pub fn files(figures: FileFigures) -> Source {
    Box::new(move |text: &mut Exposition| {
        text.single(
            "teleconsultation_file_bytes_stored_total",
            Kind::Counter,
            "Bytes of files that were kept, of those too that are deleted since.",
            figures.bytes_stored(),
        );
        let help = "Files that were begun and completed, and how requests to send them or parts of them failed.";
        let mut uploads = text.family("teleconsultation_file_uploads_total", Kind::Counter, help);
        for (outcome, count) in figures.uploads() {
            uploads.sample("", &[("outcome", &outcome.name())], count);
        }
    })
}

/// What the call channel counts.
pub fn channel(figures: ChannelFigures) -> Source {
    Box::new(move |text: &mut Exposition| {
        let (connections, rooms, waiting, dropped) = figures.totals();
        for (name, help, value) in [
            ("connections", "Connections to call channels at this moment.", connections),
            ("rooms", "Rooms with somebody connected to their call channel.", rooms),
            ("waiting", "People who wait to be let in.", waiting),
        ] {
            text.single(format!("teleconsultation_channel_{name}"), Kind::Gauge, help, value);
        }
        text.single(
            "teleconsultation_channel_events_dropped_total",
            Kind::Counter,
            "Pointers, cursors and the like that were not sent to clients that read too slowly.",
            dropped,
        );
        let help = "Connections to call channels that were closed by the program, by WebSocket close code.";
        let mut closed = text.family("teleconsultation_channel_closed_total", Kind::Counter, help);
        for (code, count) in figures.closings() {
            closed.sample("", &[("code", &code)], count);
        }
        let help = "Commands on call channels, by how they were answered.";
        let mut commands = text.family("teleconsultation_channel_commands_total", Kind::Counter, help);
        for (command, outcome, count) in figures.commands() {
            commands.sample("", &[("command", &command), ("outcome", &outcome)], count);
        }
    })
}

/// What the media engine counts.
pub fn media(media: MediaService) -> Source {
    Box::new(move |text: &mut Exposition| {
        for figure in media.counters().figures() {
            let name = figure.name;
            match figure.kind {
                FigureKind::Gauge => {
                    text.single(format!("teleconsultation_media_{name}"), Kind::Gauge, figure.help, figure.value);
                }
                FigureKind::Counter => {
                    let name = format!("teleconsultation_media_{name}_total");
                    text.single(name, Kind::Counter, figure.help, figure.value);
                }
            }
        }
    })
}
