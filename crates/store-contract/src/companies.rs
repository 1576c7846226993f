//! The promises of [`CompanyStore`]: one function each, over any store that is empty of what it makes.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

use domain::Language;
use ports::{
    company::{
        Addition, BackgroundAlias, Colour, CompanySettings, CompanyStore, Item, ItemEntry, ItemKey, ItemKind,
        PayloadVersion, ThemeColours, WEBHOOKS_MAX, Webhook, WebhookId,
    },
    rooms::CompanyId,
    teleconsultations::{StoreError, Version},
};

use crate::rooms::at;

/// Calls every promise.
pub async fn all(store: &dyn CompanyStore) {
    settings_are_replaced_only_by_whoever_read_them(store).await;
    settings_name_only_what_is_there(store).await;
    the_default_background_goes_with_its_picture(store).await;
    items_are_added_once_and_up_to_a_limit(store).await;
    items_are_replaced_and_removed(store).await;
    items_are_listed_newest_first_and_in_parts(store).await;
    webhooks_are_added_changed_and_removed(store).await;
    webhooks_of_one_version_are_replaced_as_a_whole(store).await;
    webhooks_have_a_limit(store).await;
}

/// A company that has set nothing has the defaults; each company has its own; of two who decided on one version, one writes.
pub async fn settings_are_replaced_only_by_whoever_read_them(store: &dyn CompanyStore) {
    let (company, other) = (company("settings"), company("other settings"));
    assert_eq!(store.settings(&company).await.unwrap(), (CompanySettings::default(), Version(0)));
    let settings = CompanySettings {
        name: Some("Clinica «Zoë»".to_owned()),
        default_language: Language::parse("it").ok(),
        end_call_redirect_url: Some("https://clinic.example/bye".to_owned()),
        end_call_redirect_timeout_ms: 60_000,
        user_details_provider_url: Some("https://clinic.example/names".to_owned()),
        light: ThemeColours { primary: None, accent: Some(Colour([0, 127, 255])) },
        ..CompanySettings::default()
    };
    let first = store.replace_settings(&company, &settings, Version(0)).await.unwrap();
    assert_eq!(store.settings(&company).await.unwrap(), (settings.clone(), first));
    let late = store.replace_settings(&company, &CompanySettings::default(), Version(0)).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(store.settings(&other).await.unwrap(), (CompanySettings::default(), Version(0)));
    let changed = CompanySettings { name: None, ..settings };
    let second = store.replace_settings(&company, &changed, first).await.unwrap();
    assert!(second > first);
    assert_eq!(store.settings(&company).await.unwrap(), (changed, second));
}

/// Neither a background nor a key that is not there, or another company's, can be chosen.
pub async fn settings_name_only_what_is_there(store: &dyn CompanyStore) {
    let (company, other) = (company("names"), company("others' names"));
    let alias = BackgroundAlias::new([1; 16]);
    let background = CompanySettings { default_background: Some(alias.clone()), ..CompanySettings::default() };
    let mut encrypted = CompanySettings::default();
    encrypted.recording.encryption_key = Some("pk_1".to_owned());
    store.put_item(&other, &ItemKey::background(&alias), &item("b", 1)).await.unwrap();
    for settings in [&background, &encrypted] {
        let chosen = store.replace_settings(&company, settings, Version(0)).await;
        assert!(matches!(chosen, Err(StoreError::Conflict)));
    }
    store.put_item(&company, &ItemKey::background(&alias), &item("b", 1)).await.unwrap();
    store.put_item(&company, &ItemKey::new(ItemKind::EncryptionKey, "pk_1"), &item("k", 1)).await.unwrap();
    let both = CompanySettings { default_background: Some(alias), ..encrypted };
    store.replace_settings(&company, &both, Version(0)).await.unwrap();
    assert_eq!(store.settings(&company).await.unwrap().0, both);
}

