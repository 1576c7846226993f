//! Company, theme, backgrounds, translations, recording settings, encryption keys (contract §6.4, §7.1, §7.7, §7.8, §12).

use jiff::Timestamp;
use kaleyra_video::{
    Change, CompanyUpdate, DefaultBackground, EncryptionKeyFilter, LogoTheme, PageRequest, RecordingSettingsUpdate,
    ThemeColors, ThemeUpdate,
};

use crate::service::{form, image, operation};

const COMPANY: &str = r#"{"name":"Acme","default_language":"it","logos":{"light_url":"https://h/l.png","dark_url":null},
    "default_background":{"alias":"b1","url":"https://h/b.jpg","creation_date":"2020-12-23T15:14:16.000"},
    "end_call_redirect_url":null,"end_call_redirect_timeout_ms":3000,"user_details_provider_url":"https://h/names","new":{}}"#;

fn update() -> CompanyUpdate {
    CompanyUpdate {
        name: Some("Acme".to_owned()),
        background_alias: Some("b1".into()),
        end_call_redirect_url: Change::Clear,
        end_call_redirect_timeout_ms: Some(0),
        ..CompanyUpdate::default()
    }
}

const UPDATE: &str =
    r#"{"name":"Acme","background_alias":"b1","end_call_redirect_url":null,"end_call_redirect_timeout_ms":0}"#;

operation!(get_company, "v2", "GET /v2/company", "", COMPANY, |client| client.company(), |company| {
    assert_eq!(company.name.as_deref(), Some("Acme"));
    assert_eq!(company.default_language, Some("it".into()));
    assert_eq!(company.logos.light_url.as_deref(), Some("https://h/l.png"));
    assert_eq!(company.end_call_redirect_url, None);
    assert_eq!(company.end_call_redirect_timeout_ms, Some(3000));
    assert_eq!(company.user_details_provider_url.as_deref(), Some("https://h/names"));
    let Some(DefaultBackground::Background(background)) = company.default_background else { panic!("no background") };
    assert_eq!(background.alias.as_str(), "b1");
    assert_eq!(background.creation_date, Some("2020-12-23T15:14:16Z".parse::<Timestamp>().unwrap()));
});

operation!(
    get_company_v1,
    "rest",
    "GET /rest/company",
    "",
    r#"{"company":{"name":"Acme","default_background":"b1"}}"#,
    |client| client.company(),
    |company| {
        assert_eq!(company.name.as_deref(), Some("Acme"));
        assert_eq!(company.default_background, Some(DefaultBackground::Text("b1".to_owned())));
    }
);

operation!(
    update_company,
    "v2",
    "PUT /v2/company",
    UPDATE,
    COMPANY,
    |client| client.update_company(&update()),
    |company| {
        assert_eq!(company.unwrap().name.as_deref(), Some("Acme"));
    }
);

operation!(
    update_company_v1,
    "rest",
    "POST /rest/company/update",
    UPDATE,
    r#"{"company":{"name":"Acme","default_background":{"background_alias":"b1","url":"u","creation_date":""}}}"#,
    |client| client.update_company(&update()),
    |company| assert_eq!(company.unwrap().name.as_deref(), Some("Acme"))
);

operation!(
    an_update_may_be_answered_with_nothing,
    "v2",
    "PUT /v2/company",
    "{}",
    "",
    |client| client.update_company(&CompanyUpdate::default()),
    |company| assert_eq!(company, None)
);

const THEME: &str = r##"{"light":{"primary_color":"#009fe3","accent_color":"#009fe3"},"dark":null}"##;

fn colors() -> ThemeColors {
    ThemeColors { primary_color: Some("#009fe3".to_owned()), accent_color: Some("#009fe3".to_owned()) }
}

fn theme_update() -> ThemeUpdate {
    ThemeUpdate { light: Change::Set(colors()), dark: Change::Clear }
}

operation!(get_theme, "v2", "GET /v2/company/theme", "", THEME, |client| client.theme(), |theme| {
    assert_eq!(theme.light, Some(colors()));
    assert_eq!(theme.dark, None);
});

