//! What the program says of itself when it has started.

use std::{fmt::Write as _, net::SocketAddr};

use url::Url;

use super::{Program, local_url, stores::Database};
use crate::http;

impl Program {
    /// Where it listens, where its data lie, what is inside and what outside, and the first command to try. `secretly` says that nobody
    /// but whoever started the program reads this, so that it may show the desk's key.
    pub fn description(&self, secretly: bool) -> String {
        let url = self.public_url.as_str().trim_end_matches('/');
        let mut text = format!("Teleconsultation {}\n", http::SERVICE_VERSION);
        let mut line = |name: &str, value: &str| {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "  {name:<10} {value}");
        };
        line("listens on", &list(&self.addresses));
        line("pages at", url);
        if let Some(media) = &self.media {
            let ports = media.bound_ports();
            let port = |port: Option<u16>| port.map_or_else(|| "off".to_owned(), |port| port.to_string());
            line(
                "media on",
                &format!(
                    "UDP {}, TCP {}, told to browsers as {}",
                    port(ports.udp),
                    port(ports.tcp),
                    list(&media.advertised_ips())
                ),
            );
        }
        if let Some(data_dir) = &self.data_dir {
            line("data in", &data_dir.path().display().to_string());
        }
        if let Some(Database::Sqlite { path, .. }) = &self.database
            && !self.data_dir.as_ref().is_some_and(|data_dir| path.starts_with(data_dir.path()))
        {
            line("database", &path.display().to_string());
        }
        line("embedded", &self.layout.embedded.join(", "));
        let external = self.layout.external.join(", ");
        line("external", if external.is_empty() { "nothing" } else { &external });
        let api = local_url(&self.addresses);
        let api = api.as_str().trim_end_matches('/');
        line("API", &format!("{api}/documentation"));
        match &self.desk_link {
            Some(address) if secretly => line("desk", address),
            Some(_) => line("desk", &format!("{url}/desk; `teleconsultation desk-link` prints its key")),
            None => {}
        }
        text.push_str(&first_command(&self.addresses, self.app.ctx.directories.is_some()));
        text
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// A teleconsultation that starts at once.
fn first_command(addresses: &[SocketAddr], people_are_looked_up: bool) -> String {
    let api: Url = local_url(addresses);
    let api = api.as_str().trim_end_matches('/');
    let people = if people_are_looked_up {
        "[\"the id of a doctor\", \"the id of a patient\"]"
    } else {
        "{\"number\": 2, \"data\": [\n    \
         {\"userId\": \"doctor-1\", \"groups\": [\"doctor\"], \"fullName\": \"Dr. Ada Marino\"},\n    \
         {\"userId\": \"patient-1\", \"groups\": [\"patient\"], \"fullName\": \"Luca Conti\"}]}"
    };
    format!(
        "\nSchedule a teleconsultation that starts at once:\n\n\
         curl {api}/teleconsultation -H 'content-type: application/json' -d '{{\n  \
         \"start_date\": \"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'\", \"duration_in_seconds\": 1800,\n  \
         \"participants\": {people}}}'\n"
    )
}
