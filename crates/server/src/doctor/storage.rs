//! The data folder, the database, and the disk they lie on.

use std::path::Path;

use store_sqlite::Database;

use super::{Finding, said};
use crate::{
    config::{Config, DatabaseSettings},
    data_dir::{self, DataDir, Look},
    program::{self, Keeps},
};

/// Free space below which the program would soon stop writing: a day of a busy clinic and its log fit many times.
const FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;

/// What was found, and whether a program runs that holds the folder.
pub async fn examine(config: &Config) -> (Vec<Finding>, bool) {
    let keeps = Keeps::of(config);
    if !keeps.data_dir {
        return (postgres(config).await.into_iter().collect(), false);
    }
    let look = DataDir::look(&config.data_dir);
    let running = matches!(look, Ok(Look::InUse));
    let shown = config.data_dir.display();
    let folder = match look {
        Ok(Look::Free) => Finding::good("data folder", format!("{shown} can be used")),
        Ok(Look::Absent) => Finding::good("data folder", format!("{shown} is not there yet; the first start makes it")),
        Ok(Look::InUse) => Finding::good("data folder", format!("{shown} is in use by a running program")),
        Err(error) => Finding::bad("data folder", said(&error)),
    };
    let database_path = program::database_path(config);
    let database = match &config.database {
        DatabaseSettings::Sqlite(_) => Some(database(&database_path, running).await),
        DatabaseSettings::Postgres(_) => postgres(config).await,
    };
    let mut findings: Vec<_> = [folder].into_iter().chain(database).collect();
    findings.push(free_disk("free disk", &config.data_dir));
    if matches!(config.database, DatabaseSettings::Sqlite(Some(_))) {
        findings.push(free_disk("free disk, database", &database_path));
    }
    (findings, running)
}

/// The PostgreSQL database, if there is one and it is used.
async fn postgres(config: &Config) -> Option<Finding> {
    let about = "database";
    let DatabaseSettings::Postgres(url) = &config.database else { return None };
    if !Keeps::of(config).records {
        return None;
    }
    Some(match store_postgres::Database::examine(url).await {
        Ok(()) => Finding::good(about, "PostgreSQL answers and keeps what it answers"),
        Err(error) => Finding::bad(about, format!("PostgreSQL (DATABASE_URL): {}", said(&error))),
    })
}

async fn database(path: &Path, running: bool) -> Finding {
    let about = "database";
    let shown = path.display();
    if let Ok(false) = path.try_exists() {
        return match data_dir::usable(data_dir::existing_part(path)) {
            Ok(()) => Finding::good(about, format!("{shown} is not there yet; the first start makes it")),
            Err(error) => Finding::bad(about, said(&error)),
        };
    }
    // The running program may be the one that has it: then the folder is in use as well.
    if let (false, Err(error)) = (running, data_dir::look_at_database(path)) {
        return Finding::bad(about, said(&error));
    }
    let examined = path.to_owned();
    match tokio::task::spawn_blocking(move || Database::examine(&examined)).await {
        Ok(Ok(())) => Finding::good(about, format!("{shown} can be read and written")),
        Ok(Err(error)) => Finding::bad(about, format!("{shown}: {}", said(&error))),
        Err(_) => Finding::bad(about, format!("{shown}: opening it panicked; restore a backup")),
    }
}

/// The disk that a file or folder lies on, or will.
fn free_disk(about: &'static str, path: &Path) -> Finding {
    let place = if path.exists() { path } else { data_dir::existing_part(path) };
    match rustix::fs::statvfs(place) {
        Err(error) => Finding::doubtful(about, format!("{} does not tell its free space: {error}", place.display())),
        Ok(stat) => enough(about, place, stat.f_bavail.saturating_mul(stat.f_frsize)),
    }
}

