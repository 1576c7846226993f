//! Channels, tags, signatures and webhooks (contract §6.8, §6.9, §7.10, §7.12, §10.2).

use kaleyra_video::{EventName, Form, HookVersion, PageRequest, PayloadVersion, WebhookTarget};
use serde_json::json;

use crate::service::{form, image, operation};

operation!(
    list_channels,
    "v2",
    "GET /v2/channels?offset=0&limit=100",
    "",
    r#"{"channels":[{"channel_id":"CH1","users":["u1","u2"]}]}"#,
    |client| client.channels(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].users.len(), 2)
);

operation!(
    create_channel,
    "v2",
    "POST /v2/channels",
    r#"{"users":["u1","u2"]}"#,
    r#"{"id":"CH1"}"#,
    |client| {
        let users = ["u1".into(), "u2".into()];
        async move { client.create_channel(&users).await }
    },
    |channel| assert_eq!(channel.id.as_str(), "CH1")
);

operation!(
    get_channel,
    "v2",
    "GET /v2/channels/CH1",
    "",
    r#"{"id":"CH1"}"#,
    |client| client.channel(&"CH1".into()),
    |channel| {
        assert_eq!(channel.id.as_str(), "CH1");
    }
);

operation!(delete_channel, "v2", "DELETE /v2/channels/CH1", "", "", |client| client.delete_channel(&"CH1".into()));

operation!(
    list_channel_messages,
    "v2",
    "GET /v2/channels/CH1/messages?offset=0&limit=100",
    "",
    r#"{"messages":[{"index":0,"body":"Hello","from":"u1","date":"2020-05-08T15:14:16.000Z","type":"text"}]}"#,
    |client| client.channel_messages(&"CH1".into(), PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[0].body.as_ref().unwrap().as_str(), "Hello");
        assert!(!format!("{page:?}").contains("Hello"));
    }
);

operation!(
    send_channel_message,
    "v2",
    "POST /v2/channels/CH1/messages",
    r#"{"sender":"u1","message":"Hello"}"#,
    r#"{"index":1,"message":"Hello","sender":"u1"}"#,
    |client| client.send_channel_message(&"CH1".into(), &"u1".into(), &"Hello".into()),
    |message| assert_eq!((message.index, message.from), (Some(1), Some("u1".into())))
);

operation!(
    list_tags,
    "v2",
    "GET /v2/tags?offset=0&limit=100",
    "",
    r#"{"tags":[{"tag":"x-ray","creation_date":"2020-05-08T15:14:16.000Z"}],"has_more":false}"#,
    |client| client.tags(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].tag.as_str(), "x-ray")
);

operation!(
    list_tags_v1,
    "rest",
    "GET /rest/tag/list",
    "",
    r#"{"tags":[{"tag":"x-ray"}]}"#,
    |client| client.tags(PageRequest::FIRST),
    |page| assert!(!page.has_more)
);

operation!(add_tags, "v2", "POST /v2/tags", r#"{"tags":["a"]}"#, "{}", |client| client.add_tags(&["a".into()]));

operation!(
    add_tags_v1,
    "rest",
    "POST /rest/tag/add",
    r#"{"tags":["a"]}"#,
    r#"{"added_tags":[{"tag":"a"}]}"#,
    |client| client.add_tags(&["a".into()])
);

operation!(remove_tag, "v2", "DELETE /v2/tags/a", "", "", |client| client.remove_tag(&"a".into()));

operation!(
    remove_tag_v1,
    "rest",
    "POST /rest/tag/remove",
    r#"{"tags":["a"]}"#,
    r#"{"removed_tags":[{"tag":"a"}]}"#,
    |client| client.remove_tag(&"a".into())
);

operation!(
    list_envelopes,
    "v2",
    "GET /v2/envelopes?offset=0&limit=100",
    "",
    r#"{"envelopes":[{"id":"e1","state":"signed"}]}"#,
    |client| client.envelopes(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].fields["state"], "signed")
);

operation!(
    list_envelopes_of_room_v1,
    "rest",
    "GET /rest/room/r1/envelope/list?skip=0&limit=100",
    "",
    r#"{"envelopes":[{"id":"e1"}]}"#,
    |client| client.envelopes_of_room(&"r1".into(), PageRequest::FIRST),
    |page| assert_eq!(page.items[0].id, "e1")
);

operation!(
    get_envelope,
    "v2",
    "GET /v2/envelopes/e1",
    "",
    r#"{"id":"e1"}"#,
    |client| client.envelope(&"e1".into()),
    |envelope| {
        assert_eq!(envelope.id, "e1");
    }
);

