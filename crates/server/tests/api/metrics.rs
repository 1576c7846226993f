//! `/-/metrics`: what is asked of store and provider at the moment of the scrape.

use domain::{RoomKey, TeleconsultationId};
use jiff::Timestamp;
use ports::teleconsultations::{CleanupChange, RoomCleanup, TeleconsultationStore as _};

use crate::support::{Api, NOW};

fn figure(text: &str, name: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    found.unwrap_or_else(|| panic!("{name} is missing:\n{text}")).parse().unwrap()
}

async fn record(api: &Api, number: u8, due: Timestamp, attempts: u32) {
    let cleanup = RoomCleanup {
        key: RoomKey::new([number; 16]),
        room: None,
        teleconsultation: TeleconsultationId::parse("65f0c0ffee0123456789abcd").unwrap(),
        due,
        attempts,
        begun: true,
    };
    api.store.change_cleanups(&[CleanupChange::Record(cleanup)]).await.unwrap();
}

async fn text(api: &Api) -> String {
    let answer = api.call_bare("GET", "/-/metrics").await;
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.body
}

#[tokio::test]
async fn rooms_that_wait_to_be_deleted_are_counted_with_how_late_they_are() {
    let api = Api::new();
    let idle = text(&api).await;
    for name in ["waiting", "overdue_seconds", "failing_seconds"] {
        assert!(figure(&idle, &format!("teleconsultation_cleanups_{name}")).abs() < f64::EPSILON, "{name}");
    }

    let now: Timestamp = NOW.parse().unwrap();
    record(&api, 1, now + jiff::SignedDuration::from_mins(1), 0).await;
    let guarded = text(&api).await;
    assert!(figure(&guarded, "teleconsultation_cleanups_overdue_seconds").abs() < f64::EPSILON, "not due yet");

    record(&api, 2, now - jiff::SignedDuration::from_secs(90), 4).await;
    let late = text(&api).await;
    let is = |name: &str, value: f64| {
        assert!((figure(&late, &format!("teleconsultation_cleanups_{name}")) - value).abs() < 1e-9, "{name}\n{late}");
    };
    is("waiting", 2.0);
    is("overdue_seconds", 90.0);
    is("failing_seconds", 7.0);
}

#[tokio::test]
async fn a_store_that_is_out_costs_only_its_own_figures() {
    let api = Api::new();
    api.store.fail_after(0);
    let text = text(&api).await;
    assert!(!text.contains("teleconsultation_cleanups_waiting"), "{text}");
    assert!(figure(&text, "teleconsultation_provider_spared").abs() < f64::EPSILON);
    assert!(figure(&text, "process_resident_memory_bytes") > 0.0);
}
