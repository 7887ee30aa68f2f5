//! What can be chosen beside text and pictures: who may read and reply, what hides behind a
//! click, a poll.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who may read a post, from everybody to fewest: a later one lets in fewer.
///
/// Networks without this choice show every post to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody, and it is listed wherever the network lists posts. Mastodon: `public`.
    Public,
    /// Everybody who comes across it; not in public timelines and searches. Mastodon: `unlisted`
    /// (“quiet public”).
    Unlisted,
    /// The account's followers and who is mentioned. Mastodon: `private`.
    Followers,
    /// Only who is mentioned. Mastodon: `direct`.
    Direct,
}

/// Who may reply. Who is mentioned may reply on every network that has this choice, except with
/// [`Replies::Nobody`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Replies {
    /// Anybody. Bluesky: no thread gate; X: no `reply_settings`.
    Everyone,
    /// Accounts that this account follows. Bluesky: `followingRule`; X: `following`.
    Following,
    /// Accounts that follow this account. Bluesky: `followerRule`.
    Followers,
    /// Only who is mentioned. Bluesky: `mentionRule`; X: `mentionedUsers`.
    Mentioned,
    /// Nobody but the account itself. Bluesky: a thread gate that allows nothing.
    Nobody,
    /// Accounts that the network verified. X: `verified`.
    Verified,
    /// Accounts that pay for this one. X: `subscribers`.
    Subscribers,
}

/// A question with choices, below the first segment's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Poll {
    /// What can be chosen, in order.
    pub choices: Vec<String>,
    /// How long votes are taken, in minutes from the moment it is published.
    pub minutes: u32,
    /// Several may be chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub multiple: bool,
    /// Counts are hidden until it ends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub hide_totals: bool,
}

/// Another's post that stands below the first segment's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quote {
    /// Its address, as a person gave it.
    pub address: String,
    /// The network's own id, as found at save (Bluesky: the `at://` URI); empty in what is typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub id: String,
    /// What names its words as they were at save, where the network has such a name (Bluesky: the
    /// CID).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub hash: String,
    /// Who wrote it, as people write it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub author: String,
    /// Its words as they were at save: for who decides, never sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub text: String,
}

/// What can be chosen beside text and media. Absent means the network's (or the account's) own
/// default.
///
/// In a thread, visibility, warning, sensitivity and labels hold for every segment; the poll
/// and the quote go with the first; who may reply and quote is said of the first, and holds for the
/// thread where the network has it so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Options {
    /// Leave the link card out although the text has a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub no_card: bool,
    /// Who may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub visibility: Option<Visibility>,
    /// One line that readers see first, with the post behind a click; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub content_warning: String,
    /// Pictures are hidden behind a click.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub sensitive: bool,
    /// Who may reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub replies: Option<Replies>,
    /// Nobody may quote it. Bluesky: a post gate; Mastodon: `quote_approval_policy` `nobody`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub quotes_off: bool,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll: Option<Poll>,
    /// The post says that it was made with AI. X: `made_with_ai`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub made_with_ai: bool,
    /// What the author labels it as, in the network's own words (Bluesky's self-labels, such as
    /// `nudity`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub labels: Vec<String>,
    /// The post quotes another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quote: Option<Quote>,
}

impl Options {
    /// Whether nothing was chosen.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_chosen_leaves_no_trace() {
        assert_eq!(serde_json::to_string(&Options::default()).unwrap(), "{}");
        let poll = Poll {
            choices: vec!["Yes".into(), "No".into()],
            minutes: 60,
            ..Poll::default()
        };
        assert_eq!(
            serde_json::to_string(&poll).unwrap(),
            r#"{"choices":["Yes","No"],"minutes":60}"#
        );
    }

    #[test]
    fn a_quote_that_is_only_typed_is_its_address() {
        let options = Options {
            quote: Some(Quote {
                address: "https://a.example/1".into(),
                ..Quote::default()
            }),
            ..Options::default()
        };
        assert_eq!(
            serde_json::to_string(&options).unwrap(),
            r#"{"quote":{"address":"https://a.example/1"}}"#
        );
    }

    #[test]
    fn options_of_earlier_versions_read_as_before() {
        let options: Options = serde_json::from_str(r#"{"no_card":true}"#).unwrap();
        assert!(options.no_card);
        assert_eq!(
            Options {
                no_card: false,
                ..options
            },
            Options::default()
        );
    }
}
