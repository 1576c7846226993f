//! Whatever stands in the address of a signalling connection is understood or refused, and no forged token is accepted.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use livekit_proto::{ApiKey, join_request};
use secrecy::SecretString;

static KEY: LazyLock<ApiKey> =
    LazyLock::new(|| ApiKey::new("key", &SecretString::from("a secret that nobody can guess, ever")).expect("the key is long enough"));

fuzz_target!(|text: &str| {
    assert!(KEY.verify(text, 1_767_225_600).is_err(), "a token that we did not sign");
    if let Ok(request) = join_request::decode(text) {
        assert_eq!(join_request::decode(&join_request::encode(&request)), Ok(request));
    }
});
