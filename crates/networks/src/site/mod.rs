//! The local site: a folder with pages and an Atom feed that anyone can host.
//!
//! ```text
//! index.html  feed.xml  style.css
//! entries/<entry>.html          one page per delivery; the segments of a thread are its parts
//! media/<hash>.<extension>
//! .rostrum/site.json            whose folder this is
//! .rostrum/entries/<entry>/<part>.json   what pages and feed are made of
//! .rostrum/lock
//! ```
//!
//! Writing the part's file is the publication; pages and feed are derived from those files, under
//! the lock, and can be made again at any time ([`SiteAdapter::check`] does). The entry's id is
//! the delivery's, so repeating a write is the same write.

mod files;
mod folder;
mod page;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::{
    Account, AccountFacts, Adapter, Answer, Checked, Choices, ConnectInput, ConnectKind,
    ConnectMethod, Connected, Descriptor, EditInput, Features, Field, FieldKind, FindInput, Found,
    JournalInput, Metric, NetworkError, Outcome, Presence, Remote, Said, SubmitInput,
};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::{Rules, pure_half};
use crate::text::{self, grammar};

use folder::{Folder, SiteError};

/// How long to wait for another program that holds the folder's lock.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// What a page can do: fold a text or a picture. Who has the address may read.
const CHOICES: Choices = Choices {
    visibility: &[],
    content_warning: true,
    sensitive: true,
    replies: &[],
    quotes_off: false,
    made_with_ai: false,
    labels: &[],
    quote: false,
};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::plain,
        length: |text, _| text::characters(text),
        mention_ids: false,
        cards: true,
        card_or_pictures: false,
        titles: true,
        choices: CHOICES,
        warning_counts: false,
    };
    Rules::new("site", grammar, include_str!("limits.toml"))
}

/// Publishes into a folder.
pub struct SiteAdapter {
    descriptor: Descriptor,
    rules: Rules,
    /// Below this folder alone; anywhere when absent.
    within: Option<PathBuf>,
}

impl SiteAdapter {
    /// Makes the adapter.
    ///
    /// # Errors
    /// When the rule pack of this program is broken.
    pub fn new() -> Result<Self, PackError> {
        let rules = rules()?;
        Ok(Self {
            descriptor: Descriptor {
                id: rules.id.clone(),
                name: "Local site",
                letters: "Si",
                features: Features {
                    threads: true,
                    images: true,
                    alt: true,
                    link_cards: true,
                    languages: true,
                    titles: true,
                    choices: rules.choices(),
                    edit: true,
                    schedules: false,
                    delete: true,
                    read_back: true,
                    local: true,
                    ..Features::default()
                },
                idempotency: Idempotency::Natural,
                connect: vec![ConnectMethod {
                    id: "folder",
                    kind: ConnectKind::Fields,
                    fields: fields(),
                    guide_url: None,
                }],
            },
            rules,
            within: None,
        })
    }

    /// Publishes only into folders right below `root`, which people call by name: they are not at
    /// the computer on which this runs, and must not write wherever it may.
    ///
    /// # Errors
    /// As [`SiteAdapter::new`].
    pub fn within(root: &Path) -> Result<Self, PackError> {
        Ok(Self {
            within: Some(root.to_owned()),
            ..Self::new()?
        })
    }

    /// Where the folder that was named lies.
    fn place(&self, named: &str) -> Result<PathBuf, SiteError> {
        let path = Path::new(named);
        let Some(root) = &self.within else {
            return match path.is_absolute() {
                true => Ok(path.to_owned()),
                false => Err(SiteError::NotAFolder(path.to_owned())),
            };
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if named.is_empty() || named.len() > 64 || !named.chars().all(plain) {
            return Err(SiteError::NoName(named.to_owned()));
        }
        Ok(root.join(named))
    }

    /// What is stored of an account, with the folder where it lies. Looked at before each use: what
    /// is stored may have come from anybody who may change accounts.
    fn placed(&self, facts: &AccountFacts) -> Result<AccountFacts, SiteError> {
        let mut placed = facts.clone();
        if let Some(folder) = placed.settings.get_mut("folder") {
            *folder = self.place(folder)?.display().to_string();
        }
        Ok(placed)
    }
}

fn fields() -> Vec<Field> {
    let field = |id, kind, required, example| Field {
        id,
        kind,
        required,
        preset: "",
        example,
    };
    vec![
        field("folder", FieldKind::Folder, true, ""),
        field("title", FieldKind::Text, true, "Notes from the hut"),
        field("author", FieldKind::Text, false, "Mara Lind"),
        field(
            "address",
            FieldKind::Url,
            false,
            "https://example.org/notes/",
        ),
    ]
}

/// What a [`Remote`] of this network names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    entry: Uuid,
    part: u32,
}

