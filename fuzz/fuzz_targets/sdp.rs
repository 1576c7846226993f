//! Whatever a client says in an offer, an answer or a candidate ends that client at most.
//!
//! The input is text in up to three parts: the first description, the second, a candidate. A line `--` stands between them.
#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use livekit_proto::proto::{JoinRequest, SessionDescription, SignalTarget, TrickleRequest, signal_request::Message};
use media_core::{ConnectionId, Input};
use teleconsultation_fuzz::{drain, engine, join};

fuzz_target!(|text: &str| {
    let now = Instant::now();
    let mut engine = engine(now);
    let mut parts = text.split("\n--\n").chain(std::iter::repeat(""));
    let mut part = || parts.next().unwrap_or_default();
    let (first, second, candidate) = (part(), part(), part());
    let description = |kind: &str, sdp: &str| SessionDescription { r#type: kind.to_owned(), sdp: sdp.to_owned(), id: 1, ..Default::default() };

    let request = JoinRequest { publisher_offer: Some(description("offer", first)), ..Default::default() };
    engine.handle(join(1, 1, true, request), now);
    drain(&mut engine);
    engine.handle(join(2, 2, false, JoinRequest::default()), now);
    drain(&mut engine);

    for connection in [1, 2] {
        for message in [
            Message::Offer(description("offer", second)),
            Message::Answer(description("answer", first)),
            Message::Trickle(TrickleRequest {
                candidate_init: candidate.to_owned(),
                target: SignalTarget::Publisher.into(),
                ..Default::default()
            }),
        ] {
            engine.handle(Input::Signal { connection: ConnectionId(connection), request: Box::new(message) }, now);
            drain(&mut engine);
        }
    }
});
