//! Ideas: trends, suggestions, and what became of them. Everything that came from outside is kept
//! here as evidence: it is shown, and never acted on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ContentId, IdentityId, SourceId, TrendId};
use crate::time::{Instant, Planned};

/// One item of a source, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Evidence {
    /// Where it was read; absent when that source is followed no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// What the source called itself.
    pub from: String,
    /// Its title, or its first words.
    pub title: String,
    /// Some of its text; may be empty.
    pub excerpt: String,
    /// Its page, always `http` or `https`. Only a person opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// When it says that it was published, never later than when it was read.
    pub at: Instant,
}

/// A day of a trend's curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DayCount {
    /// The day's beginning, UTC.
    pub day: Instant,
    /// Items that held the term.
    pub items: u32,
}

/// What is known of a trend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrendFacts {
    /// What it is called: its first term that is made of words.
    pub title: String,
    /// Terms that rise together, the most surprising first.
    pub terms: Vec<String>,
    /// How often the first one came in `hours`.
    pub observed: u32,
    /// How often it was expected to, in tenths.
    pub expected_tenths: u32,
    /// The hours in which it is most surprising.
    pub hours: u8,
    /// Sources that had it in them.
    pub sources: u32,
    /// -log10 of the probability that chance alone did it, in tenths.
    pub surprise_tenths: u32,
    /// Items a day, oldest first.
    pub curve: Vec<DayCount>,
    /// What it is known from, newest first.
    pub evidence: Vec<Evidence>,
    /// How many items hold it in all.
    pub items: u32,
}

/// Something of one's own that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnPost {
    /// Which.
    pub content: ContentId,
    /// Its title or first line.
    pub headline: String,
    /// Its text.
    pub text: String,
    /// When it went out.
    pub at: Instant,
    /// What it got, where that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub got: Option<u32>,
}

/// A reason, as data: the words are the window's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Why {
    /// Items hold an interest of the audience.
    Interest {
        /// As it is written in the persona.
        interest: String,
        /// So many of them.
        items: u32,
        /// Of so many.
        of: u32,
    },
    /// Own posts are about it.
    Wrote {
        /// Which of them, the best.
        content: ContentId,
        /// Its title or first line.
        headline: String,
        /// When it went out.
        at: Instant,
        /// How many there are.
        posts: u32,
    },
    /// It was said lately: it steps back.
    Said {
        /// Where.
        content: ContentId,
        /// Its title or first line.
        headline: String,
        /// When it went out.
        at: Instant,
    },
    /// It comes up more than it used to.
    Rises {
        /// How often.
        observed: u32,
        /// How often it was expected to, in tenths.
        expected_tenths: u32,
        /// In so many hours.
        hours: u8,
        /// From so many sources.
        sources: u32,
    },
    /// A post got more than posts of that account usually do.
    DidWell {
        /// What it got.
        got: u32,
        /// The median of the account's posts.
        usual: u32,
        /// Posts that the median is known from.
        posts: u32,
    },
    /// It was said long ago.
    Old {
        /// When.
        at: Instant,
    },
    /// It never went to these accounts.
    NeverOn {
        /// Which.
        accounts: Vec<IdentityId>,
    },
    /// It is long enough for several posts.
    Long {
        /// Its length in characters.
        characters: u32,
    },
    /// It had no picture.
    Plain,
    /// Posting slots of the coming days are empty.
    Free {
        /// How many.
        slots: u32,
        /// In so many days.
        days: u8,
    },
    /// Drafts wait for a time.
    Drafts {
        /// How many.
        count: u32,
    },
    /// Somebody asked, and it holds an interest of the audience.
    Asked {
        /// The interest.
        interest: String,
    },
}

/// A trend as it is for one persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrendFit {
    /// Likeness to what the persona is about, in percent; a quarter of it where it was said.
    pub relevance: u8,
    /// Why.
    pub why: Vec<Why>,
}

/// What kind of suggestion it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// Join a trend.
    JoinTrend,
    /// Answer what somebody asks.
    AnswerQuestion,
    /// Bring something of one's own again.
    UseAgain,
    /// Turn a long text into a thread.
    MakeThread,
    /// Give what worked another form.
    OtherForm,
    /// Fill a gap in the plan.
    FillGap,
}

impl SuggestionKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::JoinTrend,
        Self::AnswerQuestion,
        Self::UseAgain,
        Self::MakeThread,
        Self::OtherForm,
        Self::FillGap,
    ];
}

/// A question that an outline leaves open; the words are the window's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OpenQuestion {
    /// What do you have to say that the others do not?
    OwnAngle,
    /// Is what the items say true, and from whom do you know it?
    Checked,
    /// What has changed since it was written?
    Changed,
    /// Are its numbers, dates and links still right?
    StillRight,
    /// Who asks, and what do they know already?
    WhoAsks,
    /// Where does each part end so that it can stand alone?
    Parts,
    /// Which picture, question or list would say it differently?
    Form,
    /// Which of the drafts fits, or what would your audience want to know now?
    WhichDraft,
}

/// What a suggestion says, and what it is known from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuggestionFacts {
    /// A working title.
    pub title: String,
    /// Why, the strongest first.
    pub why: Vec<Why>,
    /// Items of sources that it builds on.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// The own post that it builds on, or the best one about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub own: Option<OwnPost>,
    /// The trend that it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trend: Option<TrendId>,
    /// Where it could go.
    #[serde(default)]
    pub accounts: Vec<IdentityId>,
    /// When it could go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
    /// What it leaves open.
    #[serde(default)]
    pub questions: Vec<OpenQuestion>,
    /// What such a post usually gets, by account; only where enough is known.
    #[serde(default)]
    pub ranges: Vec<ExpectedRange>,
    /// Topic, freshness, evidence, novelty, effort: each from -100 to 100.
    pub qualities: [i8; 5],
}

/// What a post like this one usually gets on an account: four of five lie in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExpectedRange {
    /// Which account.
    pub account: IdentityId,
    /// Lower end.
    pub low: u32,
    /// Upper end.
    pub high: u32,
    /// Posts that it is known from.
    pub posts: u32,
}

/// What became of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionStatus {
    /// Nothing yet.
    Open,
    /// It became a draft on its own; nothing is learned before a person does something with that.
    Drafted,
    /// It became an outline.
    Accepted,
    /// It became an outline, and something else was made of that.
    Edited,
    /// It was not wanted.
    Dismissed,
    /// Its time has passed; nothing is learned from it.
    Expired,
}

/// Why a suggestion was not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DismissReason {
    /// The topic is not the persona's: its terms are not suggested again.
    NotOurTopic,
    /// It was said already.
    AlreadySaid,
    /// The time is wrong.
    WrongTime,
    /// It is too risky to say something.
    TooRisky,
    /// Anything else.
    Other,
}
