//! Sources and who follows them.

use std::collections::BTreeMap;

use db::{Tx, args};
use domain::Instant;
use domain::ids::{OrganizationId, PersonaId, SourceId};
use domain::source::{Feed, SourceHealth, SourceTrouble};

use crate::Error;
use crate::codec::{Columns as _, name_of};

/// A source as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub id: SourceId,
    /// What is read, what people call it, who follows it.
    pub source: domain::source::Source,
    /// How reading it goes.
    pub state: State,
    /// Since when it is followed.
    pub added_at: Instant,
}

/// How reading a source goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As it calls itself; empty until it was read.
    pub title: String,
    /// BCP 47, as it says or as its texts look.
    pub language: Option<String>,
    /// How it stands.
    pub health: SourceHealth,
    /// What is wrong.
    pub trouble: Option<SourceTrouble>,
    /// What a reading said of that, such as a status.
    pub words: Option<String>,
    /// Readings in a row that failed.
    pub failures: u32,
    /// What the server wants to hear in the next conditional request.
    pub etag: Option<String>,
    /// The same, as a time in the server's own words.
    pub last_modified: Option<String>,
    /// When it was last read, whatever came of it.
    pub read_at: Option<Instant>,
    /// When it is read next.
    pub next_at: Option<Instant>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            title: String::new(),
            language: None,
            health: SourceHealth::New,
            trouble: None,
            words: None,
            failures: 0,
            etag: None,
            last_modified: None,
            read_at: None,
            next_at: None,
        }
    }
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT * FROM source WHERE organization_id = $1 ORDER BY added_at, id";
        pub(super) GET = "SELECT * FROM source WHERE organization_id = $1 AND id = $2";
        pub(super) OF_FEED = "SELECT * FROM source WHERE organization_id = $1 AND kind = $2 AND address = $3 AND tag = $4";
        pub(super) FOLLOWS = "SELECT source_id, persona_id FROM source_follow WHERE organization_id = $1 ORDER BY source_id, persona_id";
        pub(super) FOLLOWS_OF = "SELECT source_id, persona_id FROM source_follow WHERE organization_id = $1 AND source_id = $2 ORDER BY persona_id";
        pub(super) SAVE = "INSERT INTO source (organization_id, id, kind, address, tag, name, title, language, health, trouble, words, failures, etag, last_modified, read_at, next_at, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (organization_id, id) DO UPDATE SET kind = excluded.kind, address = excluded.address, tag = excluded.tag, name = excluded.name, title = excluded.title, language = excluded.language, health = excluded.health, trouble = excluded.trouble, words = excluded.words, failures = excluded.failures, etag = excluded.etag, last_modified = excluded.last_modified, read_at = excluded.read_at, next_at = excluded.next_at";
        pub(super) STAND = "UPDATE source SET title = $3, language = $4, health = $5, trouble = $6, words = $7, failures = $8, etag = $9, last_modified = $10, read_at = $11, next_at = $12 WHERE organization_id = $1 AND id = $2";
        pub(super) UNFOLLOW = "DELETE FROM source_follow WHERE organization_id = $1 AND source_id = $2";
        pub(super) FOLLOW = "INSERT INTO source_follow (organization_id, source_id, persona_id) VALUES ($1, $2, $3) ON CONFLICT (organization_id, source_id, persona_id) DO NOTHING";
        pub(super) DELETE = "DELETE FROM source WHERE organization_id = $1 AND id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row, personas: Vec<PersonaId>) -> Result<Source, Error> {
    Ok(Source {
        id: row.id("id")?,
        source: domain::source::Source {
            feed: Feed {
                kind: row.name("kind")?,
                address: row.get("address")?,
                tag: row.get("tag")?,
            },
            name: row.get("name")?,
            personas,
        },
        state: State {
            title: row.get("title")?,
            language: row.get("language")?,
            health: row.name("health")?,
            trouble: row.maybe_name("trouble")?,
            words: row.get("words")?,
            failures: row.count("failures")?,
            etag: row.get("etag")?,
            last_modified: row.get("last_modified")?,
            read_at: row.maybe_instant("read_at")?,
            next_at: row.maybe_instant("next_at")?,
        },
        added_at: row.instant("added_at")?,
    })
}

/// All, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Source>, Error> {
    let mut follows: BTreeMap<SourceId, Vec<PersonaId>> = BTreeMap::new();
    for row in tx.rows(sql::FOLLOWS, args![organization.0]).await? {
        let source = follows.entry(row.id("source_id")?).or_default();
        source.push(row.id("persona_id")?);
    }
    tx.rows(sql::ALL, args![organization.0])
        .await?
        .iter()
        .map(|row| read(row, follows.remove(&row.id("id")?).unwrap_or_default()))
        .collect()
}

async fn followers(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SourceId,
) -> Result<Vec<PersonaId>, Error> {
    tx.rows(sql::FOLLOWS_OF, args![organization.0, id.0])
        .await?
        .iter()
        .map(|row| row.id("persona_id"))
        .collect()
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SourceId,
) -> Result<Option<Source>, Error> {
    let Some(row) = tx.row(sql::GET, args![organization.0, id.0]).await? else {
        return Ok(None);
    };
    let personas = followers(tx, organization, id).await?;
    read(&row, personas).map(Some)
}

/// The one that reads a feed.
///
/// # Errors
/// When the database says no.
pub async fn of_feed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    feed: &Feed,
) -> Result<Option<Source>, Error> {
    let args = args![
        organization.0,
        name_of(&feed.kind)?,
        feed.address.as_str(),
        feed.tag.as_str()
    ];
    let Some(row) = tx.row(sql::OF_FEED, args).await? else {
        return Ok(None);
    };
    let personas = followers(tx, organization, row.id("id")?).await?;
    read(&row, personas).map(Some)
}

/// Adds or changes one, with who follows it.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    kept: &Source,
) -> Result<(), Error> {
    let (source, state) = (&kept.source, &kept.state);
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            kept.id.0,
            name_of(&source.feed.kind)?,
            source.feed.address.as_str(),
            source.feed.tag.as_str(),
            source.name.as_str(),
            state.title.as_str(),
            state.language.as_deref(),
            name_of(&state.health)?,
            state.trouble.as_ref().map(name_of).transpose()?,
            state.words.as_deref(),
            state.failures,
            state.etag.as_deref(),
            state.last_modified.as_deref(),
            state.read_at.map(|at| at.0),
            state.next_at.map(|at| at.0),
            kept.added_at.0
        ],
    )
    .await?;
    tx.execute(sql::UNFOLLOW, args![organization.0, kept.id.0])
        .await?;
    for persona in &source.personas {
        tx.execute(sql::FOLLOW, args![organization.0, kept.id.0, persona.0])
            .await?;
    }
    Ok(())
}

/// Writes how reading one goes; answers whether it is still there.
///
/// # Errors
/// When the database says no.
pub async fn stand(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SourceId,
    state: &State,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            sql::STAND,
            args![
                organization.0,
                id.0,
                state.title.as_str(),
                state.language.as_deref(),
                name_of(&state.health)?,
                state.trouble.as_ref().map(name_of).transpose()?,
                state.words.as_deref(),
                state.failures,
                state.etag.as_deref(),
                state.last_modified.as_deref(),
                state.read_at.map(|at| at.0),
                state.next_at.map(|at| at.0)
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Deletes one with its items.
///
/// # Errors
/// When the database says no.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SourceId,
) -> Result<(), Error> {
    crate::signal::delete_of(tx, organization, id).await?;
    tx.execute(sql::UNFOLLOW, args![organization.0, id.0])
        .await?;
    tx.execute(sql::DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
