//! Settings, pictures, keys, tags, webhooks.

use kaleyra_video::{
    BackgroundAlias, Change, Client, CompanyUpdate, DefaultBackground, EncryptionKeyFilter, File, HookVersion,
    LogoTheme, PageRequest, PayloadVersion, RecordingSettingsUpdate, Tag, ThemeColors, ThemeUpdate, Version,
    WebhookTarget,
};

use crate::table::{Table, refused};

/// A JPEG of this size, as far as its head.
pub fn jpeg(side: u16) -> File {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xc0, 0, 11, 8];
    bytes.extend(side.to_be_bytes());
    bytes.extend(side.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0, 0xff, 0xd9]);
    File { name: "picture.jpg".to_owned(), media_type: "image/jpeg".to_owned(), bytes: bytes.into() }
}

pub async fn both(client: &Client, table: &mut Table) {
    settings(client, table).await;
    theme(client, table).await;
    backgrounds(client, table).await;
    recordings(client, table).await;
    tags(client, table).await;
}

async fn settings(client: &Client, table: &mut Table) {
    let company = table.whole("get company", client.company().await);
    assert_eq!((company.name, company.end_call_redirect_timeout_ms), (None, Some(0)));
    assert_eq!(company.default_language, Some("en".into()));
    let update = CompanyUpdate {
        name: Some("Clinica Zoë".to_owned()),
        default_language: Some("it".into()),
        end_call_redirect_url: Change::Set("https://clinic.example/bye".to_owned()),
        end_call_redirect_timeout_ms: Some(3_000),
        user_details_provider_url: Change::Set("https://clinic.example/names".to_owned()),
        ..CompanyUpdate::default()
    };
    let updated = table.whole("update company", client.update_company(&update).await).unwrap();
    assert_eq!(updated, client.company().await.unwrap());
    assert_eq!(updated.name.as_deref(), Some("Clinica Zoë"));
    assert_eq!(updated.end_call_redirect_timeout_ms, Some(3_000));
    let clear = CompanyUpdate {
        end_call_redirect_url: Change::Clear,
        user_details_provider_url: Change::Clear,
        ..CompanyUpdate::default()
    };
    let cleared = client.update_company(&clear).await.unwrap().unwrap();
    assert_eq!((cleared.end_call_redirect_url, cleared.name), (None, updated.name));
    for (update, code) in [
        (CompanyUpdate { name: Some("<b>".to_owned()), ..CompanyUpdate::default() }, "invalid_company_name"),
        (CompanyUpdate { default_language: Some("tlh".into()), ..CompanyUpdate::default() }, "invalid_language"),
        (
            CompanyUpdate { background_alias: Some("nobody's".into()), ..CompanyUpdate::default() },
            "invalid_background_alias",
        ),
        (
            CompanyUpdate { end_call_redirect_url: Change::Set("/bye".to_owned()), ..CompanyUpdate::default() },
            "invalid_end_call_redirect_url",
        ),
        (
            CompanyUpdate { end_call_redirect_timeout_ms: Some(60_001), ..CompanyUpdate::default() },
            "invalid_end_call_redirect_timeout_ms",
        ),
        (
            CompanyUpdate { user_details_provider_url: Change::Set("x".to_owned()), ..CompanyUpdate::default() },
            "invalid_user_details_provider_url",
        ),
    ] {
        refused(code, code, client.update_company(&update).await);
    }
}

