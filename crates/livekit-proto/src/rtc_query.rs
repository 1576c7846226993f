//! The parameters of `/rtc`, the older way to join, which say in the query what `/rtc/v1` says in a join request.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use serde::Deserialize;

use crate::proto::{ClientInfo, ConnectionSettings, JoinRequest, ReconnectReason, client_info::Sdk};

/// The query of `/rtc`. What cannot be understood is as good as absent, as the protocol's own server has it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RtcQuery {
    auto_subscribe: Option<String>,
    auto_subscribe_data_track: Option<String>,
    adaptive_stream: Option<String>,
    disable_ice_lite: Option<String>,
    subscriber_allow_pause: Option<String>,
    reconnect: Option<String>,
    reconnect_reason: Option<String>,
    sid: Option<String>,
    attributes: Option<String>,
    sdk: Option<String>,
    version: Option<String>,
    protocol: Option<String>,
    client_protocol: Option<String>,
    os: Option<String>,
    os_version: Option<String>,
    device_model: Option<String>,
    browser: Option<String>,
    browser_version: Option<String>,
    network: Option<String>,
}

impl From<RtcQuery> for JoinRequest {
    fn from(query: RtcQuery) -> Self {
        let reconnect = is_true(query.reconnect.as_deref());
        Self {
            connection_settings: Some(ConnectionSettings {
                auto_subscribe: query.auto_subscribe.as_deref().is_none_or(|value| value.is_empty() || truth(value)),
                adaptive_stream: is_true(query.adaptive_stream.as_deref()),
                subscriber_allow_pause: query.subscriber_allow_pause.as_deref().map(truth),
                disable_ice_lite: is_true(query.disable_ice_lite.as_deref()),
                auto_subscribe_data_track: query.auto_subscribe_data_track.as_deref().map(truth),
            }),
            participant_attributes: query.attributes.as_deref().and_then(attributes).unwrap_or_default(),
            reconnect,
            reconnect_reason: query
                .reconnect_reason
                .and_then(|reason| reason.parse::<i32>().ok())
                .and_then(|reason| ReconnectReason::try_from(reason).ok())
                .unwrap_or(ReconnectReason::RrUnknown)
                .into(),
            participant_sid: if reconnect { query.sid.unwrap_or_default() } else { String::new() },
            client_info: Some(ClientInfo {
                sdk: sdk(query.sdk.as_deref().unwrap_or_default()).into(),
                version: query.version.unwrap_or_default(),
                protocol: number(query.protocol.as_deref()),
                os: query.os.unwrap_or_default(),
                os_version: query.os_version.unwrap_or_default(),
                device_model: query.device_model.unwrap_or_default(),
                browser: query.browser.unwrap_or_default(),
                browser_version: query.browser_version.unwrap_or_default(),
                network: query.network.unwrap_or_default(),
                client_protocol: number(query.client_protocol.as_deref()),
                ..ClientInfo::default()
            }),
            ..Self::default()
        }
    }
}

fn truth(value: &str) -> bool {
    value == "1" || value == "true"
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(truth)
}

fn number(value: Option<&str>) -> i32 {
    value.and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn attributes(parameter: &str) -> Option<HashMap<String, String>> {
    serde_json::from_slice(&URL_SAFE.decode(parameter).ok()?).ok()
}

fn sdk(name: &str) -> Sdk {
    match name {
        "js" => Sdk::Js,
        "ios" | "swift" => Sdk::Swift,
        "android" => Sdk::Android,
        "flutter" => Sdk::Flutter,
        "go" => Sdk::Go,
        "unity" => Sdk::Unity,
        "reactnative" => Sdk::ReactNative,
        "rust" => Sdk::Rust,
        "python" => Sdk::Python,
        "cpp" => Sdk::Cpp,
        "unityweb" => Sdk::UnityWeb,
        "node" => Sdk::Node,
        "esp32" => Sdk::Esp32,
        _ => Sdk::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(request: &JoinRequest) -> &ConnectionSettings {
        request.connection_settings.as_ref().expect("always there")
    }

    #[test]
    fn an_empty_query_subscribes_to_everything() {
        let request = JoinRequest::from(RtcQuery::default());
        assert!(settings(&request).auto_subscribe);
        assert!(!request.reconnect);
    }

    #[test]
    fn a_returning_client_is_known_by_its_sid() {
        let query = RtcQuery {
            reconnect: Some("1".to_owned()),
            sid: Some("PA_1".to_owned()),
            auto_subscribe: Some("0".to_owned()),
            reconnect_reason: Some("2".to_owned()),
            ..Default::default()
        };
        let request = JoinRequest::from(query);
        assert!(request.reconnect && !settings(&request).auto_subscribe);
        assert_eq!(request.participant_sid, "PA_1");
        assert_eq!(request.reconnect_reason(), ReconnectReason::RrPublisherFailed);
    }

    #[test]
    fn what_makes_no_sense_is_as_good_as_absent() {
        let query = RtcQuery {
            protocol: Some("many".to_owned()),
            attributes: Some("%%%".to_owned()),
            reconnect_reason: Some("-9".to_owned()),
            sid: Some("PA_1".to_owned()),
            ..Default::default()
        };
        let request = JoinRequest::from(query);
        assert_eq!(request.client_info.as_ref().map(|info| info.protocol), Some(0));
        assert!(request.participant_attributes.is_empty() && request.participant_sid.is_empty());
    }
}