/// And whoever read the settings before must read them again.
pub async fn the_default_background_goes_with_its_picture(store: &dyn CompanyStore) {
    let company = company("default");
    let (chosen, other) = (BackgroundAlias::new([2; 16]), BackgroundAlias::new([3; 16]));
    for alias in [&chosen, &other] {
        store.put_item(&company, &ItemKey::background(alias), &item("b", 1)).await.unwrap();
    }
    let settings = CompanySettings {
        default_background: Some(chosen.clone()),
        name: Some("Clinic".to_owned()),
        ..CompanySettings::default()
    };
    let version = store.replace_settings(&company, &settings, Version(0)).await.unwrap();
    assert!(store.remove_item(&company, &ItemKey::background(&other)).await.unwrap());
    assert_eq!(store.settings(&company).await.unwrap(), (settings.clone(), version));
    assert!(store.remove_item(&company, &ItemKey::background(&chosen)).await.unwrap());
    let (left, after) = store.settings(&company).await.unwrap();
    assert_eq!(left, CompanySettings { default_background: None, ..settings.clone() });
    assert!(after > version);
    assert!(matches!(store.replace_settings(&company, &settings, version).await, Err(StoreError::Conflict)));
}

/// Each kind and company has its own names and its own limit.
pub async fn items_are_added_once_and_up_to_a_limit(store: &dyn CompanyStore) {
    let (company, other) = (company("added"), company("added elsewhere"));
    let tag = |name: &str| ItemKey::new(ItemKind::Tag, name);
    assert_eq!(store.add_item(&company, &tag("a"), &item("first", 1), 2).await.unwrap(), Addition::Added);
    assert_eq!(store.add_item(&company, &tag("a"), &item("second", 2), 2).await.unwrap(), Addition::Exists);
    assert_eq!(store.item(&company, &tag("a")).await.unwrap(), Some(item("first", 1)));
    assert_eq!(store.add_item(&company, &tag("b"), &item("", 1), 2).await.unwrap(), Addition::Added);
    assert_eq!(store.add_item(&company, &tag("c"), &item("", 1), 2).await.unwrap(), Addition::Full);
    assert_eq!(store.add_item(&company, &tag("a"), &item("", 1), 2).await.unwrap(), Addition::Exists);
    assert_eq!(store.item(&company, &tag("c")).await.unwrap(), None);
    assert_eq!(store.add_item(&other, &tag("c"), &item("", 1), 2).await.unwrap(), Addition::Added);
    let avatar = ItemKey::new(ItemKind::Avatar, "a");
    assert_eq!(store.add_item(&company, &avatar, &item("", 1), 1).await.unwrap(), Addition::Added);
    assert!(store.remove_item(&company, &tag("a")).await.unwrap());
    assert_eq!(store.add_item(&company, &tag("c"), &item("", 1), 2).await.unwrap(), Addition::Added);
}

/// Every byte is kept.
pub async fn items_are_replaced_and_removed(store: &dyn CompanyStore) {
    let company = company("replaced");
    let key = ItemKey::new(ItemKind::Logo, "light");
    assert_eq!(store.item(&company, &key).await.unwrap(), None);
    assert!(!store.remove_item(&company, &key).await.unwrap());
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(100_000).collect();
    let picture = Item { media_type: "image/png".to_owned(), bytes: every_byte.into(), created: at(1) };
    for item in [item("old", 0), picture] {
        store.put_item(&company, &key, &item).await.unwrap();
        assert_eq!(store.item(&company, &key).await.unwrap(), Some(item));
    }
    assert_eq!(store.item(&company, &ItemKey::new(ItemKind::Logo, "dark")).await.unwrap(), None);
    assert!(store.remove_item(&company, &key).await.unwrap());
    assert_eq!(store.item(&company, &key).await.unwrap(), None);
}

/// Those of one moment by name.
pub async fn items_are_listed_newest_first_and_in_parts(store: &dyn CompanyStore) {
    let (company, other) = (company("listed"), company("listed elsewhere"));
    for (name, created) in [("b", 1), ("d", 2), ("a", 1), ("c", 3)] {
        store.put_item(&company, &ItemKey::new(ItemKind::Tag, name), &item("", created)).await.unwrap();
    }
    store.put_item(&company, &ItemKey::new(ItemKind::Avatar, "e"), &item("", 9)).await.unwrap();
    store.put_item(&other, &ItemKey::new(ItemKind::Tag, "f"), &item("", 9)).await.unwrap();
    let names = |entries: Vec<ItemEntry>| entries.into_iter().map(|entry| entry.key.name).collect::<Vec<_>>();
    let list = async |offset, limit| names(store.items(&company, ItemKind::Tag, offset, limit).await.unwrap());
    assert_eq!(list(0, 10).await, ["c", "d", "a", "b"]);
    assert_eq!(list(1, 2).await, ["d", "a"]);
    assert_eq!(list(4, 2).await, Vec::<String>::new());
    let asked = ["b", "z", "c"].map(|name| ItemKey::new(ItemKind::Tag, name));
    let mut found = store.entries(&company, &asked).await.unwrap();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let expected = [("b", 1), ("c", 3)]
        .map(|(name, created)| ItemEntry { key: ItemKey::new(ItemKind::Tag, name), created: at(created) });
    assert_eq!(found, expected);
}

