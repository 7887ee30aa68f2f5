//! Proxies of one's own: whose word about where somebody comes from is believed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::HeaderMap;

/// Addresses that share their first bits, such as `10.1.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    base: u128,
    bits: u32,
    v6: bool,
}

/// An address as a number, and whether it is one of IPv6; mapped ones count as what they map.
fn number(ip: IpAddr) -> (u128, bool) {
    match ip.to_canonical() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), false),
        IpAddr::V6(v6) => (v6.to_bits(), true),
    }
}

impl Block {
    const fn width(v6: bool) -> u32 {
        if v6 { 128 } else { 32 }
    }

    fn holds(&self, ip: IpAddr) -> bool {
        let (value, v6) = number(ip);
        let rest = Self::width(v6) - self.bits.min(Self::width(v6));
        v6 == self.v6 && (value ^ self.base).checked_shr(rest).unwrap_or(0) == 0
    }
}

/// What is no address and no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoNetwork(String);

impl fmt::Display for NoNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no address and no network: name proxies like 127.0.0.1 or 10.1.0.0/16",
            self.0
        )
    }
}

impl std::error::Error for NoNetwork {}

impl FromStr for Block {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let wrong = || NoNetwork(text.to_owned());
        let (ip, bits) = match text.split_once('/') {
            Some((ip, bits)) => (ip, Some(bits)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
        let (base, v6) = number(ip);
        let bits = match bits {
            None => Self::width(v6),
            Some(bits) => bits.parse().map_err(|_| wrong())?,
        };
        match bits <= Self::width(v6) {
            true => Ok(Self { base, bits, v6 }),
            false => Err(wrong()),
        }
    }
}

/// The proxies; none believes nobody. Written with commas in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Block>);

impl FromStr for Proxies {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let named = text.split(',').map(str::trim).filter(|t| !t.is_empty());
        Ok(Self(named.map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl Proxies {
    fn are_trusted(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|block| block.holds(ip))
    }

    /// Where a request comes from that `peer` sent: the last address in `X-Forwarded-For` that is no
    /// proxy of ours, as the one behind it saw it. What stands before it anybody may have written.
    #[must_use]
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.are_trusted(peer) {
            return peer;
        }
        let all: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut known = peer;
        for said in all.into_iter().rev() {
            let Ok(ip) = said.trim().parse() else {
                break;
            };
            known = ip;
            if !self.are_trusted(ip) {
                break;
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address of this test")
    }

    fn origin(trusted: &str, peer: &str, forwarded: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let value = HeaderValue::from_str(value).expect("letters");
            headers.append("x-forwarded-for", value);
        }
        let trusted: Proxies = trusted.parse().expect("networks of this test");
        trusted.origin(ip(peer), &headers)
    }

    #[test]
    fn nobody_is_believed_who_was_not_named() {
        let forged = ["198.51.100.7"];
        assert_eq!(origin("", "10.1.2.3", &forged), ip("10.1.2.3"));
        assert_eq!(origin("10.2.0.0/16", "10.1.2.3", &forged), ip("10.1.2.3"));
        assert_eq!(origin("::1", "127.0.0.1", &forged), ip("127.0.0.1"));
        assert_eq!(origin("10.1.0.0/16", "::a01:203", &forged), ip("::a01:203"));
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_where_somebody_comes_from() {
        let named = "10.1.0.0/16, 127.0.0.1,fd00::/8";
        let client = ip("198.51.100.7");
        assert_eq!(origin(named, "10.1.2.3", &["198.51.100.7"]), client);
        assert_eq!(origin(named, "::ffff:10.1.2.3", &["198.51.100.7"]), client);
        assert_eq!(
            origin(named, "fd12::1", &["203.0.113.9, 198.51.100.7"]),
            client,
            "what stands before it was written by the caller"
        );
        assert_eq!(
            origin(
                named,
                "10.1.2.3",
                &["203.0.113.9", "198.51.100.7, 10.1.9.9"]
            ),
            client,
            "proxies of ours in a row"
        );
        assert_eq!(origin(named, "10.1.2.3", &[]), ip("10.1.2.3"));
        assert_eq!(origin(named, "10.1.2.3", &["x, 10.1.9.9"]), ip("10.1.9.9"));
        assert_eq!(origin("0.0.0.0/0", "10.1.2.3", &["198.51.100.7"]), client);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for odd in [
            "x",
            "10.0.0.0/33",
            "10.0.0.0/",
            "/8",
            "::/129",
            "10.0.0.1 10.0.0.2",
        ] {
            assert!(odd.parse::<Proxies>().is_err(), "{odd}");
        }
    }
}
