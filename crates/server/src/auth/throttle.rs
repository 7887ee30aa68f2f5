//! How often somebody may knock. What guards sign-ins is counted in the database, for all processes
//! together.

use std::net::IpAddr;

use domain::Instant;
use domain::time::{HOUR, MINUTE, SECOND};
use protocol::{Code, Problem};

use crate::Server;

/// One kind of knocking: how often in how long (milliseconds).
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    kind: &'static str,
    most: u32,
    within: i64,
}

impl Allowance {
    /// So many of a kind within so many milliseconds.
    #[must_use]
    pub const fn new(kind: &'static str, most: u32, within: i64) -> Self {
        Self { kind, most, within }
    }
}

/// Sign-ins to one login, from everywhere: so many that nobody is kept out by a stranger.
pub const SIGN_INS: Allowance = Allowance {
    kind: "sign_in",
    most: 200,
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

/// After so many wrong tries in an hour each further one costs time.
const FREE_TRIES: u32 = 5;

/// How long nobody is let in after the `n`-th wrong try: doubled with each, at most an hour.
fn locked_for(n: u32) -> i64 {
    match n.checked_sub(FREE_TRIES) {
        None => 0,
        Some(more) => ((30 * SECOND) << more.min(16)).min(HOUR),
    }
}

/// Somebody who tries: whose way in it is, and from which address. A stranger elsewhere keeps nobody
/// out, and whether somebody is known does not show.
#[derive(Clone, Debug)]
pub struct Trier(String);

impl Trier {
    /// One for an address as it was typed, or for a login that is signed in.
    #[must_use]
    pub fn new(whose: &str, from: &str) -> Self {
        Self(format!("wrong:{whose}:{from}"))
    }
}

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

    /// Refuses who has tried wrongly too often.
    ///
    /// # Errors
    /// `too_often`, saying when to try again.
    pub async fn may_try(&self, trier: &Trier) -> Result<(), Problem> {
        let (now, bucket) = (self.now(), trier.0.clone());
        let known = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let after = now.plus(-HOUR);
                    Ok::<_, app::Error>(store::server::knocks(tx, &bucket, after).await?)
                })
            })
            .await?;
        match known.map(|(n, last)| last.plus(locked_for(n))) {
            Some(until) if now < until => Err(wait(until, now)),
            _ => Ok(()),
        }
    }

    /// Counts a wrong try.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn tried_wrongly(&self, trier: &Trier) -> Result<(), Problem> {
        let (now, bucket) = (self.now(), trier.0.clone());
        self.db()
            .write(move |tx| {
                let bucket = bucket.clone();
                Box::pin(async move {
                    store::server::knock(tx, &bucket, now, now.plus(-HOUR)).await?;
                    Ok::<_, app::Error>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Forgets wrong tries: it was right.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn tried_rightly(&self, trier: &Trier) -> Result<(), Problem> {
        let bucket = trier.0.clone();
        self.db()
            .write(move |tx| {
                let bucket = bucket.clone();
                Box::pin(
                    async move { Ok::<_, app::Error>(store::server::forgive(tx, &bucket).await?) },
                )
            })
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_try_after_the_fifth_costs_twice_as_long_up_to_an_hour() {
        assert_eq!(locked_for(4), 0);
        assert_eq!(locked_for(5), 30 * SECOND);
        assert_eq!(locked_for(6), 60 * SECOND);
        assert_eq!(locked_for(40), HOUR);
    }
}
