//! How often somebody may knock. What guards sign-ins is counted in the database, for all processes
//! together.

use std::net::IpAddr;

use domain::Instant;
use domain::time::MINUTE;
use protocol::{Code, Problem};

use crate::Server;

/// One kind of knocking: how often in how long (milliseconds).
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    kind: &'static str,
    most: u32,
    within: i64,
}

/// Sign-ins to one login.
pub const SIGN_INS: Allowance = Allowance {
    kind: "sign_in",
    most: 10,
    within: 5 * MINUTE,
};
/// Anything about signing in, from one address.
pub const KNOCKS: Allowance = Allowance {
    kind: "knock",
    most: 60,
    within: 5 * MINUTE,
};
/// New logins and organizations, from one address.
pub const NEW: Allowance = Allowance {
    kind: "new",
    most: 20,
    within: 60 * MINUTE,
};

/// Wait.
#[must_use]
pub fn wait(until: Instant, now: Instant) -> Problem {
    let seconds = (until.since(now).max(0) + 999) / 1000;
    Problem::new(
        Code::TooOften,
        format!("Too many tries. Try again in {seconds} seconds."),
    )
    .with_field("retry_after", seconds.to_string())
}

/// What one address is counted as: of IPv6 a person has a whole network (RFC 6177).
#[must_use]
pub fn address_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.to_string(),
            None => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
    }
}

impl Server {
    /// Counts a knock, and refuses what is too many.
    ///
    /// # Errors
    /// `too_often`, saying when to try again.
    pub async fn knock(&self, allowance: Allowance, whose: &str) -> Result<(), Problem> {
        let now = self.now();
        let bucket = format!("{}:{whose}", allowance.kind);
        let after = now.plus(-allowance.within);
        let (since, knocks) = self
            .db()
            .write(move |tx| {
                let bucket = bucket.clone();
                Box::pin(async move {
                    Ok::<_, app::Error>(store::server::knock(tx, &bucket, now, after).await?)
                })
            })
            .await?;
        if knocks > allowance.most {
            return Err(wait(since.plus(allowance.within), now));
        }
        Ok(())
    }
}
