//! Whatever a client sends as a signalling frame is decoded or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use livekit_proto::signal;

fuzz_target!(|frame: &[u8]| {
    if let Ok(Some(request)) = signal::decode_request(frame) {
        let again = signal::encode_request(request.clone());
        // What was understood is understood the same after writing it again; a NaN in it is the only thing unlike itself. The bytes
        // may differ: maps are written in any order.
        if let Ok(Some(read)) = signal::decode_request(&again) {
            assert!(read == request || format!("{request:?}").contains("NaN"));
        }
    }
});