/// The oldest come first; a webhook keeps its id and the moment it was made.
pub async fn webhooks_are_added_changed_and_removed(store: &dyn CompanyStore) {
    let (company, other) = (company("hooks"), company("others' hooks"));
    let (old, new) = (webhook("wh_b", "on_room_created", 1), webhook("wh_a", "on_room_deleted", 2));
    assert!(store.add_webhooks(&company, &[new.clone(), old.clone()]).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [old.clone(), new.clone()]);
    assert_eq!(store.webhooks(&other).await.unwrap(), []);
    let again = store.add_webhooks(&company, &[webhook("wh_c", "on_room_created", 3), old.clone()]).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert_eq!(store.webhooks(&company).await.unwrap(), [old.clone(), new.clone()], "all or none");

    let changed = Webhook {
        event: "on_call_ended".to_owned(),
        url: "https://elsewhere.example/".to_owned(),
        version: PayloadVersion::V0,
        ..old.clone()
    };
    let sent = Webhook { created: at(77), ..changed.clone() };
    assert!(store.replace_webhook(&company, &sent).await.unwrap());
    assert!(!store.replace_webhook(&other, &sent).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [changed, new.clone()]);
    assert!(store.remove_webhook(&company, &old.id).await.unwrap());
    assert!(!store.remove_webhook(&company, &old.id).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [new]);
}

/// The other version's stay.
pub async fn webhooks_of_one_version_are_replaced_as_a_whole(store: &dyn CompanyStore) {
    let company = company("sets");
    let v0 = |id, created| Webhook { version: PayloadVersion::V0, ..webhook(id, "on_call_ended", created) };
    let v1 = webhook("wh_1", "on_room_created", 2);
    assert!(store.set_webhooks(&company, PayloadVersion::V0, &[v0("wh_2", 1), v0("wh_3", 1)]).await.unwrap());
    assert!(store.set_webhooks(&company, PayloadVersion::V1, std::slice::from_ref(&v1)).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [v0("wh_2", 1), v0("wh_3", 1), v1.clone()]);
    assert!(store.set_webhooks(&company, PayloadVersion::V0, &[v0("wh_4", 3)]).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [v1.clone(), v0("wh_4", 3)]);
    let taken = Webhook { id: v1.id.clone(), ..v0("", 4) };
    let conflict = store.set_webhooks(&company, PayloadVersion::V0, &[taken]).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)));
    assert_eq!(store.webhooks(&company).await.unwrap(), [v1.clone(), v0("wh_4", 3)]);
    assert!(store.set_webhooks(&company, PayloadVersion::V0, &[]).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap(), [v1]);
}

/// What would exceed it changes nothing.
pub async fn webhooks_have_a_limit(store: &dyn CompanyStore) {
    let company = company("many");
    let many: Vec<_> = (0..WEBHOOKS_MAX).map(|n| webhook(&format!("wh_{n}"), "on_room_created", 1)).collect();
    assert!(store.add_webhooks(&company, &many).await.unwrap());
    assert!(!store.add_webhooks(&company, &[webhook("one more", "on_room_created", 1)]).await.unwrap());
    let v0 = Webhook { version: PayloadVersion::V0, ..webhook("another", "on_room_created", 1) };
    assert!(!store.set_webhooks(&company, PayloadVersion::V0, &[v0]).await.unwrap());
    assert_eq!(store.webhooks(&company).await.unwrap().len(), many.len());
    assert!(store.set_webhooks(&company, PayloadVersion::V1, &many).await.unwrap(), "those that go make room");
}

fn company(name: &str) -> CompanyId {
    CompanyId(format!("company of {name}"))
}

fn item(text: &str, created: i64) -> Item {
    Item { media_type: "text/plain".to_owned(), bytes: text.as_bytes().into(), created: at(created) }
}

fn webhook(id: &str, event: &str, created: i64) -> Webhook {
    Webhook {
        id: WebhookId(id.to_owned()),
        event: event.to_owned(),
        url: format!("https://hooks.example/{id}"),
        version: PayloadVersion::V1,
        created: at(created),
    }
}
