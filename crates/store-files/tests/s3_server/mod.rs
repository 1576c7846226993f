//! A server that speaks as S3 does, with signatures, over HTTP.

use std::net::SocketAddr;

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The one bucket that there is.
pub const BUCKET: &str = "clinic-files";
/// The one key that opens it.
pub const KEY_ID: &str = "ada";
pub const SECRET: &str = "a secret key";

/// Serves the buckets of a folder until the test's runtime ends.
pub async fn serve() -> (SocketAddr, TempDir) {
    serve_while(|| true).await
}

/// The same, but hangs up on whoever comes while `is_open` says no.
pub async fn serve_while(is_open: impl Fn() -> bool + Send + 'static) -> (SocketAddr, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
    service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            if !is_open() {
                continue;
            }
            let service = service.clone();
            tokio::spawn(async move {
                let served = Builder::new(TokioExecutor::new());
                // A client that goes away is no failure of the server.
                drop(served.serve_connection(TokioIo::new(connection), service).await);
            });
        }
    });
    (address, folder)
}
