//! Lists that come in pages.

use protocol::views;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How many without being asked for more or fewer.
const USUAL: u32 = 50;
/// How many at most.
pub(crate) const MOST: u32 = 200;

/// Which part of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Where the last page ended: its `next`.
    #[serde(default)]
    #[ts(optional)]
    pub cursor: Option<String>,
    /// How many, at most 200; 50 when absent.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// How many are meant.
///
/// # Errors
/// `invalid_input`.
pub(crate) fn limit(wanted: Option<u32>) -> Result<u32, Problem> {
    match wanted {
        None => Ok(USUAL),
        Some(n) if (1..=MOST).contains(&n) => Ok(n),
        Some(_) => Err(
            Problem::new(Code::InvalidInput, "A page has 1 to 200 entries.")
                .with_field("limit", "1 to 200"),
        ),
    }
}

/// The part of a whole list behind `cursor`, and where the next begins.
///
/// # Errors
/// `invalid_input` for a cursor that is none of this list.
pub(crate) fn part<T>(
    all: Vec<T>,
    wanted: &Part,
    id: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let limit = limit(wanted.limit)? as usize;
    let from = match &wanted.cursor {
        None => 0,
        Some(cursor) => {
            let at = all.iter().position(|entry| id(entry) == *cursor);
            at.ok_or_else(no_page)? + 1
        }
    };
    let more = all.len() > from + limit;
    let rows: Vec<T> = all.into_iter().skip(from).take(limit).collect();
    let next = rows.last().filter(|_| more).map(id);
    Ok((rows, next))
}

/// A cursor that leads nowhere.
pub(crate) fn no_page() -> Problem {
    Problem::new(
        Code::InvalidInput,
        "This page does not exist (any more). Start at the first.",
    )
    .with_field("cursor", "no page of this list")
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident of $row:ty),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, TS)]
        pub struct $name {
            /// In order.
            pub rows: Vec<$row>,
            /// Where the next page begins; absent at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[ts(optional)]
            pub next: Option<String>,
        }
    )+};
}

pages! {
    /// A page of personas.
    PersonaPage of views::PersonaDetail,
    /// A page of accounts.
    AccountPage of views::Account,
    /// A page of approval chains.
    ChainPage of views::Chain,
    /// A page of requests.
    RequestPage of views::RequestRow,
    /// A page of threads of notes.
    NotePage of views::NoteThread,
    /// The networks.
    NetworkPage of views::Network,
}
