//! An S3 keeps the promises of the place for files: a server of the protocol, with signatures, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod s3_server;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use ports::content::{FileBytes, FileBytesError, FileId};
use s3_server::{BUCKET, KEY_ID, SECRET};
use teleconsultation_store_files::{BucketError, ObjectFiles};
use tempfile::TempDir;

async fn serve() -> (AmazonS3Builder, TempDir) {
    let (address, folder) = s3_server::serve().await;
    let builder = AmazonS3Builder::new()
        .with_endpoint(format!("http://{address}"))
        .with_allow_http(true)
        .with_region("eu-south-1")
        .with_access_key_id(KEY_ID)
        .with_secret_access_key(SECRET)
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

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_told_from_one_that_is_only_empty() {
    let (builder, _folder) = serve().await;
    let look = async |builder: AmazonS3Builder| ObjectFiles::in_s3(builder, "visits", &[]).unwrap().look().await;
    look(builder.clone()).await.unwrap();
    let missing = look(builder.clone().with_bucket_name("no-such-bucket")).await;
    assert!(matches!(missing, Err(BucketError::Missing(_))), "{missing:?}");
    for wrong in [builder.clone().with_secret_access_key("another"), builder.with_access_key_id("nobody")] {
        let refused = look(wrong).await;
        assert!(matches!(refused, Err(BucketError::Refused(_))), "{refused:?}");
    }
}
