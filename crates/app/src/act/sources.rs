//! Looking for feeds, reading sources now, lists of feeds.

use domain::ids::{PersonaId, SourceId};
use domain::source::{Feed, Source, SourceKind, SourceTrouble};
use networks::sources::{Outline, SourceError, read_opml, write_opml};
use protocol::views::{Done, FoundFeed, Imported, OpmlFile};
use protocol::{Code, Event, Mutation, Problem, Tag};

use super::Way;
use crate::Error;
use crate::core::{App, new_id};
use crate::ideas::title_of;
use crate::workflows::SOURCE_CHANGED;

/// Feeds of a list that are added with one change.
const AT_ONCE: usize = 100;

impl App {
    async fn followed(&self) -> Result<Vec<store::source::Source>, Problem> {
        let org = self.organization();
        let read: Result<_, Error> = self
            .db()
            .read(move |tx| Box::pin(async move { Ok(store::source::all(tx, org).await?) }))
            .await;
        Ok(read?)
    }

    pub(super) async fn discover_feeds(&self, url: &str) -> Result<Vec<FoundFeed>, Problem> {
        let found = self
            .collector()
            .sources
            .discover(url, self.now())
            .await
            .map_err(|error| source_problem(&error))?;
        let known = self.followed().await?;
        let of = |feed: &Feed| known.iter().find(|s| s.source.feed == *feed).map(|s| s.id);
        Ok(found
            .into_iter()
            .map(|found| FoundFeed {
                known: of(&found.feed),
                feed: found.feed,
                title: found.title,
            })
            .collect())
    }

    /// Their runs read them: a run that waits is woken.
    pub(super) async fn collect_now(&self, source: Option<SourceId>) -> Result<Done, Problem> {
        let (org, now) = (self.organization(), self.now());
        let run = new_id();
        let done: Result<(), Error> = self
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let all = store::source::all(tx, org).await?;
                    if source.is_some_and(|id| !all.iter().any(|s| s.id == id)) {
                        return Err(Error::missing("source"));
                    }
                    let wanted = all
                        .into_iter()
                        .filter(|s| source.is_none_or(|id| id == s.id));
                    for mut wanted in wanted {
                        wanted.state.next_at = Some(now);
                        store::source::stand(tx, org, wanted.id, &wanted.state).await?;
                        let key = wanted.id.to_string();
                        let event =
                            engine::Event::new(SOURCE_CHANGED, &key, serde_json::json!({}), now.0);
                        engine::emit_in(tx, &event).await?;
                    }
                    crate::workflows::find_trends(tx, org, run, now, 0).await
                })
            })
            .await;
        done?;
        if let Some(engine) = self.engine() {
            engine.nudge();
        }
        self.send(Event::Changed {
            tags: vec![Tag::Sources],
        });
        Ok(Done {})
    }

    pub(super) async fn import_opml(
        &self,
        text: &str,
        personas: &[PersonaId],
        way: &Way,
    ) -> Result<Imported, Problem> {
        let outlines = read_opml(text)
            .map_err(|e| Problem::new(Code::InvalidInput, format!("{e}. Choose another file.")))?;
        let known = self.followed().await?;
        let mut imported = Imported::default();
        let mut mutations = Vec::new();
        for outline in outlines {
            let feed = Feed {
                kind: SourceKind::Feed,
                address: outline.address,
                tag: String::new(),
            };
            if known.iter().any(|s| s.source.feed == feed) {
                imported.known += 1;
                continue;
            }
            imported.added += 1;
            mutations.push(Mutation::SaveSource {
                id: SourceId(new_id()),
                source: Source {
                    feed,
                    name: outline.title,
                    personas: personas.to_vec(),
                },
            });
        }
        let total = u64::try_from(mutations.len()).ok();
        let mut done = 0;
        for some in mutations.chunks(AT_ONCE) {
            self.apply_all(way.acting, some.to_vec()).await?;
            done += u64::try_from(some.len()).unwrap_or_default();
            way.at(done, total);
        }
        Ok(imported)
    }

    pub(super) async fn export_opml(&self) -> Result<OpmlFile, Problem> {
        let known = self.followed().await?;
        let outlines: Vec<Outline> = known
            .iter()
            .filter(|s| s.source.feed.kind == SourceKind::Feed)
            .map(|s| Outline {
                title: title_of(s),
                address: s.source.feed.address.clone(),
            })
            .collect();
        let text = write_opml(&outlines).map_err(|e| crate::error::internal(&e))?;
        Ok(OpmlFile {
            text,
            feeds: u32::try_from(outlines.len()).unwrap_or(u32::MAX),
        })
    }
}

/// What a person can do about an address that cannot be read.
fn source_problem(error: &SourceError) -> Problem {
    let words = &error.words;
    let (code, message) = match error.trouble {
        SourceTrouble::Unreachable | SourceTrouble::TooSlow => (
            Code::Unreachable,
            format!("The address does not answer ({words}). Check it, or try again later."),
        ),
        SourceTrouble::Throttled => (
            Code::Throttled,
            "The server wants a pause. Try again later.".to_owned(),
        ),
        SourceTrouble::Refused | SourceTrouble::Gone => (
            Code::BadPage,
            format!("The server does not give this page ({words}). Check the address."),
        ),
        SourceTrouble::Robots => (
            Code::BadPage,
            "The server asks programs not to read this (robots.txt).".to_owned(),
        ),
        SourceTrouble::Private => (
            Code::BadPage,
            "This address is not on the public internet.".to_owned(),
        ),
        SourceTrouble::TooLarge
        | SourceTrouble::NotAFeed
        | SourceTrouble::Broken
        | SourceTrouble::Charset => (
            Code::InvalidInput,
            "There is no feed at this address. Enter the address of a site or of a feed."
                .to_owned(),
        ),
    };
    Problem::new(code, message)
}
