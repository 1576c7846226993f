//! Which parts are inside the program and which are outside, for people.

use super::Keeps;
use crate::config::{Config, DatabaseSettings, ProviderSettings};

/// The parts, as the program lists them when it starts.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// What this program does by itself.
    pub embedded: Vec<&'static str>,
    /// What it asks of others, and where they are; empty if nothing.
    pub external: Vec<String>,
}

impl Layout {
    /// The parts with these settings.
    pub fn of(config: &Config) -> Self {
        let (mut embedded, mut external) = (Vec::new(), Vec::new());
        if let Some(crud) = &config.crud {
            external.push(format!("store (CRUD Service at {})", crud.service));
        }
        if Keeps::of(config).records {
            // Beside a CRUD Service, the embedded video service's records alone lie in the database.
            match (&config.database, config.crud.is_some()) {
                (DatabaseSettings::Sqlite(_), false) => embedded.push("store (SQLite)"),
                (DatabaseSettings::Sqlite(_), true) => embedded.push("rooms' store (SQLite)"),
                (DatabaseSettings::Postgres(_), false) => external.push("store (PostgreSQL)".to_owned()),
                (DatabaseSettings::Postgres(_), true) => external.push("rooms' store (PostgreSQL)".to_owned()),
            }
        }
        match &config.provider {
            ProviderSettings::Embedded => embedded.extend(["video service", "media engine"]),
            ProviderSettings::Kaleyra { base_url, .. } => {
                external.push(format!("video (Kaleyra Video at {})", base_url.as_str()));
            }
        }
        if let Some(directories) = &config.directories {
            external.push(format!("people (identity provider at {})", directories.users));
        }
        embedded.push("pages");
        Self { embedded, external }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRUD: [(&str, &str); 3] = [
        ("CRUD_SERVICE_URL", "http://crud"),
        ("TELECONSULTATIONS_CRUD_NAME", "rooms"),
        ("USER_ID_MAP_CRUD_NAME", "users"),
    ];
    const KALEYRA: [(&str, &str); 2] = [
        ("BANDYER_BASE_URL", "https://api.sandbox.eu.bandyer.com/v2"),
        ("BANDYER_API_SECRET_KEY", "ak_live_0123456789abcdef01234567"),
    ];
    const POSTGRES: [(&str, &str); 1] = [("DATABASE_URL", "postgres://somebody:secret@db/clinic")];

    fn layout(settings: &[&[(&str, &str)]]) -> (String, String) {
        let settings = settings.concat().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let Layout { embedded, external } = Layout::of(&Config::load(settings).unwrap());
        (embedded.join(", "), external.join(", "))
    }

    #[test]
    fn every_part_is_said_to_be_where_it_is() {
        let crud = |rest: &str| format!("store (CRUD Service at http://crud/){rest}");
        let kaleyra = "video (Kaleyra Video at https://api.sandbox.eu.bandyer.com/v2)";
        let inside = "video service, media engine, pages";
        for (settings, embedded, external) in [
            (&[] as &[&[_]], format!("store (SQLite), {inside}"), String::new()),
            (&[&POSTGRES], inside.to_owned(), "store (PostgreSQL)".to_owned()),
            (&[&CRUD], format!("rooms' store (SQLite), {inside}"), crud("")),
            (&[&CRUD, &POSTGRES], inside.to_owned(), crud(", rooms' store (PostgreSQL)")),
            (&[&KALEYRA], "store (SQLite), pages".to_owned(), kaleyra.to_owned()),
            (&[&KALEYRA, &POSTGRES], "pages".to_owned(), format!("store (PostgreSQL), {kaleyra}")),
            (&[&KALEYRA, &CRUD], "pages".to_owned(), crud(&format!(", {kaleyra}"))),
            // The database is not even opened.
            (&[&KALEYRA, &CRUD, &POSTGRES], "pages".to_owned(), crud(&format!(", {kaleyra}"))),
        ] {
            assert_eq!(layout(settings), (embedded, external), "{settings:?}");
        }
    }

    #[test]
    fn the_identity_provider_is_told_of_and_no_password_is() {
        let (_, external) = layout(&[&POSTGRES, &[("AUTH_SERVICE", "http://auth0-client")]]);
        assert_eq!(external, "store (PostgreSQL), people (identity provider at http://auth0-client/)");
    }
}
