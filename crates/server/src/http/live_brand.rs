//! The brand that pages show: what the company has set through the video service's API (`kaleyra-video-api.md` §12.1, §12.2), and where
//! that leaves something open, what the configuration file says (contract §8.2).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use ports::{
    Clock,
    company::{CompanySettings, CompanyStore, ItemEntry, ItemKey, ItemKind, ThemeColours},
    rooms::CompanyId,
    teleconsultations::StoreError,
};
use tokio::sync::Mutex;

use super::brand::{Brand, Colour, Logos, Palette, style_sheet};

/// After which time it is read again although nobody said that it has changed: a change whose request was given up may have been made all
/// the same.
const AGE_MAX: SignedDuration = SignedDuration::from_mins(1);

/// How long a page waits for it. Then it is shown as it was known last: a page must not depend on the store.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Where the company keeps what it has set.
pub struct CompanyBrand {
    /// The store of it.
    pub companies: Arc<dyn CompanyStore>,
    /// Whose.
    pub company: CompanyId,
    /// Said to be true by whoever changes it.
    pub changed: Arc<AtomicBool>,
    /// Gives the path of a logo on the pages' own origin.
    pub logo_path: Box<dyn Fn(&ItemKey) -> String + Send + Sync>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// The brand that pages show.
pub struct LiveBrand {
    configured: Brand,
    source: Option<CompanyBrand>,
    known: Mutex<Known>,
}

struct Known {
    style_sheet: Option<Arc<str>>,
    read: Option<Timestamp>,
}

impl LiveBrand {
    /// The brand of the configuration file alone.
    pub fn configured(brand: Brand) -> Self {
        let style_sheet = style_sheet(&brand, &Logos::configured(&brand));
        let known = Known { style_sheet: style_sheet.map(Arc::from), read: None };
        Self { configured: brand, source: None, known: Mutex::new(known) }
    }

    /// That, where the company has set nothing.
    pub fn of_company(brand: Brand, source: CompanyBrand) -> Self {
        Self { source: Some(source), ..Self::configured(brand) }
    }

    /// The style sheet; `None` if the pages stay as they are. The store is asked only when something was changed, and else once a minute.
    pub async fn style_sheet(&self) -> Option<Arc<str>> {
        let mut known = self.known.lock().await;
        let Some(source) = &self.source else { return known.style_sheet.clone() };
        let now = source.clock.now();
        let is_fresh = known.read.is_some_and(|read| now.duration_since(read).abs() < AGE_MAX);
        // Before it is read: a change meanwhile is one more.
        if source.changed.swap(false, Ordering::AcqRel) || !is_fresh {
            known.read = Some(now);
            match tokio::time::timeout(READ_TIMEOUT, self.read(source)).await {
                Ok(Ok(style_sheet)) => known.style_sheet = style_sheet,
                Ok(Err(error)) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the company's theme cannot be read");
                }
                Err(_) => tracing::warn!("the company's theme takes too long to be read"),
            }
        }
        known.style_sheet.clone()
    }

    async fn read(&self, source: &CompanyBrand) -> Result<Option<Arc<str>>, StoreError> {
        let CompanyBrand { companies, company, .. } = source;
        let (settings, _) = companies.settings(company).await?;
        let keys = ["light", "dark"].map(|theme| ItemKey::new(ItemKind::Logo, theme));
        let logos = companies.entries(company, &keys).await?;
        let (brand, logos) = (self.colours(&settings), self.logos(source, &logos));
        Ok(style_sheet(&brand, &logos).map(Arc::from))
    }

    fn colours(&self, set: &CompanySettings) -> Brand {
        let Brand { light, dark, logo } = self.configured.clone();
        Brand { light: over(set.light, light), dark: over(set.dark, dark), logo }
    }

    fn logos(&self, source: &CompanyBrand, entries: &[ItemEntry]) -> Logos {
        let Logos { light, dark } = Logos::configured(&self.configured);
        // With its moment, so that no browser shows the one before out of its cache.
        let path =
            |entry: &ItemEntry| format!("{}?v={}", (source.logo_path)(&entry.key), entry.created.as_millisecond());
        let set = |theme: &str| entries.iter().find(|entry| entry.key.name == theme).map(path);
        Logos { light: set("light").or(light), dark: set("dark").or(dark) }
    }
}

/// What was set, colour by colour, over what was configured.
fn over(set: ThemeColours, configured: Palette) -> Palette {
    let colour = |set: Option<ports::company::Colour>| set.map(|colour| Colour::new(colour.0));
    Palette { primary: colour(set.primary).or(configured.primary), accent: colour(set.accent).or(configured.accent) }
}
