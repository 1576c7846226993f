//! An S3 keeps the promises of the place for files: a server of the protocol, with signatures, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use object_store::aws::AmazonS3Builder;
use ports::content::{FileBytes, FileBytesError, FileId};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use teleconsultation_store_files::ObjectFiles;
use tempfile::TempDir;
use tokio::net::TcpListener;

const BUCKET: &str = "clinic-files";

/// Serves the buckets of a folder until the test's runtime ends.
async fn serve() -> (AmazonS3Builder, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
    service.set_auth(SimpleAuth::from_single("ada", "a secret key"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let served = Builder::new(TokioExecutor::new());
                // A client that goes away is no failure of the server.
                drop(served.serve_connection(TokioIo::new(connection), service).await);
            });
        }
    });
    let builder = AmazonS3Builder::new()
        .with_endpoint(format!("http://{address}"))
        .with_allow_http(true)
        .with_region("eu-south-1")
        .with_access_key_id("ada")
        .with_secret_access_key("a secret key")
        .with_bucket_name(BUCKET);
    (builder, folder)
}

#[tokio::test]
async fn s3_keeps_every_promise_with_a_prefix_and_without() {
    for prefix in ["", "visits/2026"] {
        let (builder, folder) = serve().await;
        store_contract::content::bytes::all(&ObjectFiles::in_s3(builder, prefix, &[]).unwrap()).await;
        let objects = folder.path().join(BUCKET).join(prefix);
        assert!(objects.join("heartbeat").exists(), "they lie below the prefix");
    }
}

#[tokio::test]
async fn whoever_has_the_wrong_key_is_told_that_files_are_unavailable() {
    let (builder, _folder) = serve().await;
    let files = ObjectFiles::in_s3(builder.with_secret_access_key("another"), "", &[]).unwrap();
    let put = files.put_part(&FileId("file_1".to_owned()), 0, Bytes::from_static(b"part")).await;
    assert!(matches!(put, Err(FileBytesError::Unavailable { .. })), "{put:?}");
    assert!(files.health().await.is_err());
}
