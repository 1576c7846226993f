//! Every limit and tuning constant of the engine, each with its reason.

use std::time::Duration;

/// Rooms that one engine holds at once. Far above what one core can forward; stops a loop that opens rooms.
pub(crate) const ROOMS_MAX: usize = 10_000;

/// Tracks that one participant may publish or announce. Camera, microphone, screen and its sound, with room to spare for a
/// client that republishes before the old ones are gone.
pub(crate) const TRACKS_PER_PARTICIPANT_MAX: usize = 16;

/// How long an announced track may be without a media section. Clients offer one within a round trip, or after the devices are
/// allowed; they give up after 10 s.
pub(crate) const ANNOUNCEMENT_LIFETIME: Duration = Duration::from_mins(1);

/// Media sections in one session description: 24 others with four tracks each are 96; half as many again may rest. What an
/// offer costs grows with the square of them: this many take some 40 ms.
pub(crate) const SECTIONS_MAX: usize = 160;

/// What the offers of one client may cost in a second, averaged, in sections by sections. One of the largest: some 40 ms. A client
/// in a full room makes one of a hundred sections for each who comes; those that come faster than this wait for their turn.
pub(crate) const OFFER_COST_PER_SECOND: u32 = 25_600;

/// What they may cost at once before the rate counts: two of the largest.
pub(crate) const OFFER_COST_BURST: u32 = 2 * OFFER_COST_PER_SECOND;

/// Sections of a client from which on those that have carried a track are used again. Not before: browsers and native clients decode
/// what comes on such a section, and then show it to nobody. A picture that is not shown is a smaller loss than the call, and it takes
/// some 50 tracks that came and went to get there.
pub(crate) const SECTIONS_BEFORE_REUSE: usize = 64;

/// Bytes in one session description. A section with three codecs takes about 2 kB.
pub(crate) const DESCRIPTION_BYTES_MAX: usize = 768 * 1024;

/// Bytes in one line of a session description; the longest real ones (candidates, `fmtp`) stay below 300.
pub(crate) const DESCRIPTION_LINE_BYTES_MAX: usize = 4096;

/// Lines in one section of a session description. The longest real ones, of a browser with every codec it has, stay below 300;
/// what a section means is found by looking through it for each of its codecs.
pub(crate) const SECTION_LINES_MAX: usize = 512;

/// Lines that announce SSRCs in one session description. Some browsers have up to 8 for each section, also for those on which
/// they only receive; each SSRC may cost a receiving stream.
pub(crate) const SSRC_LINES_MAX: usize = 8 * SECTIONS_MAX;

/// Remote ICE candidates taken from one peer. Browsers send fewer than 20; each one costs a pair with every local candidate.
pub(crate) const REMOTE_CANDIDATES_MAX: usize = 64;

/// Source addresses remembered for one peer; the oldest is forgotten. A phone changes networks a few times in a call.
pub(crate) const ADDRESSES_PER_PEER_MAX: usize = 16;

/// How long an address belongs to the peer that was last heard from it, whoever else claims it.
pub(crate) const ADDRESS_HELD: Duration = Duration::from_secs(5);

/// Datagrams that one participant may send in a second, averaged. Three layers of a camera, a sharp screen and sound are some
/// 1 500, what they report about what they receive is below 1 000; more are dropped before they cost anything.
pub(crate) const DATAGRAMS_PER_SECOND: u32 = 5_000;

/// Datagrams that may come at once before the rate counts, after the program or the network stood still.
pub(crate) const DATAGRAMS_BURST: u32 = 20_000;

/// Bytes of one forwarded RTP payload. str0m writes a packet into a buffer of 2000 bytes; what is larger could not be sent on.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 1460;

/// Bytes in a signalling text field that is passed on to others: names, cids, track names, sids.
pub(crate) const NAME_BYTES_MAX: usize = 512;

/// Bytes of a participant's or a room's metadata, LiveKit's own default.
pub const METADATA_BYTES_MAX: usize = 64_000;

/// Bytes of all attributes of a participant together, LiveKit's own default.
pub const ATTRIBUTES_BYTES_MAX: usize = 64_000;

/// Track sids, identities and permissions named in one signal.
pub(crate) const SIGNAL_LIST_MAX: usize = 512;

/// Audio features of one track; the protocol has nine.
pub(crate) const AUDIO_FEATURES_MAX: usize = 16;

/// Joins and resumes of one person in a second, averaged. A client on a bad network tries again every second at most. Each one is
/// told to everybody else, who are not to be flooded by it.
pub(crate) const ARRIVALS_PER_SECOND: u32 = 1;

/// Joins and resumes of one person that may come at once before the rate counts.
pub(crate) const ARRIVALS_BURST: u32 = 20;

/// People whose arrivals are remembered: far more than may be admitted to a room in the time that it takes to be forgotten.
pub(crate) const ARRIVALS_REMEMBERED_MAX: usize = 512;

/// Signals that one participant may send in a second, averaged; a joining client sends about 30 at once.
pub(crate) const SIGNALS_PER_SECOND: u32 = 50;

/// Signals that may come at once before the rate counts.
pub(crate) const SIGNALS_BURST: u32 = 400;

/// Bytes in one data packet. Clients split at 15 kB, so this is several times what they send.
pub(crate) const DATA_PACKET_BYTES_MAX: usize = 64 * 1024;

/// Bytes of data packets that one participant may send in a second, averaged; a 100 kB message goes out at once by the burst.
pub(crate) const DATA_BYTES_PER_SECOND: u32 = 256 * 1024;

