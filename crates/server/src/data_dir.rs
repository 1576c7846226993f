//! The folder in which everything is kept: made private, used by one process at a time, with the secrets that the program makes for
//! itself.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use ports::Chance;
use rustix::fs::{Access, AtFlags, CWD};
use secrecy::{ExposeSecret, SecretString};

/// Held open and locked as long as the process lives.
const LOCK: &str = "lock";

/// The key that provider users are derived with; see `app::UserIdKey`. It has the form of a Kaleyra company key.
const COMPANY_KEY: &str = "company.key";

/// What personal links are made with.
const LINK_SECRET: &str = "link.secret";

/// The name and the secret of the key that signs access tokens of the media engine, one line each.
const LIVEKIT_KEY: &str = "livekit.key";

/// The key of the reception desk.
const DESK_KEY: &str = "desk.key";

/// The end of the name of the lock file beside the database.
const DATABASE_LOCK_SUFFIX: &str = ".lock";

/// The longest secret file read, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error("another teleconsultation process uses the data folder {}: stop it, or set DATA_DIR to another folder", path.display())]
    InUse {
        /// Which folder.
        path: PathBuf,
    },
    /// Another process has the database.
    #[error("another teleconsultation process uses the database {}: stop it, or name another file in DATABASE_URL", path.display())]
    DatabaseInUse {
        /// Which database.
        path: PathBuf,
    },
    /// The folder or a file in it cannot be made, read or written.
    #[error("{} cannot be used: check that this user may write there (DATA_DIR)", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A secret was tampered with.
    #[error("{} does not hold what this program once wrote there: restore it from a backup; a new one ends all links", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

/// What lies where the folder should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing yet; it can be made.
    Absent,
    /// A folder that can be used.
    Free,
    /// A folder that a running process holds.
    InUse,
}

/// The folder, held by this process.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder if need be and takes it.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed(path))?;
        match lock(&path.join(LOCK), OpenOptions::new().create(true))? {
            Some(lock) => Ok(Self { path: path.to_owned(), _lock: lock }),
            None => Err(DataDirError::InUse { path: path.to_owned() }),
        }
    }

    /// Looks at the folder as a start would find it. Makes and changes nothing: who looks may be another user than the one whom
    /// everything in it must belong to.
    pub fn look(path: &Path) -> Result<Look, DataDirError> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => usable(path)?,
            Ok(_) => return Err(failed(path)(io::ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                usable(existing_part(path))?;
                return Ok(Look::Absent);
            }
            Err(source) => return Err(failed(path)(source)),
        }
        if let Some(text) = read_secret(path, LINK_SECRET)? {
            link_secret(path, &text)?;
        }
        if let Some(text) = read_secret(path, LIVEKIT_KEY)? {
            livekit_key(path, &text)?;
        }
        read_secret(path, COMPANY_KEY)?;
        read_secret(path, DESK_KEY)?;
        let lock_path = path.join(LOCK);
        if !lock_path.exists() {
            return Ok(Look::Free);
        }
        Ok(if lock(&lock_path, &mut OpenOptions::new())?.is_some() { Look::Free } else { Look::InUse })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The company's key, which provider users are derived with; made on the first start.
    pub fn company_key(&self, chance: &dyn Chance) -> Result<SecretString, DataDirError> {
        self.secret(COMPANY_KEY, || format!("ak_live_{}", hex::encode(chance.bytes::<12>())))
    }

    /// The key of the reception desk; made on the first start.
    pub fn desk_key(&self, chance: &dyn Chance) -> Result<SecretString, DataDirError> {
        self.secret(DESK_KEY, || hex::encode(chance.bytes::<16>()))
    }

    /// What personal links are made and sealed with; made on the first start.
    pub fn link_secret(&self, chance: &dyn Chance) -> Result<[u8; 32], DataDirError> {
        let text = self.secret(LINK_SECRET, || hex::encode(chance.bytes::<32>()))?;
        link_secret(&self.path, &text)
    }

    /// The name and secret of the media engine's key, made on the first start.
    pub fn livekit_key(&self, chance: &dyn Chance) -> Result<(String, SecretString), DataDirError> {
        let make = || format!("API{}\n{}", hex::encode(chance.bytes::<6>()), hex::encode(chance.bytes::<32>()));
        let text = self.secret(LIVEKIT_KEY, make)?;
        livekit_key(&self.path, &text)
    }

    fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<SecretString, DataDirError> {
        if let Some(text) = read_secret(&self.path, name)? {
            return Ok(text);
        }
        let path = self.path.join(name);
        let text = make();
        self.write(&path, &text).map_err(failed(&path))?;
        Ok(SecretString::from(text))
    }

    /// Writes a private file whole or not at all, also when the power fails.
    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(&self.path)?.sync_all()
    }
}

