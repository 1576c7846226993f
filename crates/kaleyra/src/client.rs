//! The client: an address, a key, and how to behave.

use std::{fmt, sync::Arc};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::{BaseUrl, Cause, Chance, Pause, Settings, TokioPause, Version, transport::Transport};

/// A client of one company's account. Cheap to clone; clones share their connections.
///
/// Every method is one operation of the API and names the contract's section on it. A method that the generation at the base URL does
/// not offer gives [`Error::Unsupported`](crate::Error::Unsupported). Proxies named in the environment are not used.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) base: BaseUrl,
    pub(crate) settings: Settings,
    pub(crate) transport: Transport,
    pub(crate) chance: Box<dyn Chance>,
    pub(crate) pause: Box<dyn Pause>,
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The api key is empty or has characters that no header may have.
    #[error("the api key cannot be sent in a header")]
    ApiKey,
    /// TLS could not be set up: no certificates in the system, or none in the PEM text.
    #[error("the HTTP client could not be made")]
    Http(#[source] Cause),
}

impl Client {
    /// Makes a client that pauses with tokio's timer. It connects when it is first used.
    pub fn new(
        base: BaseUrl,
        api_key: &SecretString,
        settings: Settings,
        chance: impl Chance + 'static,
    ) -> Result<Client, ClientError> {
        Client::with_pause(base, api_key, settings, chance, TokioPause)
    }

    /// Makes a client that lets time pass with `pause`.
    pub fn with_pause(
        base: BaseUrl,
        api_key: &SecretString,
        settings: Settings,
        chance: impl Chance + 'static,
        pause: impl Pause + 'static,
    ) -> Result<Client, ClientError> {
        let mut header = HeaderValue::from_str(api_key.expose_secret()).map_err(|_| ClientError::ApiKey)?;
        if header.is_empty() {
            return Err(ClientError::ApiKey);
        }
        header.set_sensitive(true);
        let transport = Transport::new(&base, header, &settings).map_err(|error| ClientError::Http(Box::new(error)))?;
        let inner = Inner { base, settings, transport, chance: Box::new(chance), pause: Box::new(pause) };
        Ok(Client { inner: Arc::new(inner) })
    }

    /// Returns the generation of the API that is called.
    pub fn version(&self) -> Version {
        self.inner.base.version()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("base", &self.inner.base).finish_non_exhaustive()
    }
}
