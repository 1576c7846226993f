//! Fetching a file from where the service says it is: recordings, transcriptions, uploads (contract §6.6, §6.7).

use bytes::{Bytes, BytesMut};
use reqwest::StatusCode;
use url::{Host, Url};

use crate::{
    Client, DownloadUrl, Effect, Error, Failure, Oddity, Refusal,
    public_address::{PublicOnly, is_public_address},
    retry_after::retry_after,
    transport,
};

const OPERATION: &str = "download a file";

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To the service itself, which whoever configured its address trusts, wherever it is.
    Service,
    /// To another host on the public internet.
    Elsewhere,
}

impl Client {
    /// Fetches the file that a link of the service leads to, if it has at most `bytes_max` bytes. The api key is not sent.
    ///
    /// A link that leads elsewhere than to the host of the base URL is followed over HTTPS only and to public addresses only, and no
    /// redirection is followed at all: what an answer says must not make this program ask its own network. Not repeated.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a link that is no longer valid; [`Error::Unexpected`] with [`Oddity::TooLong`] or
    /// [`Oddity::Address`].
    pub async fn download(&self, link: &DownloadUrl, bytes_max: usize) -> Result<Bytes, Error> {
        let unexpected = |source| Error::Unexpected { operation: OPERATION, effect: Effect::None, source };
        let url = Url::parse(link.as_str()).map_err(|_| unexpected(Oddity::Address))?;
        let place = place(self.inner.base.as_str(), &url).ok_or_else(|| unexpected(Oddity::Address))?;
        // Downloads are rare, so each has connections of its own, and those to the service never go elsewhere.
        let builder = transport::builder(&self.inner.settings);
        let builder = match place {
            Place::Service => builder,
            Place::Elsewhere => builder.https_only(true).dns_resolver(PublicOnly),
        };
        let http = transport::trusting(builder, url.scheme() == "https", &self.inner.settings.trust)
            .and_then(reqwest::ClientBuilder::build)
            .map_err(|error| unavailable(Failure::Connect(Box::new(error.without_url()))))?;
        let answer = http.get(url).send().await.map_err(|error| unavailable(transport::failure(error)))?;
        read(answer, bytes_max).await
    }
}

async fn read(mut answer: reqwest::Response, bytes_max: usize) -> Result<Bytes, Error> {
    let unexpected = |source| Error::Unexpected { operation: OPERATION, effect: Effect::None, source };
    let status = answer.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Error::RateLimited { operation: OPERATION, retry_after: retry_after(answer.headers()) });
    }
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        return Err(unavailable(Failure::Status(status.as_u16())));
    }
    if status.is_client_error() {
        // Stores of files say 403 for a link whose time is over, and some for a file that is not there.
        let refusal = Box::new(Refusal::read(status.as_u16(), b""));
        return Err(match status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
                Error::NotFound { operation: OPERATION, refusal }
            }
            _ => Error::Refused { operation: OPERATION, refusal },
        });
    }
    if status != StatusCode::OK {
        return Err(unexpected(Oddity::Status(status.as_u16())));
    }
    let too_long = || unexpected(Oddity::TooLong(bytes_max));
    if answer.content_length().is_some_and(|length| usize::try_from(length).map_or(true, |length| length > bytes_max)) {
        return Err(too_long());
    }
    let mut file = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unavailable(transport::failure(error)))? {
        if file.len() + chunk.len() > bytes_max {
            return Err(too_long());
        }
        file.extend_from_slice(&chunk);
    }
    Ok(file.freeze())
}

fn unavailable(source: Failure) -> Error {
    Error::Unavailable { operation: OPERATION, effect: Effect::None, source }
}

/// Where the link leads, if it may be followed.
fn place(base: &str, link: &Url) -> Option<Place> {
    if !link.username().is_empty() || link.password().is_some() {
        return None;
    }
    if Url::parse(base).is_ok_and(|base| base.origin() == link.origin()) {
        return Some(Place::Service);
    }
    let is_public = match link.host()? {
        // Its addresses are looked at once they are known.
        Host::Domain(_) => true,
        Host::Ipv4(address) => is_public_address(address.into()),
        Host::Ipv6(address) => is_public_address(address.into()),
    };
    (link.scheme() == "https" && is_public).then_some(Place::Elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_to_the_service_or_over_https_to_the_internet() {
        let place = |link: &str| place("http://video.internal:8080/v2", &Url::parse(link).unwrap());
        assert_eq!(place("http://video.internal:8080/files/1?signature=x"), Some(Place::Service));
        assert_eq!(place("https://bucket.s3.eu-west-1.amazonaws.com/1"), Some(Place::Elsewhere));
        assert_eq!(place("https://1.1.1.1/1"), Some(Place::Elsewhere));
        for link in [
            "http://video.internal/files/1",
            "http://bucket.example.com/1",
            "http://169.254.169.254/latest/meta-data",
            "https://169.254.169.254/latest/meta-data",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://user@bucket.example.com/1",
            "http://user@video.internal:8080/files/1",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert_eq!(place(link), None, "{link}");
        }
    }
}
