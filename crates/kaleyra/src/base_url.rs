//! Where the service is, and which generation of its API is there (contract §2.1).

use std::fmt;

use url::Url;

/// A generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The legacy API, under `/rest`.
    V1,
    /// The current API, under `/v2`.
    V2,
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Version::V1 => "v1",
            Version::V2 => "v2",
        })
    }
}

/// Why a text is no base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an absolute URL.
    #[error("the base URL is not an absolute URL")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("the base URL must begin with https:// or http://")]
    Scheme,
    /// A user, a password, a query or a fragment: none of them has a meaning here, and each could be a secret.
    #[error("the base URL must not have a user, a password, a query or a fragment")]
    Extras,
}

/// The address below which every operation lies, such as `https://api.eu.bandyer.com/v2`.
///
/// A path that ends in `/rest` means v1 and one that ends in `/v2` means v2. Without either, the old host form
/// `https://{rootpath}.bandyer.com`, which v2 is not served on, means v1, and every other host v2; the missing `/rest` or `/v2` is
/// added (contract §2.1). The hosted service refuses plain `http`; a service of one's own may not.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    version: Version,
}

impl BaseUrl {
    /// Reads a base URL.
    pub fn parse(text: &str) -> Result<BaseUrl, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BaseUrlError::Scheme);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Extras);
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        let last_segment = url.path().trim_end_matches('/').rsplit('/').next();
        Ok(match last_segment {
            Some("rest") => BaseUrl { text, version: Version::V1 },
            Some("v2") => BaseUrl { text, version: Version::V2 },
            _ if is_old_host(&url) => BaseUrl { text: text + "/rest", version: Version::V1 },
            _ => BaseUrl { text: text + "/v2", version: Version::V2 },
        })
    }

    /// Returns the generation that this address speaks.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// `{rootpath}.bandyer.com`: one label, which is not `api`.
fn is_old_host(url: &Url) -> bool {
    url.domain()
        .and_then(|domain| domain.strip_suffix(".bandyer.com"))
        .is_some_and(|root| !root.contains('.') && root != "api")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_decides_the_version() {
        let cases = [
            ("https://api.sandbox.eu.bandyer.com/v2", "https://api.sandbox.eu.bandyer.com/v2", Version::V2),
            ("https://api.eu.bandyer.com", "https://api.eu.bandyer.com/v2", Version::V2),
            ("https://api.eu.bandyer.com/v2/", "https://api.eu.bandyer.com/v2", Version::V2),
            ("https://api.in.bandyer.com/rest", "https://api.in.bandyer.com/rest", Version::V1),
            ("https://sandbox.bandyer.com/rest/", "https://sandbox.bandyer.com/rest", Version::V1),
            ("https://sandbox.bandyer.com", "https://sandbox.bandyer.com/rest", Version::V1),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/v2", Version::V2),
            ("http://video.test/behind/a/prefix/rest", "http://video.test/behind/a/prefix/rest", Version::V1),
            ("http://video.test/prefix", "http://video.test/prefix/v2", Version::V2),
        ];
        for (text, address, version) in cases {
            let base = BaseUrl::parse(text).unwrap();
            assert_eq!((base.as_str(), base.version()), (address, version), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(BaseUrl::parse("api.eu.bandyer.com"), Err(BaseUrlError::NotAUrl));
        assert_eq!(BaseUrl::parse(""), Err(BaseUrlError::NotAUrl));
        assert_eq!(BaseUrl::parse("ftp://api.eu.bandyer.com"), Err(BaseUrlError::Scheme));
        assert_eq!(BaseUrl::parse("https://me:secret@api.eu.bandyer.com"), Err(BaseUrlError::Extras));
        assert_eq!(BaseUrl::parse("https://api.eu.bandyer.com/v2?apikey=1"), Err(BaseUrlError::Extras));
    }
}
