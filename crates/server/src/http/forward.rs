//! On whose behalf a request is made: the headers that travel on to services of the platform (`mia-platform.md` §2).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use domain::GroupName;
use ports::Caller;

use super::{App, request_id};

/// Headers of the network's route, which travel on as they came.
const ROUTE: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
];

/// Headers that are about one connection or one message (RFC 9110 §7.6.1, §8), and so mean something else in a request of ours.
const NEVER: [HeaderName; 14] = [
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What the platform's headers are called here, and which further ones travel on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformHeaders {
    /// Who calls (`USERID_HEADER_KEY`).
    pub user_id: HeaderName,
    /// Their groups (`GROUPS_HEADER_KEY`).
    pub groups: HeaderName,
    /// Their properties as JSON (`USER_PROPERTIES_HEADER_KEY`).
    pub user_properties: HeaderName,
    /// The kind of their client (`CLIENTTYPE_HEADER_KEY`).
    pub client_type: HeaderName,
    /// Whether they call from the back office (`BACKOFFICE_HEADER_KEY`).
    pub back_office: HeaderName,
    /// Further headers that travel on (`ADDITIONAL_HEADERS_TO_PROXY`).
    pub additional: Vec<HeaderName>,
}

impl Default for PlatformHeaders {
    fn default() -> Self {
        Self {
            user_id: HeaderName::from_static("miauserid"),
            groups: HeaderName::from_static("miausergroups"),
            user_properties: HeaderName::from_static("miauserproperties"),
            client_type: HeaderName::from_static("client-type"),
            back_office: HeaderName::from_static("isbackoffice"),
            additional: Vec::new(),
        }
    }
}

impl PlatformHeaders {
    /// Whether a header can travel on at all.
    pub fn may_travel(name: &HeaderName) -> bool {
        !NEVER.contains(name)
    }

    /// The caller's headers that travel on.
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        let mut travelling: Vec<(String, String)> = Vec::new();
        let named = [&self.user_id, &self.groups, &self.user_properties, &self.client_type, &request_id::HEADER];
        for name in named.into_iter().chain(&ROUTE).chain(&self.additional) {
            let known = travelling.iter().any(|(known, _)| known == name.as_str()) || *name == self.back_office;
            if let Some(value) = value(headers, name).filter(|_| !known) {
                travelling.push((name.as_str().to_owned(), value));
            }
        }
        if self.is_back_office(headers) {
            travelling.push((self.back_office.as_str().to_owned(), "1".to_owned()));
        }
        Caller::new(travelling)
    }

    /// The caller's groups; what cannot be the name of a group is none.
    pub fn caller_groups(&self, headers: &HeaderMap) -> Vec<GroupName> {
        let text = value(headers, &self.groups).unwrap_or_default();
        text.split(',').filter_map(|group| GroupName::parse(group).ok()).collect()
    }

    fn is_back_office(&self, headers: &HeaderMap) -> bool {
        let text = value(headers, &self.back_office).unwrap_or_default();
        !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "0" | "false")
    }
}

/// A header that says something: several values joined, as Node's servers see them. Bytes that are no visible text make it none.
fn value(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let separator = if name == header::COOKIE { "; " } else { ", " };
    let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    let joined = values.join(separator);
    (!joined.trim().is_empty()).then_some(joined)
}

/// The use cases' ports, on behalf of whoever makes the request.
pub struct Acting(pub app::Ctx);

impl FromRequestParts<App> for Acting {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(app.acting(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn travelling(settings: &PlatformHeaders, pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        settings.caller(&headers(pairs)).headers().map(owned).collect()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn identity_route_and_what_is_listed_travel_on_and_nothing_else() {
        let settings = PlatformHeaders { additional: vec![header::COOKIE], ..PlatformHeaders::default() };
        let sent = [
            ("miauserid", "ada"),
            ("miausergroups", "doctor, admin"),
            ("x-request-id", "r1"),
            ("x-forwarded-for", "203.0.113.7"),
            ("cookie", "sid=1"),
            ("authorization", "Bearer secret"),
            ("isbackoffice", "true"),
        ];
        assert_eq!(
            travelling(&settings, &sent),
            owned(&[
                ("miauserid", "ada"),
                ("miausergroups", "doctor, admin"),
                ("x-request-id", "r1"),
                ("x-forwarded-for", "203.0.113.7"),
                ("cookie", "sid=1"),
                ("isbackoffice", "1"),
            ])
        );
    }

    #[test]
    fn a_back_office_flag_that_says_no_does_not_travel_on() {
        for no in ["0", "false", "FALSE", " "] {
            assert_eq!(travelling(&PlatformHeaders::default(), &[("isbackoffice", no)]), [], "{no:?}");
        }
        let listed = PlatformHeaders {
            additional: vec![HeaderName::from_static("isbackoffice"), HeaderName::from_static("miauserid")],
            ..PlatformHeaders::default()
        };
        let sent = [("isbackoffice", "yes"), ("miauserid", "ada")];
        assert_eq!(travelling(&listed, &sent), owned(&[("miauserid", "ada"), ("isbackoffice", "1")]));
    }

    #[test]
    fn groups_are_split_and_trimmed() {
        let groups = PlatformHeaders::default().caller_groups(&headers(&[("miausergroups", "doctor, admin,,")]));
        assert_eq!(groups.iter().map(GroupName::as_str).collect::<Vec<_>>(), ["doctor", "admin"]);
    }

    #[test]
    fn what_frames_a_message_never_travels_on() {
        assert!(!PlatformHeaders::may_travel(&header::CONTENT_LENGTH));
        assert!(PlatformHeaders::may_travel(&header::COOKIE));
    }
}
