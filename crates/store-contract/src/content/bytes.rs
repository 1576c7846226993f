//! The promises of [`FileBytes`], over any place that has none of the files that it makes.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use ports::content::{FileBytes, FileBytesError, FileId};

/// Calls every promise.
pub async fn all(bytes: &dyn FileBytes) {
    parts_read_back_in_one(bytes).await;
    a_range_goes_across_parts(bytes).await;
    the_last_part_is_replaced_by_another_with_its_beginning(bytes).await;
    what_is_removed_is_gone_and_nothing_else(bytes).await;
    bytes.health().await.expect("bytes can be kept");
}

async fn parts_read_back_in_one(bytes: &dyn FileBytes) {
    let file = id(1);
    // The last is longer than what any place reads at once, and one is empty.
    let parts = [pattern(0, 5), pattern(5, 0), pattern(5, 70_000), pattern(70_005, 3_000_000)];
    let mut offset = 0;
    for part in &parts {
        bytes.put_part(&file, offset, part.clone()).await.unwrap();
        offset += part.len() as u64;
    }
    assert!(read(bytes, &file, 0, u64::MAX).await == pattern(0, 3_070_005));
    assert!(read(bytes, &file, 0, 70_005).await == pattern(0, 70_005));
}

async fn a_range_goes_across_parts(bytes: &dyn FileBytes) {
    let file = id(2);
    for offset in [0, 10, 20, 30] {
        bytes.put_part(&file, offset, pattern(offset, 10)).await.unwrap();
    }
    for (from, len, found) in
        [(0, 40, 40), (5, 20, 20), (10, 10, 10), (39, 1, 1), (35, 100, 5), (40, 1, 0), (99, 1, 0), (3, 0, 0)]
    {
        assert_eq!(read(bytes, &file, from, len).await, pattern(from, found), "{len} from {from}");
    }
}

async fn the_last_part_is_replaced_by_another_with_its_beginning(bytes: &dyn FileBytes) {
    let (file, shorter) = (id(3), Bytes::from_static(b"shorter"));
    bytes.put_part(&file, 0, pattern(0, 10)).await.unwrap();
    bytes.put_part(&file, 10, pattern(10, 100)).await.unwrap();
    bytes.put_part(&file, 10, shorter.clone()).await.unwrap();
    assert_eq!(read(bytes, &file, 10, u64::MAX).await, shorter);
    bytes.put_part(&file, 17, pattern(0, 3)).await.unwrap();
    assert_eq!(read(bytes, &file, 8, u64::MAX).await, [&pattern(8, 2)[..], b"shorter", &pattern(0, 3)].concat());
}

async fn what_is_removed_is_gone_and_nothing_else(bytes: &dyn FileBytes) {
    let (file, other) = (id(4), id(5));
    for (file, offset) in [(&file, 0), (&file, 10), (&other, 0)] {
        bytes.put_part(file, offset, pattern(offset, 10)).await.unwrap();
    }
    for _ in 0..2 {
        bytes.remove(&file).await.unwrap();
        assert!(matches!(bytes.read(&file, 0, 1).await.map(drop), Err(FileBytesError::NotFound)));
    }
    assert_eq!(read(bytes, &other, 0, 10).await, pattern(0, 10));
}

async fn read(bytes: &dyn FileBytes, file: &FileId, from: u64, len: u64) -> Bytes {
    let pieces: Vec<Bytes> = bytes.read(file, from, len).await.unwrap().try_collect().await.unwrap();
    assert!(pieces.iter().all(|piece| piece.len() <= 1 << 20), "a piece fits into memory many times");
    pieces.concat().into()
}

fn id(number: u8) -> FileId {
    FileId(format!("file_{number:024x}"))
}

/// Bytes of which each says where it is.
fn pattern(offset: u64, len: u64) -> Bytes {
    (offset..offset + len).map(|at| (at % 251) as u8).collect()
}
