//! The video service's own API, in the program as it runs.

use kaleyra_video::{BaseUrl, Client, Error, NewParticipant, NewRoom, NewUser, PageRequest, Role, Settings};

use crate::running::Running;

const KEY: &str = "ak_live_0123456789abcdef01234567";

fn client(port: u16, path: &str, key: &str) -> Client {
    let base = BaseUrl::parse(&format!("http://localhost:{port}/{path}")).unwrap();
    Client::new(base, &key.into(), Settings::default(), || 7).unwrap()
}

#[tokio::test]
async fn a_program_that_called_kaleyra_points_its_base_url_here() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("BANDYER_API_SECRET_KEY", KEY)]).await;
    let (v2, v1) = (client(program.port(), "v2", KEY), client(program.port(), "rest", KEY));
    for (name, role) in [("anna", Role::Plus), ("bert", Role::Basic)] {
        v2.create_user(&NewUser::new(name.into(), role)).await.unwrap();
    }
    let participant = |name: &str| NewParticipant { user_id: name.into(), is_admin: false, tools: None };
    let room = v2.create_room(&NewRoom::new(vec![participant("anna"), participant("bert")])).await.unwrap();
    let listed = v1.rooms(PageRequest::FIRST).await.unwrap();
    assert_eq!(listed.items.iter().map(|room| &room.id).collect::<Vec<_>>(), [&room.id]);
    let link = room.participants[0].link.clone().unwrap();
    let token = link.as_str().rsplit('/').next().unwrap();
    let entered = program.post("/call/enter", &serde_json::json!({ "access_token": token })).await;
    assert_eq!(entered.status, 200, "{}", entered.body);
    let stranger = client(program.port(), "v2", "ak_live_other").company().await;
    assert!(matches!(stranger, Err(Error::KeyRefused { .. })), "{stranger:?}");
    program.stop().await;
}