operation!(
    list_signature_templates,
    "v2",
    "GET /v2/signature-templates?offset=0&limit=100",
    "",
    r#"{"signature_templates":[{"id":"t1"}]}"#,
    |client| client.signature_templates(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].id, "t1")
);

operation!(
    create_signature_template,
    "v2",
    "POST /v2/signature-templates",
    r#"{"name":"consent"}"#,
    r#"{"id":"t1"}"#,
    |client| {
        let fields = json!({"name": "consent"});
        async move { client.create_signature_template(&fields).await }
    },
    |template| assert_eq!(template.id, "t1")
);

operation!(
    get_signature_template,
    "v2",
    "GET /v2/signature-templates/t1",
    "",
    r#"{"id":"t1"}"#,
    |client| client.signature_template(&"t1".into()),
    |template| assert_eq!(template.id, "t1")
);

operation!(update_signature_template, "v2", "PUT /v2/signature-templates/t1", r#"{"name":"consent"}"#, "", |client| {
    let fields = json!({"name": "consent"});
    async move { client.update_signature_template(&"t1".into(), &fields).await }
});

operation!(delete_signature_template, "v2", "DELETE /v2/signature-templates/t1", "", "", |client| client
    .delete_signature_template(&"t1".into()));

operation!(
    create_signature,
    "v2",
    "POST /v2/signatures",
    &form("document", &image(), &[("name", "consent")]),
    r#"{"provider_id":"p1"}"#,
    |client| {
        let form = Form::default().file("document", image()).text("name", "consent");
        async move { client.create_signature(&form).await }
    },
    |provider_id| assert_eq!(provider_id, "p1")
);

const WEBHOOK: &str = r#"{"id":"wh_1","url":"https://example.test/hook","event":"on_room_created","version":"1","creation_date":"2024-01-01T00:00:00.000Z"}"#;
const TARGET: &str = r#"{"url":"https://example.test/hook","event":"on_room_created","version":"1"}"#;

fn target() -> WebhookTarget {
    WebhookTarget {
        url: "https://example.test/hook".to_owned(),
        event: EventName::RoomCreated,
        version: PayloadVersion::V1,
    }
}

operation!(
    list_webhooks,
    "v2",
    "GET /v2/webhooks?offset=0&limit=100",
    "",
    &format!(r#"{{"webhooks":[{WEBHOOK}],"offset":0,"limit":100,"count":1,"has_more":false}}"#),
    |client| client.webhooks(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].event, Some(EventName::RoomCreated))
);

operation!(
    create_webhook,
    "v2",
    "POST /v2/webhooks",
    TARGET,
    WEBHOOK,
    |client| client.create_webhook(&target()),
    |webhook| {
        assert_eq!(webhook.id.as_str(), "wh_1");
        assert_eq!(webhook.version, Some(PayloadVersion::V1));
    }
);

operation!(
    get_webhook,
    "v2",
    "GET /v2/webhooks/wh_1",
    "",
    WEBHOOK,
    |client| client.webhook(&"wh_1".into()),
    |webhook| {
        assert_eq!(webhook.url.as_deref(), Some("https://example.test/hook"));
    }
);

operation!(
    update_webhook,
    "v2",
    "PUT /v2/webhooks/wh_1",
    TARGET,
    WEBHOOK,
    |client| client.update_webhook(&"wh_1".into(), &target()),
    |webhook| assert_eq!(webhook.unwrap().id.as_str(), "wh_1")
);

operation!(delete_webhook, "v2", "DELETE /v2/webhooks/wh_1", "", "", |client| client.delete_webhook(&"wh_1".into()));

operation!(
    list_hooks_v1,
    "rest",
    "GET /rest/v1/hook",
    "",
    r#"{"active_webhooks":{"https://example.test/hook":[{"webhook_method":"post","event":"on_room_created","creation_date":"2020-05-08T15:14:16.000Z","event_version":"0"}]}}"#,
    |client| client.hooks(HookVersion::V1),
    |hooks| {
        assert_eq!(hooks[0].url, "https://example.test/hook");
        assert_eq!(hooks[0].event, EventName::RoomCreated);
    }
);

operation!(
    configure_hooks_v1,
    "rest",
    "POST /rest/v0/hook/configure",
    r#"{"post_event_webhook_url":"https://example.test/hook","webhook_method":"POST","webhook_filters":["on_room_created"]}"#,
    r#"{"active_webhooks":[{"post_event_webhook_url":"https://example.test/hook","webhook_method":"post","event":"on_room_created"}]}"#,
    |client| client.configure_hooks(HookVersion::V0, "https://example.test/hook", &[EventName::RoomCreated]),
    |hooks| assert_eq!(hooks[0].url, "https://example.test/hook")
);
