//! The fake store of teleconsultations keeps the promises that the real ones keep.

use ports::fake::FakeTeleconsultationStore;

teleconsultation_store_contract::teleconsultation_store_promises!((FakeTeleconsultationStore::new(), ()));
