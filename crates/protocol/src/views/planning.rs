//! Best hours.

use domain::identity::NetworkId;
use domain::ids::{IdentityId, PersonaId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How much better than in an average hour of the week a post does in this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HourEffect {
    /// Likes, reposts, replies and quotes, in percent more (or less) than in an average hour.
    pub effect: i32,
    /// Lower end of the range in which it lies four times out of five, in percent.
    pub low: i32,
    /// Upper end, in percent.
    pub high: i32,
    /// From 0, the weakest hours of the week, to 4, the strongest.
    pub step: u8,
}

/// The hours of the week of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountHours {
    /// Which.
    pub identity: IdentityId,
    /// Its network.
    pub network: NetworkId,
    /// Its handle.
    pub handle: String,
    /// Own posts that were measured.
    pub posts: u32,
    /// 168 hours in UTC; Monday 00:00 is the first.
    pub hours: Vec<HourEffect>,
}

/// What best hours are known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HoursBasis {
    /// Measured posts.
    Posts,
    /// The audience's time zones: too few posts were measured.
    Zones,
}

/// The best hours of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BestHours {
    /// Whose.
    pub persona: PersonaId,
    /// From what they are known.
    pub basis: HoursBasis,
    /// Posts that were measured, over all accounts.
    pub posts: u32,
    /// The IANA zones of the audience; the persona's own where none is named.
    pub zones: Vec<String>,
    /// The mean over the accounts: 168 hours in UTC; Monday 00:00 is the first.
    pub hours: Vec<HourEffect>,
    /// Hours of the week (0 to 167), the best one first, at least three hours apart.
    pub strongest: Vec<u8>,
    /// By account.
    pub accounts: Vec<AccountHours>,
}
