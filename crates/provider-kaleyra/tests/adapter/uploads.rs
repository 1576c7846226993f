//! The files of a room are deleted, and nobody else's.

use domain::RoomRef;
use ports::provider::{UploadsDeleted, VideoProvider as _};
use serde_json::{Value, json};

use crate::kaleyra::{Fault, start};

const MINE: &str = "room_000000000001";

#[tokio::test]
async fn the_files_of_a_room_are_deleted_and_nobody_elses() {
    for path in ["v2", "rest"] {
        let (provider, kaleyra) = start(path).await;
        kaleyra.share(&json!(MINE), &["production/clinic/usr_1/1-a", "production/clinic/usr_1/2-b"]);
        kaleyra.share(&json!("room_000000000002"), &["production/clinic/usr_2/1-c"]);
        kaleyra.share(&Value::Null, &["production/clinic/usr_2/1-d"]);
        let deleted = provider.delete_uploads(&RoomRef::new(MINE)).await.unwrap();
        assert_eq!(deleted, UploadsDeleted { total: 2, deleted: 2 }, "{path}");
        assert_eq!(kaleyra.uploads(), ["production/clinic/usr_2/1-c", "production/clinic/usr_2/1-d"], "{path}");
    }
}

#[tokio::test]
async fn a_file_that_stays_is_counted_and_deleted_the_next_time() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.share(&json!(MINE), &["a", "b", "c"]);
    kaleyra.fail("DELETE uploads", Fault::Before(422));
    let deleted = provider.delete_uploads(&RoomRef::new(MINE)).await.unwrap();
    assert_eq!(deleted, UploadsDeleted { total: 3, deleted: 2 });
    let deleted = provider.delete_uploads(&RoomRef::new(MINE)).await.unwrap();
    assert_eq!(deleted, UploadsDeleted { total: 1, deleted: 1 });
    assert_eq!(kaleyra.uploads(), [""; 0]);
}

#[tokio::test]
async fn a_file_whose_deletion_was_not_answered_is_gone() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.share(&json!(MINE), &["a"]);
    kaleyra.fail("DELETE uploads", Fault::After(500));
    let deleted = provider.delete_uploads(&RoomRef::new(MINE)).await.unwrap();
    assert_eq!(deleted, UploadsDeleted { total: 1, deleted: 1 });
}

#[tokio::test]
async fn a_room_that_is_gone_has_no_files_and_a_service_that_fails_is_an_error() {
    let (provider, kaleyra) = start("rest").await;
    kaleyra.fail("LIST uploads", Fault::Before(404));
    assert_eq!(provider.delete_uploads(&RoomRef::new(MINE)).await.unwrap(), UploadsDeleted::default());
    kaleyra.fail("LIST uploads", Fault::Before(422));
    assert!(provider.delete_uploads(&RoomRef::new(MINE)).await.is_err());
}