async fn theme(client: &Client, table: &mut Table) {
    let theme = table.whole("get theme", client.theme().await);
    assert_eq!((theme.light, theme.dark), (None, None));
    let colours = ThemeColors { primary_color: Some("#009fe3".to_owned()), accent_color: Some("#ff0000".to_owned()) };
    let both = ThemeUpdate { light: Change::Set(colours.clone()), dark: Change::Set(colours.clone()) };
    client.update_theme(&both).await.unwrap();
    let update = ThemeUpdate { light: Change::Keep, dark: Change::Clear };
    let theme = table.whole("update theme", client.update_theme(&update).await).unwrap();
    assert_eq!((&theme.light, &theme.dark), (&Some(colours), &None));
    assert_eq!(theme, client.theme().await.unwrap());
    let wrong = ThemeColors { primary_color: Some("blue".to_owned()), accent_color: Some("#009fe3".to_owned()) };
    let update = ThemeUpdate { light: Change::Set(wrong), ..ThemeUpdate::default() };
    refused("theme", "invalid_theme_color", client.update_theme(&update).await);
    refused("theme", "missing_theme", client.update_theme(&ThemeUpdate::default()).await);

    let logos = table.whole("update logo", client.update_logo(jpeg(300), &LogoTheme::Dark).await).unwrap();
    assert_eq!((logos.light_url.is_some(), logos.dark_url.is_some()), (false, true));
    let logos = client.update_logo(jpeg(200), &LogoTheme::All).await.unwrap().unwrap();
    assert!(logos.light_url.is_some());
    assert_eq!(client.company().await.unwrap().logos, logos);
    refused("logo", "wrong_file_dimension", client.update_logo(jpeg(199), &LogoTheme::All).await);
    let text = File { bytes: "no picture".into(), ..jpeg(300) };
    refused("logo", "invalid_file", client.update_logo(text, &LogoTheme::All).await);
}

async fn backgrounds(client: &Client, table: &mut Table) {
    table.empty("list backgrounds", client.backgrounds(PageRequest::FIRST).await);
    let background = table.whole("create background", client.create_background(jpeg(1280)).await);
    let address = format!("/backgrounds/{}", background.alias.as_str());
    assert!(background.url.as_deref().is_some_and(|url| url.ends_with(&address)));
    let other = client.create_background(jpeg(1300)).await.unwrap();
    let listed = table.whole("list backgrounds", client.backgrounds(PageRequest::FIRST).await);
    assert_eq!(listed.items.len(), 2);
    let choose = CompanyUpdate { background_alias: Some(background.alias.clone()), ..CompanyUpdate::default() };
    let company = client.update_company(&choose).await.unwrap().unwrap();
    assert_eq!(company.default_background, Some(DefaultBackground::Background(background.clone())));
    table.whole("delete background", client.delete_background(&background.alias).await);
    assert_eq!(client.company().await.unwrap().default_background, None);
    let unknown: BackgroundAlias = "3e4d0683d78be3a884b7a60028644f57".into();
    refused("background", "background_not_found", client.delete_background(&unknown).await);
    refused("background", "wrong_file_dimension", client.create_background(jpeg(1279)).await);
    for _ in 0..9 {
        client.create_background(jpeg(1280)).await.unwrap();
    }
    refused("background", "exceeded_background_limit", client.create_background(jpeg(1280)).await);
    client.delete_background(&other.alias).await.unwrap();
}

async fn recordings(client: &Client, table: &mut Table) {
    let filter = EncryptionKeyFilter::default();
    table.empty("list encryption keys", client.encryption_keys(filter, PageRequest::FIRST).await);
    let digits = format!("MIIB{}==", "A".repeat(118));
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{digits}\n-----END PUBLIC KEY-----\n");
    let key = table.whole("create encryption key", client.create_encryption_key(&pem).await);
    assert_eq!(table.whole("get encryption key", client.encryption_key(&key.id).await), key);
    let keys = table.whole("list encryption keys", client.encryption_keys(filter, PageRequest::FIRST).await);
    assert_eq!(keys.items, std::slice::from_ref(&key));
    refused("key", "invalid_public_key_error", client.create_encryption_key("no key").await);
    refused("key", "invalid_key_error", client.encryption_key(&"pk_none".into()).await);

    let settings = table.whole("get recording settings", client.recording_settings().await);
    assert_eq!((settings.retention_days, settings.encryption_key_id), (Some(15), None));
    let update = RecordingSettingsUpdate {
        retention_days: Some(30),
        compression: false,
        encryption_key_id: Change::Set(key.id.clone()),
    };
    let settings = table.whole("update recording settings", client.update_recording_settings(&update).await).unwrap();
    assert_eq!((settings.retention_days, settings.compression), (Some(30), Some(false)));
    assert_eq!(settings.encryption_key_id, Some(key.id));
    let wrong = RecordingSettingsUpdate { retention_days: Some(31), ..update.clone() };
    refused("settings", "retention_not_allowed", client.update_recording_settings(&wrong).await);
    let wrong = RecordingSettingsUpdate { encryption_key_id: Change::Set("pk_none".into()), ..update };
    refused("settings", "invalid_key_error", client.update_recording_settings(&wrong).await);
}