/// Bytes of data packets that may come at once before the rate counts.
pub(crate) const DATA_BYTES_BURST: u32 = 2 * 1024 * 1024;

/// Bytes that each data packet counts for on top of its own: small ones cost the engine as much as these. With the rate above,
/// some 700 packets in a second.
pub(crate) const DATA_PACKET_COST_BYTES: usize = 350;

/// Bytes of reliable data that wait for a receiver whose channel is full or not open yet. More are dropped.
pub(crate) const DATA_BACKLOG_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Data channels that a client may open; a `LiveKit` client has three.
pub(crate) const CHANNELS_PER_PEER_MAX: usize = 8;

/// Bytes that one peer's SCTP association buffers for sending.
pub(crate) const SCTP_BUFFER_BYTES_MAX: usize = 256 * 1024;

/// Outputs that wait for the shell. Reached only if the shell stops polling; media is dropped from then on, signals are not.
pub(crate) const OUTPUTS_MAX: usize = 100_000;

/// Sent video packets kept per stream for repair. One second of 4 Mbit/s is about 450 packets; a repair is asked for within a
/// few round trips. The cache shares payloads with the other receivers' caches.
pub(crate) const REPAIR_PACKETS_MAX: usize = 512;

/// How long sent packets are kept for repair.
pub(crate) const REPAIR_AGE_MAX: Duration = Duration::from_millis(1500);

/// Share of the sent bytes that repairs may take before those queued are given up.
pub(crate) const REPAIR_SHARE_MAX: f32 = 0.30;

/// Steps that one peer may take in one drain. A single datagram causes fewer than ten.
pub(crate) const DRAIN_STEPS_MAX: usize = 100_000;

/// How long a participant is kept after the signalling connection broke, so that a resume finds it.
pub(crate) const RESUME_GRACE: Duration = Duration::from_secs(15);

/// How long a participant may take from joining to a media connection, and how long it may be without one. ICE gives up
/// earlier; the client then resumes or rejoins.
pub(crate) const CONNECT_DEADLINE: Duration = Duration::from_secs(30);

/// How long a signalling connection may be silent. Clients ping every [`PING_INTERVAL`].
pub(crate) const SIGNAL_SILENCE_MAX: Duration = Duration::from_secs(30);

/// How often a client pings.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(5);

/// After how long without an answer to its ping a client gives up.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(15);

/// How often a room does what needs doing from time to time. Keyframes are asked for again and layers chosen at this pace.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// The least time between two keyframe requests for one layer. A keyframe is several times as large as other frames, so a
/// shorter time lets one bad receiver cost everyone else bandwidth.
pub(crate) const KEYFRAME_REQUEST_INTERVAL: Duration = Duration::from_millis(500);

/// After how long without a packet a layer counts as not being sent.
pub(crate) const LAYER_SILENT: Duration = Duration::from_millis(1500);

/// After how long an unanswered request for media sections is repeated.
pub(crate) const SECTIONS_REQUEST_REPEAT: Duration = Duration::from_secs(5);

/// How long nothing of a picture may fit before it is paused. Longer gives estimates more time to recover, at the cost of a
/// queue in front of the voice where there really is no room.
pub(crate) const PAUSE_AFTER: Duration = Duration::from_secs(3);

/// The send bandwidth assumed until it was measured, in bits per second: enough for voice and a middle layer.
pub(crate) const BANDWIDTH_INITIAL_BPS: u64 = 1_500_000;

/// How long no picture is to be sent to somebody before padding towards them stops too. What was known of their bandwidth is of
/// less use from then on: less would lose it to every short mute.
pub(crate) const REST_AFTER: Duration = Duration::from_secs(5);

/// How often in a row the others are told at once of what somebody changes about themselves. A join with camera and microphone
/// takes five; with 24 others at that, a message queue of 512 is not full.
pub(crate) const ANNOUNCEMENTS_BURST: u32 = 20;

/// How often it is decided who speaks.
pub(crate) const SPEAKERS_INTERVAL: Duration = Duration::from_millis(400);

/// How often connection qualities are told.
pub(crate) const QUALITY_INTERVAL: Duration = Duration::from_secs(5);

/// How often it is looked at how much arrives of what is sent to somebody. str0m counts over the last second.
pub(crate) const DOWNLINK_INTERVAL: Duration = Duration::from_secs(1);

/// Packets that wait in the pacer for one stream before more are dropped: about a second of 2 Mbit/s video.
pub(crate) const SEND_QUEUE_PACKETS_MAX: usize = 256;

/// Packets written to one peer before they are sent, if nothing else sends them earlier. More would save little, and what is
/// written is not yet seen in the queue that [`SEND_QUEUE_PACKETS_MAX`] limits.
pub(crate) const WRITES_PER_FLUSH_MAX: usize = 64;

/// How long a client that makes the offers may take for its first one before it is asked. Clients offer within one round trip
/// of joining.
pub(crate) const FIRST_OFFER_WAIT: Duration = Duration::from_secs(2);

/// Incoming streams of one publisher that are remembered. More than its tracks times their layers, so only a client that
/// changes SSRCs all the time reaches it; then they are looked up again.
pub(crate) const INCOMING_STREAMS_MAX: usize = 128;

/// How long nobody may want a layer before its publisher is told to stop it. Layouts change back and forth, and a stopped
/// layer needs a keyframe to start.
pub(crate) const LAYER_UNWANTED: Duration = Duration::from_secs(5);

/// By how much a tick may be late before the engine itself is taken to have slept. That time counts against nobody.
pub(crate) const SLEPT: Duration = Duration::from_secs(2);