/// The key of the reception desk in a folder that a process may be using; `None`: none was made yet.
pub fn read_desk_key(folder: &Path) -> Result<Option<SecretString>, DataDirError> {
    read_secret(folder, DESK_KEY)
}

/// Takes a database for this process, as long as the file that is returned is open. Makes the folder for it if need be.
pub fn lock_database(path: &Path) -> Result<File, DataDirError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))?;
    }
    let lock = lock(&database_lock_path(path)?, OpenOptions::new().create(true))?;
    lock.ok_or_else(|| DataDirError::DatabaseInUse { path: path.to_owned() })
}

/// Looks whether a database that exists is free, as [`DataDir::look`] does.
pub fn look_at_database(path: &Path) -> Result<(), DataDirError> {
    let lock_path = database_lock_path(path)?;
    if lock_path.exists() && lock(&lock_path, &mut OpenOptions::new())?.is_none() {
        return Err(DataDirError::DatabaseInUse { path: path.to_owned() });
    }
    Ok(())
}

/// One lock, by whatever name the database is called.
fn database_lock_path(path: &Path) -> Result<PathBuf, DataDirError> {
    let real = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        real => real,
    };
    let mut lock_path = real.map_err(failed(path))?.into_os_string();
    lock_path.push(DATABASE_LOCK_SUFFIX);
    Ok(lock_path.into())
}

