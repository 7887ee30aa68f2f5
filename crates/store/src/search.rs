//! The queue: contents by status, persona, account and words, newest change first.
//!
//! Terms are made by `domain::search`; FTS5 and GIN only keep them, so both databases find the
//! same (rules.md 20).

use db::{Dialect, Tx, Value, args};
use domain::Instant;
use domain::ids::{ContentId, IdentityId, OrganizationId, PersonaId};
use domain::search::{query_terms, search_terms};
use domain::status::ContentStatus;

use crate::Error;
use crate::content::{self, Content};

/// Which contents.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Empty means all but archived.
    pub statuses: Vec<ContentStatus>,
    /// Of one persona.
    pub persona: Option<PersonaId>,
    /// To one account.
    pub identity: Option<IdentityId>,
    /// All terms, as prefixes.
    pub search: Option<String>,
    /// Only what waits for a person: asked to change it, refused, or with a delivery that did not
    /// go as planned.
    pub needs: bool,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's time.
    pub changed_at: Instant,
    /// The last row's id.
    pub id: ContentId,
}

mod sql {
    db::statements! {
        pub(super) INDEX = "INSERT INTO content_terms (organization_id, content_id, terms) VALUES ($1, $2, $3) ON CONFLICT (organization_id, content_id) DO UPDATE SET terms = excluded.terms";
        pub(super) POINT = "UPDATE content SET terms_ref = (SELECT rowid_ref FROM content_terms WHERE organization_id = $1 AND content_id = $2) WHERE organization_id = $1 AND id = $2 AND terms_ref IS NULL";
    }
}
pub use sql::STATEMENTS;

/// Contents that wait for a person: few, and each part finds its rows by an index. SQLite looks
/// contents up for what stands before a CROSS JOIN, never the other way round.
const NEEDING: &str = "(SELECT id FROM (SELECT id FROM content WHERE organization_id = $1 AND status IN ('changes_requested', 'rejected') UNION ALL SELECT content_id FROM delivery WHERE organization_id = $1 AND status IN ('failed', 'unconfirmed', 'missed') UNION ALL SELECT content_id FROM delivery WHERE organization_id = $1 AND status = 'held' AND hold <> 'folder') AS some GROUP BY id) AS needing CROSS JOIN content c";

/// Makes a content findable by its words.
///
/// # Errors
/// When the database says no.
pub async fn index(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
    text: &str,
) -> Result<(), Error> {
    let terms = search_terms(text).join(" ");
    tx.execute(sql::INDEX, args![organization.0, content.0, terms])
        .await?;
    tx.execute(sql::POINT, args![organization.0, content.0])
        .await?;
    Ok(())
}

/// What a filter adds to a statement on `content c`.
struct Where {
    from: &'static str,
    sql: String,
    args: Vec<Value>,
}

impl Where {
    fn new(organization: OrganizationId) -> Self {
        Self {
            from: "content c",
            sql: "c.organization_id = $1".to_owned(),
            args: vec![organization.0.into()],
        }
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn and(&mut self, clause: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(clause);
    }

    fn filter(&mut self, filter: &Filter, dialect: Dialect) {
        if let Some(persona) = filter.persona {
            let p = self.bind(persona.0);
            self.and(&format!("c.persona_id = {p}"));
        }
        if let Some(identity) = filter.identity {
            let p = self.bind(identity.0);
            self.and(&format!("EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = c.organization_id AND d.content_id = c.id AND d.identity_id = {p} AND d.status <> 'cancelled')"));
        }
        if filter.needs {
            self.from = NEEDING;
            self.and("c.id = needing.id");
        }
        let terms = filter
            .search
            .as_deref()
            .map(query_terms)
            .unwrap_or_default();
        if !terms.is_empty() {
            let p = self.bind(match_text(&terms, dialect));
            self.and(&match dialect {
                // The indexes of contents hold the number that the terms have there.
                Dialect::Sqlite => format!("c.terms_ref IN (SELECT rowid FROM content_search WHERE content_search MATCH {p})"),
                Dialect::Postgres => format!("EXISTS (SELECT 1 FROM content_terms t WHERE t.organization_id = c.organization_id AND t.content_id = c.id AND array_to_tsvector(string_to_array(t.terms, ' ')) @@ CAST({p} AS tsquery))"),
            });
        }
    }

    fn statuses(&mut self, statuses: &[ContentStatus]) {
        if statuses.is_empty() {
            self.and("c.status <> 'archived'");
        } else {
            let list: Vec<String> = statuses.iter().map(|s| self.bind(s.as_str())).collect();
            self.and(&format!("c.status IN ({})", list.join(", ")));
        }
    }
}

/// Terms hold only letters, digits, `_`, `#` and `@`, so that quoting is enough.
fn match_text(terms: &[String], dialect: Dialect) -> String {
    let quoted: Vec<String> = terms
        .iter()
        .map(|term| match dialect {
            Dialect::Sqlite => format!("\"{term}\"*"),
            Dialect::Postgres => format!("'{term}':*"),
        })
        .collect();
    match dialect {
        Dialect::Sqlite => quoted.join(" AND "),
        Dialect::Postgres => quoted.join(" & "),
    }
}

/// A page of contents, newest change first, from behind `after`.
///
/// # Errors
/// When the database says no.
pub async fn page(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Content>, Error> {
    let mut clause = Where::new(organization);
    clause.filter(filter, tx.dialect());
    clause.statuses(&filter.statuses);
    if let Some(after) = after {
        let at = clause.bind(after.changed_at.0);
        let id = clause.bind(after.id.0);
        clause.and(&format!(
            "(c.changed_at < {at} OR (c.changed_at = {at} AND c.id < {id}))"
        ));
    }
    let limit = clause.bind(i64::from(limit));
    let sql = format!(
        "SELECT c.* FROM {} WHERE {} ORDER BY c.changed_at DESC, c.id DESC LIMIT {limit}",
        clause.from, clause.sql
    );
    tx.rows_dyn(sql, db::Args(clause.args))
        .await?
        .iter()
        .map(content::read)
        .collect()
}

/// How many there are by status under the filter without its statuses.
///
/// # Errors
/// When the database says no.
pub async fn counts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<Vec<(String, u32)>, Error> {
    let mut clause = Where::new(organization);
    clause.filter(filter, tx.dialect());
    let sql = format!(
        "SELECT c.status, count(*) AS n FROM {} WHERE {} GROUP BY c.status ORDER BY c.status",
        clause.from, clause.sql
    );
    tx.rows_dyn(sql, db::Args(clause.args))
        .await?
        .iter()
        .map(|row| {
            let n = u32::try_from(row.get::<i64>("n")?).unwrap_or(u32::MAX);
            Ok((row.get("status")?, n))
        })
        .collect()
}
