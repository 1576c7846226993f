//! What was said, fetched from where Kaleyra says it is.

use domain::{ProviderUserId, Role, RoomKey, RoomRef, Tools};
use ports::provider::{
    ProviderError, Recording, RoomParticipant, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UserSpec,
    VideoProvider as _,
};
use teleconsultation_provider_kaleyra::KaleyraProvider;

use crate::kaleyra::{Fault, start};

const ROOM: &str = "room_000000000001";
const SESSION: &str = "session_0123456789ab";
const SRT: &str = "1\n00:00:00,000 --> 00:00:01,000\nBuongiorno\n\n";

async fn read(
    provider: &KaleyraProvider,
    format: TranscriptionFormat,
    bytes_max: usize,
) -> Result<Option<String>, TranscriptionError> {
    provider.transcription(&RoomRef::new(ROOM), &SessionRef::new(SESSION), format, bytes_max).await
}

#[tokio::test]
async fn a_transcription_is_fetched_and_written_as_asked_for() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.hold(SESSION, ROOM);
    assert_eq!(read(&provider, TranscriptionFormat::Text, 99).await.unwrap(), None, "not ready");
    kaleyra.transcribe(SESSION, SRT.as_bytes());
    assert_eq!(read(&provider, TranscriptionFormat::Text, 99).await.unwrap().as_deref(), Some("Buongiorno"));
    assert_eq!(read(&provider, TranscriptionFormat::Srt, 99).await.unwrap().as_deref(), Some(SRT));
}

#[tokio::test]
async fn a_session_of_another_room_is_not_read_about() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.hold(SESSION, "room_000000000002");
    kaleyra.transcribe(SESSION, SRT.as_bytes());
    assert_eq!(read(&provider, TranscriptionFormat::Text, 99).await.unwrap(), None);
    assert_eq!(kaleyra.seen(), ["GET sessions"]);
}

#[tokio::test]
async fn what_is_too_long_is_not_read_and_what_is_no_text_is_for_someone_to_look_at() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.hold(SESSION, ROOM);
    kaleyra.transcribe(SESSION, SRT.as_bytes());
    let long = read(&provider, TranscriptionFormat::Text, SRT.len() - 1).await;
    assert!(matches!(long, Err(TranscriptionError::TooLong)), "{long:?}");
    kaleyra.transcribe(SESSION, b"\xff\xfe");
    let odd = read(&provider, TranscriptionFormat::Text, 99).await;
    assert!(matches!(odd, Err(TranscriptionError::Provider(ProviderError::Unexpected { .. }))), "{odd:?}");
}

#[tokio::test]
async fn a_link_into_our_own_network_is_not_followed() {
    let (provider, kaleyra) = start("v2").await;
    let (_, other) = start("v2").await;
    kaleyra.hold(SESSION, ROOM);
    for link in [format!("{}/files/x", other.base_url()), "https://169.254.169.254/latest/meta-data".to_owned()] {
        kaleyra.transcribe_at(SESSION, &link, b"");
        let refused = read(&provider, TranscriptionFormat::Text, 99).await;
        assert!(matches!(refused, Err(TranscriptionError::Provider(ProviderError::Unexpected { .. }))), "{refused:?}");
    }
    assert_eq!(other.seen(), [""; 0]);
}

#[tokio::test]
async fn a_link_that_is_over_is_an_absence_and_a_service_that_fails_is_a_failure() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.hold(SESSION, ROOM);
    kaleyra.transcribe(SESSION, SRT.as_bytes());
    kaleyra.fail("GET files", Fault::Before(403));
    assert_eq!(read(&provider, TranscriptionFormat::Text, 99).await.unwrap(), None);
    kaleyra.fail("GET files", Fault::Before(500));
    assert!(read(&provider, TranscriptionFormat::Text, 99).await.is_err());
    let (v1, _) = start("rest").await;
    assert_eq!(read(&v1, TranscriptionFormat::Text, 99).await.unwrap(), None);
}

#[tokio::test]
async fn recorded_rooms_are_transcribed_where_the_company_has_that_and_made_without_where_not() {
    for (transcribes, asked) in [(true, 1), (false, 2)] {
        let (provider, kaleyra) = start("v2").await;
        if transcribes {
            kaleyra.let_transcribe();
        }
        let id = |name| ProviderUserId::parse(name).unwrap();
        let user = |name| UserSpec { id: id(name), role: Role::Plus, language: None };
        provider.ensure_users(&[user("doctor"), user("patient")]).await.unwrap();
        kaleyra.seen();
        let participant = |name| RoomParticipant {
            user: id(name),
            admin: false,
            tools: Tools::none(),
            display_name: None,
            language: None,
        };
        let spec = |key: u8, recording| RoomSpec {
            key: RoomKey::new([key; 16]),
            participants: vec![participant("doctor"), participant("patient")],
            duration: None,
            live: false,
            recording,
        };
        provider.ensure_room(&spec(1, Recording::Automatic)).await.unwrap();
        assert_eq!(kaleyra.seen().len(), asked);
        provider.ensure_room(&spec(2, Recording::Manual)).await.unwrap();
        provider.ensure_room(&spec(3, Recording::None)).await.unwrap();
        assert_eq!(kaleyra.seen().len(), 2, "what the company has is asked once");
        let transcribed: Vec<_> = kaleyra.rooms().iter().map(|room| room["offline_transcription"] == true).collect();
        assert_eq!(transcribed, [transcribes, transcribes, false]);
    }
}
