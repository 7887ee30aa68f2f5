//! The assistant's methods on data of one's own: JSON in, JSON out, without a data folder.

mod accounts;
mod feeds;
mod writing;

use std::path::Path;

use assistant::language::{Language, language_of_many};
use domain::Instant;
use protocol::{Code, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::text_of;
use crate::args::AssistTask;
use crate::print;
use crate::reach::unreadable;

/// Does one task with what stands in a file or on standard input.
pub(super) fn assist(task: AssistTask, file: &Path) -> Result<(), Problem> {
    let text = text_of(file)?;
    match task {
        AssistTask::Trends => answer(&text, feeds::trends),
        AssistTask::Relevance => answer(&text, feeds::relevance),
        AssistTask::Besttime => answer(&text, accounts::besttime),
        AssistTask::Range => answer(&text, accounts::range),
        AssistTask::Unusual => answer(&text, accounts::unusual),
        AssistTask::Variants => answer(&text, accounts::variants),
        AssistTask::Suggestions => answer(&text, accounts::suggestions),
        AssistTask::Similar => answer(&text, writing::similar),
        AssistTask::Hashtags => answer(&text, writing::hashtags),
        AssistTask::Language => answer(&text, writing::language),
        AssistTask::Readability => answer(&text, writing::readability),
        AssistTask::Phrases => answer(&text, writing::phrases),
    }
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    text: &str,
    work: impl FnOnce(Q) -> Result<A, Problem>,
) -> Result<(), Problem> {
    let question = serde_json::from_str(text).map_err(|e| unreadable(&e))?;
    print::json(&work(question)?);
    Ok(())
}

fn wrong(what: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidInput, what)
}

/// A moment: RFC 3339, or a number of seconds since 1970 (of milliseconds, from 100,000,000,000 on).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct When {
    at: Instant,
    form: Form,
}

/// How a moment is written; what is answered is written as what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Seconds,
    Milliseconds,
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(f64),
        }
        let (at, form) = match Written::deserialize(deserializer)? {
            Written::Text(text) => (text.parse().map_err(serde::de::Error::custom)?, Form::Text),
            Written::Number(n) if n.abs() >= 1e11 => (Instant(n as i64), Form::Milliseconds),
            Written::Number(n) => (Instant((n * 1e3) as i64), Form::Seconds),
        };
        Ok(Self { at, form })
    }
}

/// The same moment, or another, as it is written.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Told {
    Text(Instant),
    Number(f64),
}

impl Form {
    fn tell(self, at: Instant) -> Told {
        match self {
            Self::Text => Told::Text(at),
            Self::Seconds => Told::Number(at.0 as f64 / 1e3),
            Self::Milliseconds => Told::Number(at.0 as f64),
        }
    }
}

/// Languages by their codes; one that is not known is refused.
fn languages(codes: &[String]) -> Result<Vec<Language>, Problem> {
    let of = |code: &String| {
        Language::of_tag(code).ok_or_else(|| {
            let known: Vec<&str> = Language::ALL.iter().map(|l| l.code()).collect();
            wrong(format!(
                "There is no language “{code}”. There are: {}.",
                known.join(", ")
            ))
        })
    };
    codes.iter().map(of).collect()
}

/// The language that was named, else the one that most of the texts are in.
fn language_of<'a>(
    named: Option<&String>,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Language>, Problem> {
    match named {
        Some(code) => Ok(languages(std::slice::from_ref(code))?.first().copied()),
        None => Ok(language_of_many(texts, Language::ALL)),
    }
}
