//! A disk that is really full: a file system of its own in memory, which only an administrator can make. CI is one.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use ports::fake::{FakeChance, FakeClock};
use serde_json::json;
use store_files::{ObjectFiles, Place};
use video::{
    LinkSecret,
    files::{FileStores, Files},
};

use crate::{after, channel::book, files, running::Running, web_socket::Page};

const MB: usize = 1024 * 1024;

/// A file system of two megabytes and a half.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2500k", "tmpfs"]).arg(place.path()).output();
        let mount = mount.expect("there is a program `mount`");
        let why = String::from_utf8_lossy(&mount.stderr);
        assert!(mount.status.success(), "this test has to be run as root, to mount a small disk: {why}");
        Self(place)
    }

    fn files(&self) -> PathBuf {
        self.0.path().join("files")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Where that fails, the folder cannot be removed either, and the next start of the machine clears it.
        drop(Command::new("umount").arg("--lazy").arg(self.0.path()).status());
    }
}

/// What lies in a folder, however deep.
fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { everything_in(&path) } else { vec![path] }).collect()
}

fn pdf(len: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(len, b' ');
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_to_a_full_disk_is_refused_leaves_nothing_and_what_was_there_stays() {
    let (data, disk) = (tempfile::tempdir().unwrap(), SmallDisk::new());
    let place = disk.files();
    let program = Running::with(data.path(), &[("FILES_URL", place.to_str().unwrap())]).await;
    let visit = book(&program).await;
    let send = async |size: usize, name: &str| {
        let begun = files::begin(&program, &visit.patient, size, &[("filename", name), ("kind", "file")]).await;
        let path = begun.location.unwrap();
        (files::part(&program, &visit.patient, &path, 0, &pdf(size)).await, path)
    };
    let (kept, _) = send(MB, "small.pdf").await;
    assert_eq!(kept.status, 204);
    // The first megabyte of it finds a place, and the second one does not.
    let (refused, path) = send(2 * MB, "large.pdf").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (507, Some("no_space")), "{}", refused.body);
    let looked = program.tus(&visit.patient, "HEAD", &path, &[], b"").await;
    assert_eq!(looked.status, 404, "nobody can go on with it");

    // Everything else goes on: what was sent can be fetched, and something small sent.
    let (mut page, welcome) = Page::open(program.port(), &visit.doctor).await;
    let listed: Vec<_> = welcome["files"].as_array().unwrap().iter().map(|file| file["name"].clone()).collect();
    assert_eq!(listed, ["small.pdf"]);
    let small = welcome["files"][0]["file_id"].clone();
    let url = page.ok(json!({"do": "file.link", "file_id": small})).await["url"].as_str().unwrap().to_owned();
    assert_eq!(program.get(&url).await.body.len(), MB);
    let figures = program.get("/-/metrics").await.body;
    let line = "teleconsultation_file_uploads_total{outcome=\"no_space\"} 1";
    assert!(figures.lines().any(|it| it == line), "{figures}");
    program.stop().await;

    // Whatever the program had not removed yet when it ended, it removes when it runs again.
    after::kept(data.path(), async |rooms| {
        let bytes = Arc::new(ObjectFiles::open(&Place::Folder(place.clone()), &[]).unwrap());
        let stores = FileStores { content: Arc::new(rooms.clone()), bytes };
        let outside = (Arc::new(FakeClock::new(after::real_now())) as _, Arc::new(FakeChance::default()) as _);
        let company = ports::rooms::CompanyId("default".to_owned());
        let files = Files::new(company, stores, outside, &LinkSecret::new([7; 32]), MB as u64);
        assert_eq!(files.sweep().await.unwrap().failed, 0);
    })
    .await;
    let left: Vec<_> = everything_in(&place).iter().map(|path| path.metadata().unwrap().len()).collect();
    assert_eq!(left, [MB as u64], "the small file, whole");
}