/// The nearest folder above that exists.
pub fn existing_part(path: &Path) -> &Path {
    let above = path.ancestors().skip(1).find(|above| above.as_os_str().is_empty() || above.exists());
    above.filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Opens and locks a file; `None`: another process has it.
fn lock(path: &Path, options: &mut OpenOptions) -> Result<Option<File>, DataDirError> {
    let file = options.write(true).mode(0o600).open(path).map_err(failed(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(failed(path)(source)),
    }
}

/// Whether this user may list, make and change files in a folder.
pub fn usable(folder: &Path) -> Result<(), DataDirError> {
    let all = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    rustix::fs::accessat(CWD, folder, all, AtFlags::EACCESS).map_err(|error| failed(folder)(error.into()))
}

fn read_secret(folder: &Path, name: &str) -> Result<Option<SecretString>, DataDirError> {
    let path = folder.join(name);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > SECRET_BYTES_MAX => return Err(DataDirError::Damaged { path }),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(DataDirError::File { path, source }),
    }
    let text = fs::read_to_string(&path).map_err(failed(&path))?;
    match text.trim_end_matches('\n') {
        "" => Err(DataDirError::Damaged { path }),
        text => Ok(Some(SecretString::from(text.to_owned()))),
    }
}

fn link_secret(folder: &Path, text: &SecretString) -> Result<[u8; 32], DataDirError> {
    let mut secret = [0; 32];
    let decoded = hex::decode_to_slice(text.expose_secret(), &mut secret);
    decoded.map(|()| secret).map_err(|_| DataDirError::Damaged { path: folder.join(LINK_SECRET) })
}

fn livekit_key(folder: &Path, text: &SecretString) -> Result<(String, SecretString), DataDirError> {
    match text.expose_secret().split_once('\n') {
        Some((key, secret)) => Ok((key.to_owned(), SecretString::from(secret.to_owned()))),
        None => Err(DataDirError::Damaged { path: folder.join(LIVEKIT_KEY) }),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> DataDirError + use<> {
    let path = path.to_owned();
    move |source| DataDirError::File { path, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use ports::fake::FakeChance;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn secrets_are_made_once_and_readable_by_their_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        let first = {
            let data = DataDir::open(&path).unwrap();
            secrets(&data, 1)
        };
        let data = DataDir::open(&path).unwrap();
        let again = secrets(&data, 5);
        assert_eq!(first, again);
        assert!(first.0.starts_with("ak_live_"));
        assert_eq!(mode(&path), 0o700);
        for name in [COMPANY_KEY, DESK_KEY, LINK_SECRET, LIVEKIT_KEY, LOCK] {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
    }

    /// All secrets, made with chance from this seed where they are not there.
    fn secrets(data: &DataDir, seed: u64) -> (String, [u8; 32], String, String) {
        let chance = |number| FakeChance::seeded(seed + number);
        let shown = |secret: SecretString| secret.expose_secret().to_owned();
        let company_key = shown(data.company_key(&chance(0)).unwrap());
        let livekit_key = shown(data.livekit_key(&chance(2)).unwrap().1);
        let desk_key = shown(data.desk_key(&chance(3)).unwrap());
        assert_eq!(read_desk_key(data.path()).unwrap().map(shown), Some(desk_key.clone()));
        (company_key, data.link_secret(&chance(1)).unwrap(), livekit_key, desk_key)
    }

    #[test]
    fn a_second_process_is_refused_and_after_the_first_it_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataDir::open(parent.path()).unwrap();
        assert!(matches!(DataDir::open(parent.path()), Err(DataDirError::InUse { .. })));
        drop(first);
        assert!(DataDir::open(parent.path()).is_ok());
    }

    #[test]
    fn a_damaged_secret_is_never_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataDir::open(parent.path()).unwrap();
        for (name, text) in [(LINK_SECRET, "short"), (LINK_SECRET, ""), (COMPANY_KEY, "")] {
            fs::write(parent.path().join(name), text).unwrap();
            let read = data.link_secret(&FakeChance::default()).map(drop);
            let read = read.and_then(|()| data.company_key(&FakeChance::default()).map(drop));
            assert!(matches!(read, Err(DataDirError::Damaged { .. })), "{name}");
            assert_eq!(fs::read_to_string(parent.path().join(name)).unwrap(), text);
        }
    }

    #[test]
    fn a_look_says_what_a_start_would_and_makes_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        assert_eq!(DataDir::look(&path).unwrap(), Look::Absent);
        assert!(!parent.path().join("a").exists());
        fs::create_dir_all(&path).unwrap();
        assert_eq!(DataDir::look(&path).unwrap(), Look::Free);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        let data = DataDir::open(&path).unwrap();
        assert_eq!(DataDir::look(&path).unwrap(), Look::InUse);
        drop(data);
        assert_eq!(DataDir::look(&path).unwrap(), Look::Free);
        fs::write(path.join(LIVEKIT_KEY), "one line").unwrap();
        assert!(matches!(DataDir::look(&path), Err(DataDirError::Damaged { .. })));
        assert!(matches!(DataDir::look(&path.join(LOCK)), Err(DataDirError::File { .. })));
    }

    #[test]
    fn a_database_is_used_by_one_process_whatever_its_name() {
        let parent = tempfile::tempdir().unwrap();
        let (path, link) = (parent.path().join("visits.sqlite"), parent.path().join("link.sqlite"));
        fs::write(&path, "").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let first = lock_database(&path).unwrap();
        assert!(matches!(lock_database(&path), Err(DataDirError::DatabaseInUse { .. })));
        assert!(matches!(lock_database(&link), Err(DataDirError::DatabaseInUse { .. })));
        drop(first);
        assert!(lock_database(&path).is_ok());
    }
}
