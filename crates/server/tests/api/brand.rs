//! The colours and logos of pages: what the company has set, and where it has not, the configuration file's.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use jiff::SignedDuration;
use ports::{
    Clock as _,
    company::{Colour as Set, CompanySettings, CompanyStore, Item, ItemKey, ItemKind, ThemeColours},
    fake::{FakeClock, rooms::FakeRooms},
    rooms::CompanyId,
};
use teleconsultation_server::http::{
    brand::{Brand, Colour, Palette},
    live_brand::{CompanyBrand, LiveBrand},
};

use crate::support::{Api, NOW};

const PAGE: &str = "/call";
const LINK: &str = "<link rel=\"stylesheet\" href=\"/brand.css\" /></head>";

struct Company {
    store: Arc<FakeRooms>,
    clock: Arc<FakeClock>,
    changed: Arc<AtomicBool>,
    api: Api,
}

impl Company {
    fn id() -> CompanyId {
        CompanyId("default".to_owned())
    }

    fn with(configured: Brand) -> Self {
        let (store, clock) = (Arc::new(FakeRooms::new()), Arc::new(FakeClock::new(NOW.parse().unwrap())));
        let changed = Arc::new(AtomicBool::new(false));
        let brand = LiveBrand::of_company(
            configured,
            CompanyBrand {
                companies: store.clone(),
                company: Self::id(),
                changed: changed.clone(),
                logo_path: Box::new(|item| format!("/files/{}", item.name)),
                clock: clock.clone(),
            },
        );
        Self { store, clock, changed, api: Api::with_brand(brand) }
    }

    /// Changes the settings without a word.
    async fn set(&self, light: ThemeColours) {
        let (settings, version) = self.store.settings(&Self::id()).await.unwrap();
        let settings = CompanySettings { light, ..settings };
        self.store.replace_settings(&Self::id(), &settings, version).await.unwrap();
    }

    async fn set_logo(&self, theme: &str) {
        let item = Item { media_type: "image/png".to_owned(), bytes: [1][..].into(), created: self.clock.now() };
        self.store.put_item(&Self::id(), &ItemKey::new(ItemKind::Logo, theme), &item).await.unwrap();
    }

    fn says_so(&self) {
        self.changed.store(true, Ordering::Release);
    }

    /// The style sheet, which a page has if there is one.
    async fn style_sheet(&self) -> Option<String> {
        let answer = self.api.call_bare("GET", "/brand.css").await;
        let page = self.api.call_bare("GET", PAGE).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body.contains(LINK), answer.status == 200);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("img-src 'self' data: blob:;"), "{policy}");
        (answer.status == 200).then_some(answer.body)
    }
}

fn colours(primary: Option<[u8; 3]>, accent: Option<[u8; 3]>) -> ThemeColours {
    ThemeColours { primary: primary.map(Set), accent: accent.map(Set) }
}

#[tokio::test]
async fn what_the_company_sets_is_shown_and_what_it_takes_back_is_not() {
    let company = Company::with(Brand::default());
    assert_eq!(company.style_sheet().await, None);

    company.set(colours(None, Some([0x48, 0x0c, 0xa8]))).await;
    company.says_so();
    let shown = company.style_sheet().await.unwrap();
    assert!(shown.contains("--primary: light-dark(#480ca8, #63cbd6);"), "{shown}");

    company.set_logo("light").await;
    company.says_so();
    let shown = company.style_sheet().await.unwrap();
    assert!(shown.contains("url(\"/files/light?v=1767261600000\")"), "{shown}");

    company.set(ThemeColours::default()).await;
    company.store.remove_item(&Company::id(), &ItemKey::new(ItemKind::Logo, "light")).await.unwrap();
    company.says_so();
    assert_eq!(company.style_sheet().await, None);
}

#[tokio::test]
async fn each_colour_that_is_not_set_is_the_configuration_files() {
    let colour = |text| Some(Colour::parse(text).unwrap());
    let light = Palette { primary: colour("#fffffe"), accent: colour("#d62828") };
    let dark = Palette { primary: colour("#003049"), accent: None };
    let logo = Some("data:image/png;base64,AA".parse().unwrap());
    let company = Company::with(Brand { light, dark, logo });
    let configured = company.style_sheet().await.unwrap();
    assert!(configured.contains("--page: light-dark(#fffffe, #003049);"), "{configured}");

    company.set(colours(Some([0xff; 3]), None)).await;
    company.set_logo("dark").await;
    company.says_so();
    let shown = company.style_sheet().await.unwrap();
    assert!(shown.contains("--page: light-dark(#ffffff, #003049);"), "{shown}");
    assert!(shown.contains("--primary: light-dark(#d62828, "), "{shown}");
    assert!(shown.contains("url(\"data:image/png;base64,AA\")") && shown.contains("url(\"/files/dark?v="), "{shown}");

    company.set(ThemeColours::default()).await;
    company.store.remove_item(&Company::id(), &ItemKey::new(ItemKind::Logo, "dark")).await.unwrap();
    company.says_so();
    assert_eq!(company.style_sheet().await, Some(configured));
}

#[tokio::test]
async fn the_store_is_not_asked_for_every_page_and_a_change_that_nobody_spoke_of_is_seen_after_a_minute() {
    let company = Company::with(Brand::default());
    assert_eq!(company.style_sheet().await, None);
    company.set(colours(None, Some([0; 3]))).await;
    company.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(company.style_sheet().await, None, "it was not read again");
    company.clock.advance(SignedDuration::from_secs(1));
    assert!(company.style_sheet().await.is_some());
}

#[tokio::test]
async fn colours_on_which_nothing_can_be_read_are_not_used() {
    let company = Company::with(Brand::default());
    company.set(colours(Some([0x80; 3]), None)).await;
    company.says_so();
    let shown = company.style_sheet().await.unwrap();
    assert!(shown.contains("--page: light-dark(#f3f7f8, #0e1619);"), "{shown}");
}