async fn tags(client: &Client, table: &mut Table) {
    let tags: Vec<Tag> = vec!["x-ray".into(), "blood.test".into()];
    table.whole("add tags", client.add_tags(&tags).await);
    client.add_tags(&tags[..1]).await.unwrap();
    let listed = table.whole("list tags", client.tags(PageRequest::FIRST).await);
    assert_eq!(listed.items.len(), 2);
    table.whole("remove tag", client.remove_tag(&tags[0]).await);
    assert_eq!(client.tags(PageRequest::FIRST).await.unwrap().items[0].tag, tags[1]);
    refused("tags", "invalid_tags", client.add_tags(&["a b".into()]).await);
    refused("tags", "invalid_tags", client.add_tags(&[]).await);
}

pub async fn v2(client: &Client, table: &mut Table) {
    assert_eq!(client.version(), Version::V2);
    let all = table.whole("get translations", client.translations().await);
    assert_eq!(all, serde_json::json!({}));
    let texts = File {
        name: "it.json".to_owned(),
        media_type: "application/json".to_owned(),
        bytes: r#"{"join":"Entra"}"#.into(),
    };
    table.whole("update translation", client.update_translation(&"it".into(), texts.clone()).await);
    assert_eq!(client.translations().await.unwrap(), serde_json::json!({"it": {"join": "Entra"}}));
    table.whole("delete translation", client.delete_translation(&"it".into()).await);
    assert_eq!(client.translations().await.unwrap(), serde_json::json!({}));
    let garbage = File { bytes: "{".into(), ..texts };
    refused("translation", "invalid_file", client.update_translation(&"it".into(), garbage).await);

    table.empty("list webhooks", client.webhooks(PageRequest::FIRST).await);
    let target = WebhookTarget {
        url: "https://clinic.example/hook".to_owned(),
        event: "on_room_created".into(),
        version: PayloadVersion::V1,
    };
    let webhook = table.whole("create webhook", client.create_webhook(&target).await);
    assert_eq!(webhook.event, Some(target.event.clone()));
    assert_eq!(table.whole("get webhook", client.webhook(&webhook.id).await), webhook);
    let other = WebhookTarget { event: "on_call_ended".into(), version: PayloadVersion::V0, ..target.clone() };
    let updated = table.whole("update webhook", client.update_webhook(&webhook.id, &other).await).unwrap();
    assert_eq!((&updated.id, &updated.version), (&webhook.id, &Some(PayloadVersion::V0)));
    let listed = table.whole("list webhooks", client.webhooks(PageRequest::FIRST).await);
    assert_eq!(listed.items, [updated]);
    table.whole("delete webhook", client.delete_webhook(&webhook.id).await);
    refused("webhook", "webhook_not_found", client.webhook(&webhook.id).await);
    for (target, code) in [
        (WebhookTarget { url: "clinic".to_owned(), ..target.clone() }, "invalid_webhook_url"),
        (WebhookTarget { event: "on_rain".into(), ..target.clone() }, "invalid_webhook_event"),
        (WebhookTarget { version: PayloadVersion::V2, ..target }, "invalid_webhook_version"),
    ] {
        refused(code, code, client.create_webhook(&target).await);
    }
}

pub async fn v1(client: &Client, table: &mut Table) {
    assert_eq!(client.version(), Version::V1);
    table.empty("list hooks", client.hooks(HookVersion::V1).await);
    let url = "https://clinic.example/hook";
    let events = ["on_room_created".into(), "on_room_deleted".into()];
    let hooks = table.whole("configure hooks", client.configure_hooks(HookVersion::V1, url, &events).await);
    assert_eq!(hooks.len(), 2);
    client.configure_hooks(HookVersion::V0, url, &["on_call_ended".into()]).await.unwrap();
    client.configure_hooks(HookVersion::V1, url, &events[..1]).await.unwrap();
    let hooks = table.whole("list hooks", client.hooks(HookVersion::V1).await);
    assert_eq!(hooks.len(), 1, "what is left out is removed");
    assert_eq!((hooks[0].url.as_str(), &hooks[0].event), (url, &events[0]));
    assert_eq!(client.hooks(HookVersion::V0).await.unwrap().len(), 1, "each version has its own");
}
