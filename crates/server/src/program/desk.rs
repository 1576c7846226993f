//! What the reception desk needs: its key, and who tells it who is where.

use std::sync::Arc;

use app::Ctx;
use ports::{Chance, presence::Presence};
use secrecy::SecretString;
use video::Attendance;

use super::StartError;
use crate::{
    channel::Hub,
    config::Config,
    data_dir::{self, DataDir},
    desk::{Changes, DeskKey, Places, PresenceFeed, Together},
    workers::Workers,
};

/// The desk's key, as it was set or as it is kept; `None`: there is no desk.
pub fn key(config: &Config, data_dir: Option<&DataDir>, chance: &dyn Chance) -> Result<Option<DeskKey>, StartError> {
    if !config.desk {
        return Ok(None);
    }
    let key: SecretString = match (&config.desk_key, data_dir) {
        (Some(key), _) => key.clone(),
        (None, Some(data_dir)) => data_dir.desk_key(chance)?,
        (None, None) => {
            tracing::info!("there is no reception desk: nothing is kept here, and DESK_KEY is not set");
            return Ok(None);
        }
    };
    DeskKey::new(key).map(Some).map_err(StartError::DeskKey)
}

/// Notes who is in which call, lets the call channels tell where the others are, and starts to tell the desk of both.
pub fn watch(
    workers: &mut Workers,
    ctx: &Ctx,
    changes: &Changes,
    channel: &Hub,
) -> (Arc<Attendance>, Arc<dyn Presence>) {
    let feed = PresenceFeed::default();
    let attendance = Arc::new(Attendance::new(Arc::new(feed.clone()), ctx.clock.clone()));
    let places = Arc::new(Places::new(Arc::new(feed.clone())));
    channel.tell_whereabouts(places.clone());
    let (store, changes) = (ctx.store.clone(), changes.clone());
    workers.start("tells the desk who is where", |stop| feed.run(store, changes, stop));
    (attendance.clone(), Arc::new(Together { places, engine: attendance }))
}

/// The address that opens the desk of the program with these settings, which may be running; the error is a sentence.
pub fn link(config: &Config) -> Result<String, String> {
    if !config.desk {
        return Err("There is no reception desk: DESK is false".to_owned());
    }
    let key = match &config.desk_key {
        Some(key) => key.clone(),
        None => data_dir::read_desk_key(&config.data_dir).map_err(|error| error.to_string())?.ok_or_else(|| {
            let folder = config.data_dir.display();
            format!("There is no key in {folder} yet: start the program once, or set DESK_KEY (DATA_DIR)")
        })?,
    };
    let public_url = match &config.http.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://localhost:{}", config.http.port),
    };
    let key = DeskKey::new(key).map_err(|problem| format!("The reception desk's key {problem} (DESK_KEY)"))?;
    Ok(key.link(&public_url))
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeChance;

    use super::*;

    fn config(settings: &[(&str, &str)]) -> Config {
        Config::load(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
    }

    #[test]
    fn the_link_is_of_the_key_that_the_running_program_uses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let settings = [("DATA_DIR", path), ("PUBLIC_URL", "https://visits.example.org")];
        assert!(link(&config(&settings)).unwrap_err().starts_with("There is no key in "));
        let data_dir = DataDir::open(folder.path()).unwrap();
        let key = key(&config(&settings), Some(&data_dir), &FakeChance::default()).unwrap().unwrap();
        let printed = link(&config(&settings)).unwrap();
        assert_eq!(printed, key.link("https://visits.example.org"));
        let (start, key) = printed.split_at("https://visits.example.org/desk#key=".len());
        assert_eq!((start, key.len()), ("https://visits.example.org/desk#key=", 32));
    }

    #[test]
    fn a_key_that_is_set_comes_before_one_that_is_kept_and_without_either_there_is_no_desk() {
        let set = [("DESK_KEY", "0123456789abcdef")];
        assert_eq!(link(&config(&set)).unwrap(), "http://localhost:3000/desk#key=0123456789abcdef");
        let key = |settings: &[(&str, &str)]| key(&config(settings), None, &FakeChance::default()).unwrap();
        assert!(key(&set).is_some_and(|key| key.is(b"0123456789abcdef")));
        assert!(key(&[]).is_none());
        let off = [("DESK", "false"), set[0]];
        assert!(key(&off).is_none() && link(&config(&off)).is_err());
    }
}
