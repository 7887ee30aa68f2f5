//! A house's own way to the internet: its proxy, and the certificates that it signs with.

use reqwest::{Certificate, Client, NoProxy, Proxy, Url};

/// Why a proxy or a file of certificates is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OwnWayError {
    /// Not like `http://proxy.example:3128`.
    #[error("a proxy's address is like http://proxy.example:3128")]
    NotAProxy,
    /// A password would lie in the settings in clear.
    #[error("a proxy that wants a password is not supported: settings keep no secrets")]
    Password,
    /// No PEM, or nothing that a server's certificate could be checked with.
    #[error("this file holds no certificates in PEM form")]
    NoCertificates,
}

/// The address of an HTTP proxy.
#[derive(Clone, Debug)]
pub struct ProxyAddress(Url);

impl ProxyAddress {
    /// Reads an address as a person typed it; without a scheme it is `http://`.
    ///
    /// # Errors
    /// When it is no address, or holds a password.
    pub fn read(typed: &str) -> Result<Self, OwnWayError> {
        let typed = typed.trim();
        let full = if typed.contains("://") {
            typed.to_owned()
        } else {
            format!("http://{typed}")
        };
        let url = Url::parse(&full).map_err(|_| OwnWayError::NotAProxy)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OwnWayError::Password);
        }
        let plain = matches!(url.path(), "" | "/") && url.query().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(OwnWayError::NotAProxy);
        }
        Ok(Self(url))
    }

    /// This machine is always reached directly.
    pub(super) fn proxy(&self) -> Result<Proxy, reqwest::Error> {
        let directly = NoProxy::from_string("localhost,127.0.0.0/8,::1");
        Ok(Proxy::all(self.0.clone())?.no_proxy(directly))
    }
}

/// Certificates that servers' may be signed with, beside those that the system trusts.
#[derive(Clone, Debug, Default)]
pub struct OwnRoots(Vec<Certificate>);

impl OwnRoots {
    /// Reads certificates in PEM form.
    ///
    /// # Errors
    /// When there are none, or one is damaged.
    pub fn read(pem: &[u8]) -> Result<Self, OwnWayError> {
        let roots = Certificate::from_pem_bundle(pem).unwrap_or_default();
        let taken = Client::builder().tls_certs_only(roots.clone()).build();
        if roots.is_empty() || taken.is_err() {
            return Err(OwnWayError::NoCertificates);
        }
        Ok(Self(roots))
    }

    pub(super) fn certificates(&self) -> Vec<Certificate> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        for fine in [
            "http://proxy.example:3128",
            "proxy.example:3128",
            "https://10.0.0.1/",
        ] {
            assert!(ProxyAddress::read(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "no such value",
            "socks5://proxy:1080",
            "http://proxy/pac",
            "ftp://p",
        ] {
            assert!(
                matches!(ProxyAddress::read(wrong), Err(OwnWayError::NotAProxy)),
                "{wrong}"
            );
        }
        assert!(matches!(
            ProxyAddress::read("http://ada:pass@proxy:3128"),
            Err(OwnWayError::Password)
        ));
    }

    #[test]
    fn only_certificates_are_taken_for_certificates() {
        assert!(OwnRoots::read(include_bytes!("house/root.pem")).is_ok());
        let key = include_bytes!("house/server.key.pem");
        let damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for wrong in [&b""[..], b"words", key, damaged] {
            assert!(OwnRoots::read(wrong).is_err());
        }
    }
}
