//! Files as objects: `{prefix}/{file}/{offset}`, one for each part.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use object_store::{
    Certificate, ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};
use ports::content::{FileBytes, FileBytesError, FileId};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::{Place, failure::sorted};

/// How often a request to S3 is repeated, and for how long: somebody waits for it.
const RETRIES_MAX: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(20);

/// How long one request to S3 may take. It moves a part at most.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest piece that is handed out at once.
const PIECE: usize = 64 * 1024;

/// Digits of an offset in a name, so that the order of names is that of offsets.
const OFFSET_DIGITS: usize = 20;

/// Why files cannot be kept in a place.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("the folder {} cannot be made", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The settings are wrong.
    #[error("files cannot be kept there")]
    Settings(#[from] object_store::Error),
}

/// Keeps files in an object store, or in a folder as if it were one. It holds no more of a file in memory than one part.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) prefix: Path,
    /// The folder, if it is one.
    folder: Option<Arc<DiskPath>>,
}

impl ObjectFiles {
    /// Opens a place. A folder is made if need be, for nobody but its owner. S3 is called when it is first needed; who calls, and where
    /// it is, say the environment's variables that begin with `AWS_`, as for other programs. `authorities` are certificates in PEM that
    /// are trusted besides the usual ones.
    pub fn open(place: &Place, authorities: &[u8]) -> Result<Self, OpenError> {
        match place {
            Place::Folder(path) => Self::in_folder(path),
            Place::S3 { bucket, prefix } => {
                let store = AmazonS3Builder::from_env().with_bucket_name(bucket);
                Self::in_s3(store, prefix, authorities)
            }
        }
    }

    fn in_folder(path: &DiskPath) -> Result<Self, OpenError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| OpenError::Folder { path: path.to_owned(), source })?;
        let path = path.canonicalize().map_err(|source| OpenError::Folder { path: path.to_owned(), source })?;
        // A part counts as arrived only once it is on the disk, and so does its name.
        let store = LocalFileSystem::new_with_prefix(&path)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Path::default(), folder: Some(path.into()) })
    }

    /// In S3, as the builder says where it is and who calls.
    pub fn in_s3(s3: AmazonS3Builder, prefix: &str, authorities: &[u8]) -> Result<Self, OpenError> {
        // It takes only what was said before it for the client, so plain HTTP must be asked for again.
        let plain = s3.get_config_value(&"aws_allow_http".parse()?).is_some_and(|value| value == "true");
        let mut client = ClientOptions::new().with_timeout(REQUEST_TIMEOUT).with_allow_http(plain);
        // A container image may have no certificate authorities of its own.
        for certificate in TLS_SERVER_ROOT_CERTS {
            client = client.with_root_certificate(Certificate::from_der(certificate)?);
        }
        for certificate in Certificate::from_pem_bundle(authorities)? {
            client = client.with_root_certificate(certificate);
        }
        let retry = RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_FOR, ..RetryConfig::default() };
        let store = s3.with_client_options(client).with_retry(retry).build()?;
        Ok(Self { store: Arc::new(store), prefix: Path::from(prefix), folder: None })
    }

    /// All parts of a file.
    fn all_of(&self, id: &FileId) -> Path {
        self.prefix.clone().join(id.0.as_str())
    }

    fn part(&self, id: &FileId, offset: u64) -> Path {
        self.all_of(id).join(format!("{offset:0OFFSET_DIGITS$}"))
    }

    /// The parts of a file that follow one another from its beginning: their offsets and lengths.
    async fn parts(&self, id: &FileId) -> Result<Vec<(u64, u64)>, FileBytesError> {
        let listed: Vec<_> = self
            .store
            .list(Some(&self.all_of(id)))
            .try_collect()
            .await
            .map_err(|error| sorted(error, "listing the parts of a file"))?;
        if listed.is_empty() {
            return Err(FileBytesError::NotFound);
        }
        let offset = |path: &Path| path.filename()?.parse().ok();
        let mut parts: Vec<(u64, u64)> =
            listed.iter().filter_map(|object| Some((offset(&object.location)?, object.size))).collect();
        parts.sort_unstable();
        let mut end = 0;
        parts.retain(|(offset, len)| {
            let follows = *offset == end;
            if follows {
                end += len;
            }
            follows
        });
        Ok(parts)
    }
}

#[async_trait]
impl FileBytes for ObjectFiles {
    async fn put_part(&self, id: &FileId, offset: u64, bytes: Bytes) -> Result<(), FileBytesError> {
        let put = self.store.put(&self.part(id, offset), bytes.into()).await;
        put.map(drop).map_err(|error| sorted(error, "keeping a part of a file"))
    }

    async fn read(
        &self,
        id: &FileId,
        from: u64,
        len: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, FileBytesError>>, FileBytesError> {
        let end = from.saturating_add(len);
        // What of each part is wanted, counted from the part's beginning.
        let wanted = |(offset, len): (u64, u64)| {
            let range = from.saturating_sub(offset).min(len)..end.saturating_sub(offset).min(len);
            (range.start < range.end).then(|| (self.part(id, offset), range))
        };
        let wanted: Vec<_> = self.parts(id).await?.into_iter().filter_map(wanted).collect();
        let store = Arc::clone(&self.store);
        // A part is fetched whole, so that a client that reads slowly does not keep a request to S3 waiting until that gives up.
        let fetched = stream::iter(wanted).then(move |(path, range)| {
            let store = Arc::clone(&store);
            async move {
                let part = store.get_range(&path, range).await;
                part.map_err(|error| sorted(error, "reading a part of a file"))
            }
        });
        Ok(fetched.map_ok(|part| stream::iter(pieces(part).map(Ok))).try_flatten().boxed())
    }

    async fn remove(&self, id: &FileId) -> Result<(), FileBytesError> {
        const DOING: &str = "removing a file";
        if let Some(folder) = &self.folder {
            // Also what a write that was killed half-way has left, which is no object.
            let (folder, file) = (Arc::clone(folder), id.0.clone());
            let removed = tokio::task::spawn_blocking(move || remove_folder(&folder, &file)).await;
            let removed = removed.map_err(io::Error::other).and_then(|removed| removed);
            return removed.map_err(|source| FileBytesError::Unavailable { doing: DOING, source: Box::new(source) });
        }
        let parts = self.store.list(Some(&self.all_of(id))).map_ok(|object| object.location).boxed();
        let removed: Result<Vec<_>, _> = self.store.delete_stream(parts).try_collect().await;
        match removed {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(sorted(error, DOING)),
        }
    }

    async fn health(&self) -> Result<(), FileBytesError> {
        const DOING: &str = "checking the place for files";
        let beat = self.prefix.clone().join("heartbeat");
        self.store.put(&beat, Bytes::from_static(b"alive").into()).await.map_err(|error| sorted(error, DOING))?;
        let read = async { self.store.get(&beat).await?.bytes().await };
        read.await.map(drop).map_err(|error| sorted(error, DOING))
    }
}

/// Removes a file's folder for good.
fn remove_folder(folder: &DiskPath, file: &str) -> io::Result<()> {
    match std::fs::remove_dir_all(folder.join(file)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // Otherwise it could be there again after a loss of power, when nobody knows of it any more.
    std::fs::File::open(folder)?.sync_all()
}

fn pieces(mut part: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!part.is_empty()).then(|| part.split_to(part.len().min(PIECE))))
}
