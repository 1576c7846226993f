//! A folder keeps the promises of the place for files.

use std::os::unix::fs::PermissionsExt as _;

use bytes::Bytes;
use ports::content::{FileBytes, FileBytesError, FileId};
use teleconsultation_store_files::{ObjectFiles, Place};

fn id(number: u8) -> FileId {
    FileId(format!("file_{number:024x}"))
}

#[tokio::test]
async fn a_folder_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("files"));
    store_contract::content::bytes::all(&ObjectFiles::open(&place, &[]).unwrap()).await;
}

#[tokio::test]
async fn a_folder_is_its_owners_and_what_is_in_it_survives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let files = ObjectFiles::open(&Place::Folder(path.clone()), &[]).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    files.put_part(&id(1), 0, Bytes::from_static(b"kept")).await.unwrap();
    drop(files);
    let files = ObjectFiles::open(&Place::Folder(path), &[]).unwrap();
    assert!(files.read(&id(1), 0, 4).await.is_ok());
}

#[tokio::test]
async fn what_a_killed_write_left_goes_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let files = ObjectFiles::open(&Place::Folder(folder.path().to_owned()), &[]).unwrap();
    files.put_part(&id(1), 0, Bytes::from_static(b"part")).await.unwrap();
    let torn = folder.path().join(&id(1).0).join("00000000000000000004#1");
    std::fs::write(&torn, b"half of a pa").unwrap();
    files.remove(&id(1)).await.unwrap();
    assert!(!torn.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files");
    let files = ObjectFiles::open(&Place::Folder(path.clone()), &[]).unwrap();
    std::fs::remove_dir(&path).unwrap();
    // Something that is no folder is in its place.
    std::fs::write(&path, b"").unwrap();
    let put = files.put_part(&id(1), 0, Bytes::from_static(b"part")).await;
    assert!(matches!(put, Err(FileBytesError::Unavailable { .. })), "{put:?}");
    assert!(files.health().await.is_err());
    assert!(files.remove(&id(1)).await.is_err());
}