operation!(
    get_theme_v1,
    "rest",
    "GET /rest/company/theme",
    "",
    &format!(r#"{{"theme":{THEME}}}"#),
    |client| client.theme(),
    |theme| assert_eq!(theme.light, Some(colors()))
);

operation!(
    update_theme,
    "v2",
    "PUT /v2/company/theme",
    THEME,
    THEME,
    |client| client.update_theme(&theme_update()),
    |theme| assert_eq!(theme.unwrap().light, Some(colors()))
);

operation!(
    update_theme_v1,
    "rest",
    "POST /rest/company/theme",
    r##"{"dark":{"accent_color":"#000000"}}"##,
    &format!(r#"{{"theme":{THEME}}}"#),
    |client| client.update_theme(&ThemeUpdate {
        light: Change::Keep,
        dark: Change::Set(ThemeColors { primary_color: None, accent_color: Some("#000000".to_owned()) }),
    }),
    |theme| assert!(theme.is_some())
);

operation!(
    update_logo,
    "v2",
    "PUT /v2/company/theme/logo",
    &form("logo", &image(), &[("theme", "dark")]),
    r#"{"logos":{"light_url":"l","dark_url":"d"}}"#,
    |client| client.update_logo(image(), &LogoTheme::Dark),
    |logos| assert_eq!(logos.unwrap().dark_url.as_deref(), Some("d"))
);

operation!(
    update_logo_v1,
    "rest",
    "POST /rest/company/logo/update",
    &form("logo", &image(), &[("theme", "all")]),
    r#"{"logo_url":"l","logo_dark_url":"d"}"#,
    |client| client.update_logo(image(), &LogoTheme::All),
    |logos| assert_eq!(logos.unwrap().light_url.as_deref(), Some("l"))
);

operation!(
    list_backgrounds,
    "v2",
    "GET /v2/company/virtual-backgrounds?offset=0&limit=100",
    "",
    r#"{"virtual_backgrounds":[{"alias":"b1","background_alias":"b1"}],"offset":0,"limit":100,"count":1,"has_more":false}"#,
    |client| client.backgrounds(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].alias.as_str(), "b1")
);

operation!(
    list_backgrounds_v1,
    "rest",
    "GET /rest/company/virtual-backgrounds",
    "",
    r#"{"virtual_backgrounds":{"default_background":{"alias":"b1"},"backgrounds":[{"alias":"b1"},{"background_alias":"b2"}]}}"#,
    |client| client.backgrounds(PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[1].alias.as_str(), "b2");
        assert!(!page.has_more);
    }
);

operation!(
    create_background,
    "v2",
    "POST /v2/company/virtual-background",
    &form("virtual_background", &image(), &[]),
    r#"{"alias":"b1","url":"https://h/b.jpg","creation_date":"2020-12-23T15:14:16.000"}"#,
    |client| client.create_background(image()),
    |background| assert_eq!(background.alias.as_str(), "b1")
);

operation!(
    create_background_v1,
    "rest",
    "POST /rest/company/virtual-background",
    &form("virtual_background", &image(), &[]),
    r#"{"virtual_background":{"background_alias":"b1","url":"https://h/b.jpg"}}"#,
    |client| client.create_background(image()),
    |background| assert_eq!(background.alias.as_str(), "b1")
);

operation!(
    delete_background,
    "v2",
    "DELETE /v2/company/virtual-background",
    r#"{"background_alias":"b1"}"#,
    "",
    |client| client.delete_background(&"b1".into())
);

operation!(
    delete_background_v1,
    "rest",
    "DELETE /rest/company/virtual-background",
    r#"{"background_alias":"b1"}"#,
    "whatever",
    |client| client.delete_background(&"b1".into())
);

operation!(
    get_translations,
    "v2",
    "GET /v2/company/translations",
    "",
    r#"{"en":{"a":"b"}}"#,
    |client| client.translations(),
    |texts| assert_eq!(texts["en"]["a"], "b")
);

operation!(
    update_translation,
    "v2",
    "PUT /v2/company/translations/en",
    &form("translation", &image(), &[]),
    "",
    |client| client.update_translation(&"en".into(), image())
);

operation!(delete_translation, "v2", "DELETE /v2/company/translations/en", "", "", |client| client
    .delete_translation(&"en".into()));

