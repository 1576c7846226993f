//! The folder in which everything is kept: made private, used by one process at a time, with the secrets that the program makes for
//! itself.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use ports::Chance;
use secrecy::{ExposeSecret, SecretString};

/// Held open and locked as long as the process lives.
const LOCK: &str = "lock";

/// The key that provider users are derived with; see `app::UserIdKey`. It has the form of a Kaleyra company key.
const COMPANY_KEY: &str = "company.key";

/// What personal links are made with.
const LINK_SECRET: &str = "link.secret";

/// The name and the secret of the key that signs access tokens of the media engine, one line each.
const LIVEKIT_KEY: &str = "livekit.key";

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

/// The folder, held by this process.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// The secrets that the program makes once and keeps.
pub struct Secrets {
    /// Provider users are derived with it.
    pub company_key: SecretString,
    /// Personal links are made with it.
    pub link_secret: [u8; 32],
}

impl DataDir {
    /// Makes the folder if need be and takes it.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed(path))?;
        let lock_path = path.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(DataDirError::File { path: lock_path, source }),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secrets, made on the first start.
    pub fn secrets(&self, chance: &dyn Chance) -> Result<Secrets, DataDirError> {
        let company_key = self.secret(COMPANY_KEY, || format!("ak_live_{}", hex::encode(chance.bytes::<12>())))?;
        let link_path = self.path.join(LINK_SECRET);
        let mut link_secret = [0; 32];
        let text = self.secret(LINK_SECRET, || hex::encode(chance.bytes::<32>()))?;
        hex::decode_to_slice(text.expose_secret(), &mut link_secret)
            .map_err(|_| DataDirError::Damaged { path: link_path })?;
        Ok(Secrets { company_key, link_secret })
    }

    /// The name and secret of the media engine's key, made on the first start.
    pub fn livekit_key(&self, chance: &dyn Chance) -> Result<(String, SecretString), DataDirError> {
        let make = || format!("API{}\n{}", hex::encode(chance.bytes::<6>()), hex::encode(chance.bytes::<32>()));
        let text = self.secret(LIVEKIT_KEY, make)?;
        match text.expose_secret().split_once('\n') {
            Some((key, secret)) => Ok((key.to_owned(), SecretString::from(secret.to_owned()))),
            None => Err(DataDirError::Damaged { path: self.path.join(LIVEKIT_KEY) }),
        }
    }

    fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<SecretString, DataDirError> {
        let path = self.path.join(name);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > SECRET_BYTES_MAX => return Err(DataDirError::Damaged { path }),
            Ok(_) => {
                let text = fs::read_to_string(&path).map_err(failed(&path))?;
                let text = text.trim_end_matches('\n');
                if text.is_empty() {
                    return Err(DataDirError::Damaged { path });
                }
                return Ok(SecretString::from(text.to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(DataDirError::File { path, source }),
        }
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
            (data.secrets(&FakeChance::seeded(1)).unwrap(), data.livekit_key(&FakeChance::seeded(2)).unwrap())
        };
        let data = DataDir::open(&path).unwrap();
        let again = (data.secrets(&FakeChance::seeded(3)).unwrap(), data.livekit_key(&FakeChance::seeded(4)).unwrap());
        assert_eq!(first.0.link_secret, again.0.link_secret);
        assert_eq!(first.0.company_key.expose_secret(), again.0.company_key.expose_secret());
        assert!(first.0.company_key.expose_secret().starts_with("ak_live_"));
        assert_eq!(first.1.1.expose_secret(), again.1.1.expose_secret());
        assert_eq!(mode(&path), 0o700);
        for name in [COMPANY_KEY, LINK_SECRET, LIVEKIT_KEY, LOCK] {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
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
            assert!(matches!(data.secrets(&FakeChance::default()), Err(DataDirError::Damaged { .. })), "{name}");
            assert_eq!(fs::read_to_string(parent.path().join(name)).unwrap(), text);
        }
    }
}
