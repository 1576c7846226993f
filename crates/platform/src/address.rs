//! Where a service of the platform is.

use std::fmt;

use url::Url;

/// Why a text is no service's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither a host nor an absolute URL.
    #[error("must be a host name or a URL that begins with http:// or https://")]
    Form,
    /// A user, a password or a fragment: none of them has a meaning here, and the first two are secrets.
    #[error("must not have a user, a password or a fragment")]
    Extras,
}

/// The address of a service: given as a host (`crud-service`, with or without a port), as every plugin of the platform is configured, or
/// as a whole URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address. A host alone is reached by plain HTTP, as services are inside a cluster.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        let url = url.map_err(|_| AddressError::Form)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(AddressError::Form);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(AddressError::Extras);
        }
        Ok(Self(url))
    }

    /// The address of a collection below this one, which ends with a slash (`mia-platform.md` §9.1). The name may have slashes around it.
    pub fn collection(&self, name: &str) -> Result<Self, AddressError> {
        let name = name.trim_matches('/');
        if name.is_empty()
            || name.contains(['?', '#', '%'])
            || name.split('/').any(|part| matches!(part, "" | "." | ".."))
        {
            return Err(AddressError::Form);
        }
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{name}/", url.path().trim_end_matches('/')));
        Ok(Self(url))
    }

    /// This address with a path segment after it, escaped, so that an id with a slash or dots stays one segment.
    pub(crate) fn below(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for segment in segments {
                // The URL standard drops these two; no id is one.
                path.push(if matches!(*segment, "." | "..") { "-" } else { segment });
            }
        }
        url
    }

    /// The URL as it was given.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

/// Without the query, which could hold a person's id.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, AddressError> {
        Address::parse(text).map(|address| address.to_string())
    }

    #[test]
    fn a_host_is_enough() {
        assert_eq!(parsed("crud-service").as_deref(), Ok("http://crud-service/"));
        assert_eq!(
            parsed(" auth0-client.ns.svc.cluster.local ").as_deref(),
            Ok("http://auth0-client.ns.svc.cluster.local/")
        );
        assert_eq!(parsed("localhost:8080").as_deref(), Ok("http://localhost:8080/"));
        assert_eq!(parsed("https://h.test/users/?a=b").as_deref(), Ok("https://h.test/users/"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ftp://h.test", "http://", "two words"] {
            assert_eq!(parsed(text), Err(AddressError::Form), "{text}");
        }
        for text in ["http://me:secret@h.test", "h.test/#part"] {
            assert_eq!(parsed(text), Err(AddressError::Extras), "{text}");
        }
    }

    #[test]
    fn a_collection_ends_with_a_slash_however_it_is_written() {
        let crud = Address::parse("http://crud-service").unwrap();
        for name in ["bk-ts-teleconsultations", "/bk-ts-teleconsultations", "/bk-ts-teleconsultations/"] {
            assert_eq!(crud.collection(name).unwrap().to_string(), "http://crud-service/bk-ts-teleconsultations/");
        }
        for name in ["", "/", "a/../b", "a?b", "a//b"] {
            assert_eq!(crud.collection(name), Err(AddressError::Form), "{name}");
        }
    }

    #[test]
    fn a_segment_stays_one_whatever_is_in_it() {
        let users = Address::parse("http://h.test/users/").unwrap();
        assert_eq!(users.below(&["auth0|1/2"]).as_str(), "http://h.test/users/auth0|1%2F2");
        assert_eq!(users.below(&["..", "state"]).as_str(), "http://h.test/users/-/state");
    }
}