impl Place {
    fn of_keys(keys: &Value) -> Option<(Self, Instant)> {
        let place = Self {
            entry: keys.get("entry")?.as_str()?.parse().ok()?,
            part: u32::try_from(keys.get("part")?.as_u64()?).ok()?,
        };
        Some((place, keys.get("published")?.as_str()?.parse().ok()?))
    }

    fn of_remote(remote: &Remote) -> Option<Self> {
        let (entry, part) = match remote.id.split_once('#') {
            Some((entry, part)) => (entry, part.strip_prefix("part-")?.parse::<u32>().ok()?),
            None => (remote.id.as_str(), 1),
        };
        Some(Self {
            entry: entry.strip_prefix("urn:uuid:")?.parse().ok()?,
            part: part.checked_sub(1)?,
        })
    }

    fn remote(self, folder: &Folder) -> Remote {
        let anchor = if self.part == 0 {
            String::new()
        } else {
            format!("#part-{}", self.part + 1)
        };
        Remote {
            id: format!("urn:uuid:{}{anchor}", self.entry),
            url: Some(format!("{}{anchor}", folder.page_url(self.entry))),
            extra: Value::Null,
        }
    }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SiteError> + Send + 'static,
) -> Result<T, SiteError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(SiteError::Stopped),
    }
}

