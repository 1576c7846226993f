//! The figures that other parts of the program count by themselves.

use media::{FigureKind, MediaService};
use video::SessionFigures;

use super::exposition::{Exposition, Kind, Source};
use crate::listen::Places;

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
