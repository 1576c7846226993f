//! Prints how many rooms of two new users the store makes durably in a second, asked by 64 tasks at once: the two writes and one read
//! that `POST /teleconsultation` needs of it.
//!
//! `cargo run --release -p teleconsultation-store-sqlite --example rooms_throughput [-- <directory>]`. The directory should lie on
//! the disk that is measured; by default it is one in the system's temporary directory, removed afterwards.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be taken ends the program")]

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{ProviderUserId, Role, RoomKey, RoomRef, Tools};
use jiff::Timestamp;
use ports::{
    provider::{CallType, Recording},
    rooms::{CompanyId, Link, LinkHash, LinkNonce, Member, Room, RoomCreation, RoomStore, User},
};
use teleconsultation_store_sqlite::{Database, SqliteRooms};

const TASKS: u64 = 64;
const ROOMS_EACH: u64 = 1_000;

#[tokio::main]
async fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = std::env::args().nth(1).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let database = Database::open(&directory.join("rooms-throughput.db")).unwrap();
    let store: Arc<dyn RoomStore> = Arc::new(SqliteRooms::new(database));
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 0..ROOMS_EACH {
                make(store.as_ref(), task * ROOMS_EACH + number).await;
            }
        });
    }
    tasks.join_all().await;
    let rooms = TASKS * ROOMS_EACH;
    let rate = Duration::from_secs(1).div_duration_f64(start.elapsed()) * f64::from(u32::try_from(rooms).unwrap());
    println!("{rooms} rooms of two new users: {rate:.0} a second");
}

async fn make(store: &dyn RoomStore, number: u64) {
    let company = CompanyId("default".to_owned());
    let mixed = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let ids = [0, 1].map(|place| ProviderUserId::parse(&format!("usr_{:032x}", mixed ^ place)).unwrap());
    let user = |id: &ProviderUserId| User {
        company: company.clone(),
        id: id.clone(),
        role: Role::Plus,
        allow_camera: true,
        active: true,
        language: None,
        created: Timestamp::UNIX_EPOCH,
    };
    store.ensure_users(&ids.each_ref().map(user)).await.unwrap();
    assert_eq!(store.users(&company, &ids).await.unwrap().len(), 2);
    let mut place = 0_u8;
    let member = ids.map(|user| {
        place += 1;
        let mut hash = [place; 32];
        hash[..16].copy_from_slice(&mixed.to_be_bytes());
        let link = Some(Link { nonce: LinkNonce(mixed.to_le_bytes()), hash: LinkHash(hash) });
        Member {
            user,
            admin: place == 1,
            tools: Tools::all(),
            display_name: None,
            language: None,
            link,
            links_replaced: 0,
        }
    });
    let room = Room {
        id: RoomRef::new(format!("room_{:024x}", mixed >> 32)),
        company,
        key: RoomKey::new(mixed.to_be_bytes()),
        members: member.into(),
        duration: Some(Duration::from_mins(30)),
        live: false,
        recording: Recording::None,
        call_type: CallType::AudioVideo,
        description: None,
        created: Timestamp::UNIX_EPOCH,
        used: Duration::ZERO,
        closure: None,
    };
    assert_eq!(store.create_room(&room).await.unwrap(), RoomCreation::Created);
}
