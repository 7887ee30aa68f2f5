//! What helps while writing: copies, hashtags, language, ease of reading, key phrases.

use assistant::hashtags::{Habits, Tagged};
use assistant::near::is_similar;
use assistant::phrases::key_phrases;
use assistant::readability::{Ease, Formula};
use protocol::Problem;
use serde::{Deserialize, Serialize};

use super::{language_of, languages};

#[derive(Debug, Deserialize)]
pub(super) struct SimilarAsked {
    pairs: Vec<TextPair>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum TextPair {
    List(String, String),
    Named { a: String, b: String },
}

#[derive(Debug, Serialize)]
pub(super) struct SimilarTold {
    similar: Vec<bool>,
}

pub(super) fn similar(asked: SimilarAsked) -> Result<SimilarTold, Problem> {
    let one = |pair: &TextPair| match pair {
        TextPair::List(a, b) | TextPair::Named { a, b } => is_similar(a, b),
    };
    Ok(SimilarTold {
        similar: asked.pairs.iter().map(one).collect(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct HashtagsAsked {
    history: Vec<TaggedPost>,
    drafts: Vec<String>,
    k: usize,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TaggedPost {
    text: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct HashtagsTold {
    tags: Vec<Vec<String>>,
}

pub(super) fn hashtags(asked: HashtagsAsked) -> Result<HashtagsTold, Problem> {
    let texts = asked.history.iter().map(|post| post.text.as_str());
    let language = language_of(asked.language.as_ref(), texts)?;
    let posts: Vec<Tagged<'_>> = asked
        .history
        .iter()
        .map(|post| Tagged {
            text: &post.text,
            tags: post.tags.iter().map(String::as_str).collect(),
        })
        .collect();
    let habits = Habits::new(&posts, language);
    let tags = |draft: &String| {
        let advice = habits.advice(draft, asked.k);
        advice.into_iter().map(|advice| advice.tag).collect()
    };
    Ok(HashtagsTold {
        tags: asked.drafts.iter().map(tags).collect(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct LanguageAsked {
    texts: Vec<String>,
    /// Those that can be expected; all when empty.
    #[serde(default)]
    declared: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct LanguageTold {
    languages: Vec<Option<&'static str>>,
}

pub(super) fn language(asked: LanguageAsked) -> Result<LanguageTold, Problem> {
    let expected = languages(&asked.declared)?;
    let one = |text: &String| assistant::language::language(text, &expected).map(|l| l.code());
    Ok(LanguageTold {
        languages: asked.texts.iter().map(one).collect(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct TextsAsked {
    texts: Vec<String>,
    /// That of all texts; the one that most of them are in when absent.
    #[serde(default)]
    language: Option<String>,
    /// Of each text at most so many phrases.
    #[serde(default = "five")]
    k: usize,
}

const fn five() -> usize {
    5
}

impl TextsAsked {
    fn language(&self) -> Result<Option<assistant::language::Language>, Problem> {
        language_of(
            self.language.as_ref(),
            self.texts.iter().map(String::as_str),
        )
    }
}

#[derive(Debug, Serialize)]
pub(super) struct ReadabilityTold {
    /// Absent where a text is too short, or its language is not known.
    readability: Vec<Option<OneTold>>,
}

#[derive(Debug, Serialize)]
struct OneTold {
    score: f64,
    formula: &'static str,
    ease: &'static str,
    words: usize,
    sentences: usize,
}

pub(super) fn readability(asked: TextsAsked) -> Result<ReadabilityTold, Problem> {
    let language = asked.language()?;
    let one = |text: &String| {
        let found = assistant::readability::readability(text, language?)?;
        Some(OneTold {
            score: found.score,
            formula: match found.formula {
                Formula::Flesch => "flesch",
                Formula::Gulpease => "gulpease",
                Formula::Lix => "lix",
            },
            ease: match found.ease {
                Ease::Easy => "easy",
                Ease::Fair => "fair",
                Ease::Hard => "hard",
            },
            words: found.words,
            sentences: found.sentences,
        })
    };
    Ok(ReadabilityTold {
        readability: asked.texts.iter().map(one).collect(),
    })
}

#[derive(Debug, Serialize)]
pub(super) struct PhrasesTold {
    phrases: Vec<Vec<String>>,
}

pub(super) fn phrases(asked: TextsAsked) -> Result<PhrasesTold, Problem> {
    let language = asked.language()?;
    let one = |text: &String| {
        key_phrases(text, language, asked.k)
            .into_iter()
            .map(|phrase| phrase.text)
            .collect()
    };
    Ok(PhrasesTold {
        phrases: asked.texts.iter().map(one).collect(),
    })
}
