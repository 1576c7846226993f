//! The video service's own API, in the program as it runs.

use kaleyra_video::{
    BaseUrl, Change, Client, CompanyUpdate, Error, File, LogoTheme, NewParticipant, NewRoom, NewUser, PageRequest,
    Role, Settings, ThemeColors, ThemeUpdate,
};

use serde_json::{Value, json};

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
async fn whoever_enters_learns_where_the_company_sends_people_afterwards_and_its_background() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("BANDYER_API_SECRET_KEY", KEY)]).await;
    let api = client(program.port(), "v2", KEY);
    let booked = program.post("/teleconsultation", &crate::booking()).await.ok(201);
    let path = format!("/teleconsultation/{}", booked["roomId"].as_str().unwrap());
    let link = program.read(&path, crate::NAMES[0]).await.ok(200)["accessLinkURL"].as_str().unwrap().to_owned();
    let token = link.rsplit('/').next().unwrap();
    let entered = async || {
        let room = program.post("/call/enter", &json!({ "access_token": token })).await.ok(200)["room"].clone();
        ["background", "end_call_redirect_url", "end_call_redirect_timeout_ms"].map(|name| room[name].clone())
    };
    assert_eq!(entered().await, [Value::Null, Value::Null, json!(0)], "where the company has set nothing");

    let background = api.create_background(picture(1280)).await.unwrap();
    assert_eq!(entered().await[0], Value::Null, "one that was only added");
    let path = format!("/backgrounds/{}", background.alias.as_str());
    let bye = "https://clinic.example/bye?from=visit#top";
    let set = CompanyUpdate {
        background_alias: Some(background.alias),
        end_call_redirect_url: Change::Set(bye.to_owned()),
        end_call_redirect_timeout_ms: Some(30_000),
        ..CompanyUpdate::default()
    };
    api.update_company(&set).await.unwrap();
    assert_eq!(entered().await, [json!(path), json!(bye), json!(30_000)]);

    for (field, value) in [
        ("end_call_redirect_url", json!("javascript:alert(1)")),
        ("end_call_redirect_url", json!("data:text/html,x")),
        ("end_call_redirect_url", json!("//clinic.example/bye")),
        ("end_call_redirect_url", json!("https://user:secret@clinic.example/")),
        ("end_call_redirect_url", json!("https://clinic.example/\nbye")),
        ("end_call_redirect_url", json!(format!("https://clinic.example/{}", "x".repeat(2_048)))),
        ("end_call_redirect_timeout_ms", json!(-1)),
        ("end_call_redirect_timeout_ms", json!(60_001)),
        ("end_call_redirect_timeout_ms", json!("soon")),
    ] {
        let refused = program.put_with("/v2/company", &[("apikey", KEY)], &json!({ field: value })).await;
        assert_eq!(refused.status, 422, "{field}: {value}");
        assert!(refused.body.contains(&format!("\"invalid_{field}\"")), "{value}: {}", refused.body);
    }
    assert_eq!(entered().await[1..], [json!(bye), json!(30_000)], "what was refused has changed nothing");
    let clear = CompanyUpdate { end_call_redirect_url: Change::Clear, ..CompanyUpdate::default() };
    api.update_company(&clear).await.unwrap();
    assert_eq!(entered().await[1], Value::Null);
    program.stop().await;
}