const SETTINGS: &str = r#"{"retention_days":15,"compression":true,"encryption_key_id":null}"#;

fn settings_update() -> RecordingSettingsUpdate {
    RecordingSettingsUpdate {
        retention_days: Some(30),
        compression: true,
        encryption_key_id: Change::Set("pk_1".into()),
    }
}

const SETTINGS_UPDATE: &str = r#"{"retention_days":30,"compression":true,"encryption_key_id":"pk_1"}"#;

operation!(
    get_recording_settings,
    "v2",
    "GET /v2/company/recording-settings",
    "",
    SETTINGS,
    |client| client.recording_settings(),
    |settings| {
        assert_eq!(settings.retention_days, Some(15));
        assert_eq!(settings.compression, Some(true));
        assert_eq!(settings.encryption_key_id, None);
    }
);

operation!(
    get_recording_settings_v1,
    "rest",
    "GET /rest/recording/config",
    "",
    SETTINGS,
    |client| client.recording_settings(),
    |settings| assert_eq!(settings.retention_days, Some(15))
);

operation!(
    update_recording_settings,
    "v2",
    "PUT /v2/company/recording-settings",
    SETTINGS_UPDATE,
    SETTINGS_UPDATE,
    |client| client.update_recording_settings(&settings_update()),
    |settings| assert_eq!(settings.unwrap().encryption_key_id, Some("pk_1".into()))
);

operation!(
    update_recording_settings_v1,
    "rest",
    "POST /rest/recording/config",
    SETTINGS_UPDATE,
    SETTINGS_UPDATE,
    |client| client.update_recording_settings(&settings_update()),
    |settings| assert_eq!(settings.unwrap().retention_days, Some(30))
);

fn this_year() -> EncryptionKeyFilter {
    EncryptionKeyFilter { after: Some("2026-01-01T00:00:00Z".parse().unwrap()), before: None }
}

operation!(
    list_encryption_keys,
    "v2",
    "GET /v2/company/encryption-keys?start_date=2026-01-01T00%3A00%3A00.000Z&offset=0&limit=100",
    "",
    r#"{"keys":[{"key_id":"pk_1","creation_date":"2020-05-08T15:14:16.000Z"}],"has_more":false}"#,
    |client| client.encryption_keys(this_year(), PageRequest::FIRST),
    |page| assert_eq!(page.items[0].id.as_str(), "pk_1")
);

operation!(
    list_encryption_keys_v1,
    "rest",
    "GET /rest/key/list?skip=0&limit=100",
    "",
    r#"{"skip":0,"limit":100,"has_more":false,"count":0,"keys":[]}"#,
    |client| client.encryption_keys(EncryptionKeyFilter::default(), PageRequest::FIRST),
    |page| assert!(page.items.is_empty())
);

operation!(
    create_encryption_key,
    "v2",
    "POST /v2/company/encryption-keys",
    r#"{"public_key":"-----BEGIN PUBLIC KEY-----\nAA\n"}"#,
    r#"{"id":"pk_1","creation_date":"2020-05-08T15:14:16.000Z"}"#,
    |client| client.create_encryption_key("-----BEGIN PUBLIC KEY-----\nAA\n"),
    |key| assert_eq!(key.id.as_str(), "pk_1")
);

operation!(
    create_encryption_key_v1,
    "rest",
    "POST /rest/key/create",
    r#"{"public_key":"AA"}"#,
    r#"{"key_id":"pk_1","creation_date":"2020-05-08T15:14:16.000Z"}"#,
    |client| client.create_encryption_key("AA"),
    |key| assert_eq!(key.id.as_str(), "pk_1")
);

operation!(
    get_encryption_key,
    "v2",
    "GET /v2/company/encryption-keys/pk_1",
    "",
    r#"{"key_id":"pk_1"}"#,
    |client| client.encryption_key(&"pk_1".into()),
    |key| assert_eq!(key.creation_date, None)
);

operation!(
    get_encryption_key_v1,
    "rest",
    "GET /rest/key/pk_1",
    "",
    r#"{"key_id":"pk_1"}"#,
    |client| client.encryption_key(&"pk_1".into()),
    |key| assert_eq!(key.id.as_str(), "pk_1")
);