#[async_trait]
impl Adapter for SiteAdapter {
    pure_half!();

    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError> {
        let get = |name: &str| input.fields.get(name).map_or("", |v| v.trim()).to_owned();
        let folder = get("folder");
        let title = get("title");
        let wrong = |field, code, words: &str| NetworkError::Field {
            field,
            code,
            words: words.to_owned(),
        };
        let path = match self.place(&folder) {
            Ok(path) => path,
            Err(SiteError::NotAFolder(_)) => {
                return Err(wrong(
                    "folder",
                    "not_a_folder",
                    "Choose a folder on this computer.",
                ));
            }
            Err(error) => return Err(wrong("folder", error.code(), &error.to_string())),
        };
        if title.is_empty() {
            return Err(wrong("title", "empty", "Give the site a title."));
        }
        let mut settings = BTreeMap::from([
            ("folder".to_owned(), folder),
            ("title".to_owned(), title.clone()),
        ]);
        if !get("author").is_empty() {
            settings.insert("author".to_owned(), get("author"));
        }
        if !get("address").is_empty() {
            let address = page::public_address(&get("address")).ok_or_else(|| {
                wrong(
                    "address",
                    "not_an_address",
                    "This is not an address such as https://example.org/notes/.",
                )
            })?;
            settings.insert("address".to_owned(), address);
        }
        let handle = path
            .file_name()
            .map_or_else(|| title.clone(), |n| n.to_string_lossy().into_owned());
        let mut facts = AccountFacts {
            remote_id: String::new(),
            handle,
            settings,
            live: Vec::new(),
        };
        let opened = self
            .placed(&facts)
            .map_err(|e| wrong("folder", e.code(), &e.to_string()))?;
        let now = input.now;
        facts.remote_id = blocking(move || Folder::adopt(&opened, now))
            .await
            .map_err(|e| wrong("folder", e.code(), &e.to_string()))?
            .to_string();
        Ok(Connected {
            facts,
            name: title,
            avatar: None,
            secret: None,
        })
    }

    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        let facts = self.placed(account.facts);
        let done = blocking(move || Folder::open(&facts?, LOCK_PATIENCE)?.rebuild()).await;
        Answer::from(match done {
            Ok(()) => Ok(Checked {
                facts: account.facts.clone(),
                name: account.facts.settings.get("title").cloned(),
            }),
            Err(error) => Err(error.into()),
        })
    }

    async fn resolve(
        &self,
        _: Account<'_>,
        handles: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        Answer::from(Ok(handles.iter().map(|h| (h.clone(), None)).collect()))
    }

    fn journal_keys(&self, input: &JournalInput<'_>) -> Value {
        if let Some(earlier) = input.earlier
            && Place::of_keys(earlier).is_some()
        {
            return earlier.clone();
        }
        json!({
            "entry": input.delivery.to_string(),
            "part": input.segment,
            "published": input.now.to_string(),
        })
    }

    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome> {
        let facts = match self.placed(input.account.facts) {
            Ok(facts) => facts,
            Err(error) => return write::failed(&error).into(),
        };
        let account = Account {
            facts: &facts,
            ..input.account
        };
        let input = SubmitInput { account, ..input };
        write::add(input).await.unwrap_or_else(|no| no).into()
    }

    async fn edit(&self, input: EditInput<'_>) -> Answer<Outcome> {
        let facts = match self.placed(input.account.facts) {
            Ok(facts) => facts,
            Err(error) => return write::failed(&error).into(),
        };
        let account = Account {
            facts: &facts,
            ..input.account
        };
        let input = EditInput { account, ..input };
        write::replace(input).await.unwrap_or_else(|no| no).into()
    }

    async fn says(&self, input: EditInput<'_>) -> Answer<Result<Said, NetworkError>> {
        let facts = match self.placed(input.account.facts) {
            Ok(facts) => facts,
            Err(error) => return Answer::from(Err(error.into())),
        };
        let account = Account {
            facts: &facts,
            ..input.account
        };
        write::says(EditInput { account, ..input }).await.into()
    }

    async fn find(&self, input: FindInput<'_>) -> Answer<Result<Found, NetworkError>> {
        let Some((place, _)) = Place::of_keys(&input.attempt.keys) else {
            return Answer::from(Ok(Found::None));
        };
        let facts = self.placed(input.account.facts);
        let found = blocking(move || {
            let folder = Folder::open(&facts?, LOCK_PATIENCE)?;
            Ok(match presence_in(&folder, place)? {
                Presence::Gone => Found::None,
                Presence::There(remote) => {
                    folder.complete()?;
                    Found::One(remote)
                }
            })
        });
        Answer::from(found.await.map_err(NetworkError::from))
    }

    async fn look(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        Answer::from(match Place::of_remote(remote) {
            Some(place) => presence(self.placed(account.facts), place).await,
            None => Ok(Presence::Gone),
        })
    }

    async fn delete(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        let Some(place) = Place::of_remote(remote) else {
            return Answer::from(Ok(Presence::Gone));
        };
        let facts = self.placed(account.facts);
        let done = blocking(move || {
            let folder = Folder::open(&facts?, LOCK_PATIENCE)?;
            folder.remove(place.entry, place.part)?;
            presence_in(&folder, place)
        });
        Answer::from(done.await.map_err(NetworkError::from))
    }

    async fn metrics(
        &self,
        _: Account<'_>,
        _: &[Remote],
        _: Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>> {
        // A folder does not know who reads it: absent, not zero.
        Answer::from(Ok(Vec::new()))
    }
}

async fn presence(
    facts: Result<AccountFacts, SiteError>,
    place: Place,
) -> Result<Presence, NetworkError> {
    blocking(move || presence_in(&Folder::open(&facts?, LOCK_PATIENCE)?, place))
        .await
        .map_err(NetworkError::from)
}

fn presence_in(folder: &Folder, place: Place) -> Result<Presence, SiteError> {
    Ok(if folder.shows(place.entry, place.part)? {
        Presence::There(place.remote(folder))
    } else {
        Presence::Gone
    })
}

impl From<SiteError> for NetworkError {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::NotOurs(_) | SiteError::NoName(_) => Self::NeedsReconnect {
                words: error.to_string(),
            },
            other => Self::Unreachable {
                host: "the folder".to_owned(),
                why: other.to_string(),
            },
        }
    }
}
