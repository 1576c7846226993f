//! What the embedded service lacks says so in the documented way.

use kaleyra_video::{
    ActivityFilter, ChatQuery, Client, Form, Landing, LinkValidity, NewBroadcast, NewParticipant, NewRoom, PageRequest,
    Recording, UserId, UserListRange,
};

use crate::{people::meet, service::Service, table::Table};

async fn room(client: &Client) -> kaleyra_video::Room {
    let participant = |user: &str| NewParticipant { user_id: user.into(), is_admin: false, tools: None };
    client.create_room(&NewRoom::new(vec![participant("anna"), participant("bert.2")])).await.unwrap()
}

fn people() -> [UserId; 2] {
    ["anna".into(), "bert.2".into()]
}

pub async fn both(service: &Service, client: &Client, table: &mut Table) {
    let room = room(client).await;
    let session = meet(service, &room, "session_cccccccccccc").await;
    let link = client.recording_link(&session, LinkValidity::SHORTEST).await;
    table.lacking("get recording", "recording_not_found", link);
}

pub async fn v2(service: &Service, client: &Client, table: &mut Table) {
    let room = room(client).await;
    let session = meet(service, &room, "session_dddddddddddd").await;
    table.lacking("start recording", "room_no_recordable", client.start_recording(&room.id).await);
    table.lacking("stop recording", "room_no_recordable", client.stop_recording(&room.id).await);
    table.lacking("delete recording", "recording_not_found", client.delete_recording(&session).await);
    table.lacking("get transcription", "transcription_not_found", client.transcription_link(&session).await);
    table.lacking("delete transcription", "transcription_not_found", client.delete_transcription(&session).await);
    table.lacking("get summarization", "summarization_not_found", client.summarization_link(&session).await);
    table.lacking("delete summarization", "summarization_not_found", client.delete_summarization(&session).await);

    let channel = "CH0123456789abcdef0123456789abcdef".into();
    table.empty("list channels", client.channels(PageRequest::FIRST).await);
    table.lacking("create channel", "chat_service_disabled", client.create_channel(&people()).await);
    table.lacking("get channel", "chat_not_found", client.channel(&channel).await);
    table.lacking("delete channel", "chat_not_found", client.delete_channel(&channel).await);
    let messages = client.channel_messages(&channel, PageRequest::FIRST).await;
    table.lacking("list channel messages", "chat_not_found", messages);
    let sent = client.send_channel_message(&channel, &"anna".into(), &"Hello".into()).await;
    table.lacking("send channel message", "chat_not_found", sent);

    let fields = serde_json::json!({"name": "consent"});
    table.empty("list envelopes", client.envelopes(PageRequest::FIRST).await);
    table.lacking("get envelope", "envelope_not_found", client.envelope(&"e1".into()).await);
    table.empty("list signature templates", client.signature_templates(PageRequest::FIRST).await);
    let created = client.create_signature_template(&fields).await;
    table.lacking("create signature template", "signature_service_disabled", created);
    let missing = "signature_template_not_found";
    table.lacking("get signature template", missing, client.signature_template(&"t1".into()).await);
    let updated = client.update_signature_template(&"t1".into(), &fields).await;
    table.lacking("update signature template", missing, updated);
    table.lacking("delete signature template", missing, client.delete_signature_template(&"t1".into()).await);
    let form = Form::default().text("name", "consent");
    table.lacking("create signature", "signature_service_disabled", client.create_signature(&form).await);
}

pub async fn v1(service: &Service, client: &Client, table: &mut Table) {
    let room = room(client).await;
    let session = meet(service, &room, "session_eeeeeeeeeeee").await;
    table.empty("list chats of user", client.chats_of_user(&"anna".into()).await);
    let disabled = "chat_service_disabled";
    table.lacking("add chat", disabled, client.add_chat(&people()).await);
    table.lacking("remove chat", disabled, client.remove_chat(&people()).await);
    let query = ChatQuery { users: people().to_vec(), newest_first: true, page_size: 10, page: None };
    table.lacking("list chat messages", disabled, client.chat_messages(&query).await);
    let sent = client.send_chat_message(&people(), &"anna".into(), &"Hello".into()).await;
    table.lacking("send chat message", disabled, sent);

    let envelopes = client.envelopes_of_room(&room.id, PageRequest::FIRST).await;
    table.empty("list envelopes of room", envelopes);
    let range = UserListRange::default();
    table.empty("list broadcasts of user", client.broadcasts_of_user(&"anna".into(), range).await);
    table.empty("list broadcasts", client.broadcasts(PageRequest::FIRST).await);
    let broadcast = NewBroadcast {
        publisher_id: "anna".into(),
        description: "News".into(),
        record: false,
        panelists: vec![],
        chat: None,
    };
    table.lacking("create broadcast", "broadcast_service_disabled", client.create_broadcast(&broadcast).await);
    table.lacking("get broadcast", "invalid_broadcast_id", client.broadcast(&"bro_1".into()).await);
    let link = client.broadcast_link(&"anna".into(), &"bro_1".into(), Landing::Direct).await;
    table.lacking("get broadcast link", "invalid_broadcast_id", link);
    let recording = client.broadcast_recording_link(&session, LinkValidity::SHORTEST).await;
    table.lacking("get broadcast recording", "recording_not_found", recording);
    table.empty("list activities", client.activities(&ActivityFilter::default()).await);
    let call = client.fast_call(&"anna".into(), &["bert.2".into()], &Recording::None).await;
    table.lacking("fast call", "fast_call_disabled", call);
}
