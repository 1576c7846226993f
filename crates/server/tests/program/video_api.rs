//! The video service's own API, in the program as it runs.

use kaleyra_video::{
    BaseUrl, Change, Client, CompanyUpdate, Error, File, LogoTheme, NewParticipant, NewRoom, NewUser, PageRequest,
    Role, Settings, ThemeColors, ThemeUpdate,
};

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

/// As much of a JPEG as says how large it is.
fn picture(side: u16) -> File {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xc0, 0, 11, 8];
    bytes.extend(side.to_be_bytes());
    bytes.extend(side.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0, 0xff, 0xd9]);
    File { name: "picture.jpg".to_owned(), media_type: "image/jpeg".to_owned(), bytes: bytes.into() }
}

#[tokio::test]
async fn pages_look_as_the_company_wants_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("BANDYER_API_SECRET_KEY", KEY)];
    let program = Running::with(folder.path(), &settings).await;
    assert_eq!(program.get("/brand.css").await.status, 404);
    let api = client(program.port(), "v2", KEY);
    let colours = ThemeColors { primary_color: None, accent_color: Some("#480ca8".to_owned()) };
    let set = ThemeUpdate { light: Change::Set(colours), dark: Change::Keep };
    api.update_theme(&set).await.unwrap();
    let accent = "--primary: light-dark(#480ca8, #63cbd6);";
    assert!(program.get("/brand.css").await.body.contains(accent));
    api.update_logo(picture(200), &LogoTheme::All).await.unwrap();
    let shown = program.get("/brand.css").await.body;
    assert!(shown.contains(accent), "{shown}");
    // On our own origin, so that the pages' content policy stays as it is.
    let logo = shown.split_once("url(\"").unwrap().1.split_once('"').unwrap().0;
    assert!(logo.starts_with("/company-files/logo-"), "{logo}");
    assert_eq!(program.get(logo).await.status, 200, "{logo}");
    program.stop().await;

    let program = Running::with(folder.path(), &settings).await;
    assert_eq!(program.get("/brand.css").await.body, shown);
    assert!(program.get("/call").await.body.contains("href=\"/brand.css\""));
    let reset = ThemeUpdate { light: Change::Clear, dark: Change::Keep };
    client(program.port(), "v2", KEY).update_theme(&reset).await.unwrap();
    let reset = program.get("/brand.css").await.body;
    assert!(!reset.contains("#480ca8") && reset.contains(logo), "{reset}");
    program.stop().await;
}

#[tokio::test]
async fn a_background_has_one_address_whoever_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("BANDYER_API_SECRET_KEY", KEY)]).await;
    let background = client(program.port(), "v2", KEY).create_background(picture(1280)).await.unwrap();
    let path = format!("/backgrounds/{}", background.alias.as_str());
    assert_eq!(background.url, Some(program.url(&path)));
    assert_eq!(program.get(&path).await.status, 200);
    program.stop().await;
}

#[tokio::test]
async fn the_call_page_is_told_of_the_companys_background_once_it_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("BANDYER_API_SECRET_KEY", KEY)]).await;
    let api = client(program.port(), "v2", KEY);
    api.create_user(&NewUser::new("anna".into(), Role::Plus)).await.unwrap();
    let anna = NewParticipant { user_id: "anna".into(), is_admin: true, tools: None };
    let room = api.create_room(&NewRoom::new(vec![anna])).await.unwrap();
    let link = room.participants[0].link.clone().unwrap();
    let token = serde_json::json!({ "access_token": link.as_str().rsplit('/').next().unwrap() });
    let background = api.create_background(picture(1280)).await.unwrap();
    let told = async || {
        let entered = program.post("/call/enter", &token).await.ok(200);
        entered["room"]["background"].clone()
    };
    assert_eq!(told().await, serde_json::Value::Null, "one that was only added");
    let chosen = CompanyUpdate { background_alias: Some(background.alias.clone()), ..CompanyUpdate::default() };
    api.update_company(&chosen).await.unwrap();
    assert_eq!(told().await, format!("/backgrounds/{}", background.alias.as_str()));
    program.stop().await;
}