fn enough(about: &'static str, place: &Path, free_bytes: u64) -> Finding {
    let (shown, megabytes) = (place.display(), free_bytes / 1024 / 1024);
    if free_bytes < FREE_BYTES_MIN {
        let setting = if about == "free disk" { "DATA_DIR" } else { "DATABASE_URL" };
        Finding::bad(about, format!("{megabytes} MB at {shown}: make room, or set {setting} to another disk"))
    } else {
        Finding::good(about, format!("{megabytes} MB at {shown}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    async fn examined(settings: &[(&str, &Path)]) -> (Vec<Finding>, bool) {
        let owned = |(name, value): &(&str, &Path)| ((*name).to_owned(), value.to_str().unwrap().to_owned());
        examine(&Config::load(settings.iter().map(owned)).unwrap()).await
    }

    fn finding<'a>(findings: &'a [Finding], about: &str) -> &'a Finding {
        findings.iter().find(|finding| finding.about == about).unwrap()
    }

    #[tokio::test]
    async fn before_the_first_start_nothing_is_made() {
        let parent = tempfile::tempdir().unwrap();
        let (findings, running) = examined(&[("DATA_DIR", &parent.path().join("a/data"))]).await;
        assert!(!running && findings.iter().all(|finding| finding.verdict == Verdict::Good), "{findings:?}");
        assert!(finding(&findings, "database").text.ends_with("the first start makes it"));
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_running_program_is_recognised() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataDir::open(parent.path()).unwrap();
        let database = Database::open(&parent.path().join("teleconsultation.sqlite")).unwrap();
        let (findings, running) = examined(&[("DATA_DIR", parent.path())]).await;
        assert!(running && findings.iter().all(|finding| finding.verdict == Verdict::Good), "{findings:?}");
        drop((data, database));
        assert!(!examined(&[("DATA_DIR", parent.path())]).await.1);
    }

    #[tokio::test]
    async fn what_cannot_be_a_data_folder_is_said() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below")] {
            let (findings, _) = examined(&[("DATA_DIR", &path)]).await;
            assert_eq!(finding(&findings, "database").verdict, Verdict::Bad, "{findings:?}");
            let folder = finding(&findings, "data folder");
            assert_eq!(folder.verdict, Verdict::Bad);
            assert!(folder.text.contains("check that this user may write there (DATA_DIR)"), "{folder}");
        }
    }

    #[tokio::test]
    async fn a_damaged_secret_and_a_file_that_is_no_database_are_said() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("link.secret"), "short").unwrap();
        std::fs::write(parent.path().join("teleconsultation.sqlite"), "not a database ".repeat(1000)).unwrap();
        let (findings, _) = examined(&[("DATA_DIR", parent.path())]).await;
        assert!(finding(&findings, "data folder").text.contains("link.secret does not hold what"), "{findings:?}");
        let database = finding(&findings, "database");
        assert_eq!(database.verdict, Verdict::Bad);
        assert!(database.text.contains("file is not a database"), "{database}");
    }

    #[tokio::test]
    async fn a_database_elsewhere_is_looked_at_there_and_its_disk_too() {
        let (parent, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = elsewhere.path().join("visits.sqlite");
        file_of_others(&path);
        let url = format!("sqlite:{}", path.display());
        let (findings, _) = examined(&[("DATA_DIR", parent.path()), ("DATABASE_URL", Path::new(&url))]).await;
        let database = finding(&findings, "database");
        assert!(database.verdict == Verdict::Bad && database.text.starts_with(path.to_str().unwrap()), "{database}");
        assert!(finding(&findings, "free disk, database").text.ends_with(path.to_str().unwrap()), "{findings:?}");
    }

    #[tokio::test]
    async fn a_database_that_a_program_with_another_folder_has_is_said() {
        let (parent, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = elsewhere.path().join("visits.sqlite");
        let database = Database::open(&path).unwrap();
        let url = format!("sqlite:{}", path.display());
        let settings = [("DATA_DIR", parent.path()), ("DATABASE_URL", Path::new(&url))];
        assert_eq!(finding(&examined(&settings).await.0, "database").verdict, Verdict::Good);
        let lock = data_dir::lock_database(&path).unwrap();
        let said = finding(&examined(&settings).await.0, "database").to_string();
        assert!(said.starts_with("BAD ") && said.contains("another teleconsultation process uses"), "{said}");
        drop((database, lock));
    }

    /// A file of another program, which `doctor` must not take for ours.
    fn file_of_others(path: &Path) {
        std::fs::write(path, b"SQLite format 3\0 and then something else").unwrap();
    }

    #[test]
    fn little_space_is_said_with_what_to_do() {
        let said = |about, bytes| enough(about, Path::new("/srv"), bytes).to_string();
        assert_eq!(
            said("free disk", FREE_BYTES_MIN - 1),
            "BAD   free disk            255 MB at /srv: make room, or set DATA_DIR to another disk"
        );
        assert!(said("free disk, database", 0).ends_with("set DATABASE_URL to another disk"));
        assert!(said("free disk", FREE_BYTES_MIN).starts_with("ok "));
    }
}
