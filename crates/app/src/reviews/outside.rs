//! What the holder of a link sees and does. Each asks anew whether the link works, in the transaction
//! that answers.

use std::collections::BTreeMap;

use db::Tx;
use domain::approval::{RequestStatus, Verdict};
use domain::content::{Body, Segment, Variant};
use domain::ids::{DecisionId, NoteId, OrganizationId, PersonId};
use domain::note::Anchor;
use domain::person::Actor;
use domain::time::MINUTE;
use domain::version::VersionDoc;
use domain::{Hash, Instant};
use protocol::event::{Notification, NotificationKind, Place};
use protocol::views::{NoteThread, NoteView, ReviewAccount, ReviewState, ReviewView, Reviewed};
use protocol::{Code, Problem, Tag};
use serde_json::json;
use store::content::Content;
use store::request::Request;
use store::review_link::ReviewLink;
use uuid::Uuid;

use super::{Token, decides, known};
use crate::Error;
use crate::answer::{Names, threads};
use crate::apply::requests::{self, Said, Voice};
use crate::apply::{Authority, Ctx, Work, checked_note};
use crate::core::{App, new_id};

/// What a link leads to.
struct Led {
    link: ReviewLink,
    request: Request,
    content: Content,
}

impl Led {
    async fn by(tx: &mut Tx<'_>, token: &Token, now: Instant) -> Result<Self, Error> {
        let org = token.organization;
        let link = known(tx, token, now).await?;
        let request = store::request::get(tx, org, link.request)
            .await?
            .ok_or_else(|| Error::missing("request"))?;
        let content = store::content::get(tx, org, link.content)
            .await?
            .ok_or_else(|| Error::missing("content"))?;
        Ok(Self {
            link,
            request,
            content,
        })
    }

    /// An edit ends what it shows, and so does the end of what is asked.
    fn state(&self) -> ReviewState {
        let Self {
            link,
            request,
            content,
        } = self;
        if content.n != link.n || request.hash != link.version || request.n != link.n {
            return ReviewState::Edited;
        }
        match request.status {
            RequestStatus::Open => ReviewState::Open,
            _ => ReviewState::Closed,
        }
    }

    /// Refuses what is not shown any more.
    fn must_be_shown(&self) -> Result<(), Error> {
        match self.state() {
            ReviewState::Open => Ok(()),
            ReviewState::Edited => Err(Error::refused(
                Code::StaleVersion,
                "It was changed since this link was made. Ask for a new one.",
            )),
            ReviewState::Closed => Err(Error::refused(
                Code::RequestClosed,
                "This is not asked about any more.",
            )),
        }
    }
}

impl App {
    fn outside(&self, token: &Token) -> Ctx {
        Ctx {
            organization: self.organization(),
            actor: Actor::ReviewLink { id: token.id },
            now: self.now(),
            cause: new_id(),
            salt: Uuid::new_v4().into_bytes(),
            networks: self.networks().clone(),
            authority: Authority::Here,
            executor: self.executor(),
            scopes: None,
        }
    }

    /// What the holder of a link sees.
    ///
    /// # Errors
    /// `code_expired` when it does not work (any more).
    pub async fn review(&self, token: &Token) -> Result<ReviewView, Problem> {
        let now = self.now();
        let named = token.clone();
        let (view, seen_at) = self
            .db()
            .read(move |tx| {
                let token = named.clone();
                Box::pin(async move {
                    let led = Led::by(tx, &token, now).await?;
                    let seen_at = led.link.seen_at;
                    Ok::<_, Error>((view(tx, &token, led).await?, seen_at))
                })
            })
            .await?;
        if seen_at.is_none_or(|at| now.since(at) > MINUTE) {
            self.review_seen(token).await?;
        }
        Ok(view)
    }

    /// Keeps when a link was opened last; that it was opened at all is in the history.
    async fn review_seen(&self, token: &Token) -> Result<(), Problem> {
        let (ctx, token) = (self.outside(token), token.clone());
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, token) = (ctx.clone(), token.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let (org, now) = (work.org(), work.now());
                    let link = known(work.tx, &token, now).await?;
                    store::review_link::seen(work.tx, org, link.id, now).await?;
                    work.tag(Tag::Requests);
                    if link.seen_at.is_none() {
                        let payload = json!({"outside": link.name, "n": link.n});
                        let subject = format!("review_link:{}", link.id);
                        work.record("outside_opened", &subject, Some(link.content), payload)
                            .await?;
                    }
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// The holder of a link decides, in the seat of who made it.
    ///
    /// # Errors
    /// `code_expired`, `stale_version` when what was seen is not what is asked, `request_closed`,
    /// `already_decided`, `forbidden` when the link is for looking only.
    pub async fn review_decide(
        &self,
        token: &Token,
        (hash, verdict, comment): (Hash, Verdict, String),
    ) -> Result<(), Problem> {
        let (ctx, token) = (self.outside(token), token.clone());
        let id = DecisionId(new_id());
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, token, comment) = (ctx.clone(), token.clone(), comment.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let now = work.now();
                    let led = Led::by(work.tx, &token, now).await?;
                    led.must_be_shown()?;
                    let Led { link, request, .. } = led;
                    if link.stage.is_none() || link.stage != request.stage {
                        return Err(Error::refused(
                            Code::Forbidden,
                            "This link is for looking and commenting.",
                        ));
                    }
                    if !decides(work.tx, token.organization, &link, &request).await? {
                        return Err(Error::refused(
                            Code::AlreadyDecided,
                            "It was decided in this place already, or cannot be any more.",
                        ));
                    }
                    check_text(&comment)?;
                    let said = Said {
                        id,
                        request: request.id,
                        hash,
                        stage: link.stage,
                        verdict,
                        comment: &comment,
                    };
                    let voice = Voice {
                        person: link.made_by,
                        operator: None,
                        delegated: false,
                        outside: Some(link.name.clone()),
                    };
                    requests::cast(&mut work, said, voice).await?;
                    for tag in [Tag::Contents, Tag::Deliveries, Tag::Requests] {
                        work.tag(tag);
                    }
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// The holder of a link says something about what it shows; `thread` is the first note of the one
    /// that is answered in.
    ///
    /// # Errors
    /// As [`App::review_decide`], and `invalid_input` for no words or too many.
    pub async fn review_note(
        &self,
        token: &Token,
        (hash, thread, text): (Hash, Option<NoteId>, String),
    ) -> Result<(), Problem> {
        let (ctx, token) = (self.outside(token), token.clone());
        let id = NoteId(new_id());
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, token, text) = (ctx.clone(), token.clone(), text.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let now = work.now();
                    let led = Led::by(work.tx, &token, now).await?;
                    led.must_be_shown()?;
                    if led.link.version != hash {
                        return Err(Error::refused(
                            Code::StaleVersion,
                            "What you saw is not what is asked about. Look again.",
                        ));
                    }
                    check_text(&text)?;
                    note(&mut work, &led, id, thread, &text).await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// A picture of what a link shows.
    ///
    /// # Errors
    /// `code_expired`, `media_missing` for any that it does not show.
    pub async fn review_file(&self, token: &Token, hash: Hash) -> Result<Vec<u8>, Problem> {
        let (now, named) = (self.now(), token.clone());
        let files = self
            .db()
            .read(move |tx| {
                let token = named.clone();
                Box::pin(async move {
                    let led = Led::by(tx, &token, now).await?;
                    led.must_be_shown()?;
                    let doc = version(tx, token.organization, &led.link).await?.doc()?;
                    Ok::<_, Error>(outward(doc).files())
                })
            })
            .await?;
        if !files.contains(&hash) {
            return Err(Problem::new(
                Code::MediaMissing,
                "There is no such picture.",
            ));
        }
        self.file(hash).await
    }
}

/// U+0000 is refused everywhere.
fn check_text(text: &str) -> Result<(), Error> {
    match text.contains('\0') {
        false => Ok(()),
        true => Err(Error::refused(
            Code::InvalidInput,
            "The text contains the character U+0000, which cannot be stored. Remove it.",
        )),
    }
}

async fn version(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    link: &ReviewLink,
) -> Result<store::version::Version, Error> {
    store::version::get(tx, org, link.content, link.n)
        .await?
        .filter(|version| version.hash == link.version)
        .ok_or_else(|| Error::missing("version"))
}

/// What goes out, without what is for people inside: the working title, other accounts' words, the
/// pictures as they were and their names.
fn outward(doc: VersionDoc) -> VersionDoc {
    VersionDoc {
        body: Body::default(),
        media: Vec::new(),
        ..doc
    }
}

/// The beginning of what goes out.
fn headline(doc: &VersionDoc) -> String {
    let shared = doc.targets.first().map(|target| Variant {
        segments: target
            .segments
            .iter()
            .map(|segment| Segment {
                text: segment.text.clone(),
                ..Segment::default()
            })
            .collect(),
        ..Variant::default()
    });
    let body = Body {
        shared: shared.unwrap_or_default(),
        ..Body::default()
    };
    body.headline()
}

/// A note as people outside see it: by whom and what, and nobody's place in the organization.
fn outward_note(note: NoteView) -> NoteView {
    NoteView {
        operator: None,
        mentions: Vec::new(),
        removable: false,
        ..note
    }
}

fn outward_thread(thread: NoteThread) -> NoteThread {
    NoteThread {
        note: outward_note(thread.note),
        answers: thread.answers.into_iter().map(outward_note).collect(),
        resolved_by: None,
        ..thread
    }
}

async fn view(tx: &mut Tx<'_>, token: &Token, led: Led) -> Result<ReviewView, Error> {
    let org = token.organization;
    let names = Names::read(tx, org).await?;
    let organization = store::organization::get(tx, org)
        .await?
        .ok_or_else(|| Error::missing("organization"))?;
    let state = led.state();
    let Led {
        link,
        request,
        content,
    } = led;
    let decisions = store::request::decisions(tx, org, request.id).await?;
    let decided = decisions.iter().find(|d| {
        Some(d.stage) == link.stage
            && d.person == link.made_by
            && d.revoked_at.is_none()
            && d.outside.as_ref() == Some(&link.name)
    });
    let is_open = state == ReviewState::Open;
    let shown = match is_open {
        true => Some(shown(tx, &names, &link, &content).await?),
        false => None,
    };
    Ok(ReviewView {
        organization: organization.name,
        name: link.name.clone(),
        by: names.person(link.made_by).name,
        ends_at: link.ends_at,
        state,
        decides: is_open && decides(tx, org, &link, &request).await?,
        decided: decided.map(|d| d.verdict),
        shown,
    })
}

async fn shown(
    tx: &mut Tx<'_>,
    names: &Names,
    link: &ReviewLink,
    content: &Content,
) -> Result<Reviewed, Error> {
    let version = version(tx, names.organization, link).await?;
    let row = names.row_of(tx, content, &version).await?;
    let doc = version.doc()?;
    let accounts = doc.targets.iter().filter_map(|target| {
        let known = names.identities.get(&target.identity)?;
        Some(ReviewAccount {
            identity: known.id,
            name: known.display_name.clone(),
            handle: known.handle.clone(),
        })
    });
    let accounts = accounts.collect();
    let notes = threads(names, tx, content.id, None).await?;
    let notes = notes.into_iter().filter(|t| t.note.n == link.n);
    Ok(Reviewed {
        hash: link.version,
        n: link.n,
        headline: headline(&doc),
        persona: row.persona,
        accounts,
        doc: outward(doc),
        planned: row.at,
        notes: notes.map(outward_thread).collect(),
    })
}

/// Writes a note in the name of somebody from outside, and tells who asked and who sent the link.
async fn note(
    work: &mut Work<'_, '_>,
    led: &Led,
    id: NoteId,
    thread: Option<NoteId>,
    text: &str,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let Led {
        link,
        request,
        content,
    } = led;
    let text = checked_note(text)?;
    let anchor = match thread {
        None => Anchor::Version,
        Some(first) => {
            let first = store::note::get(work.tx, org, first).await?;
            let first =
                first.filter(|f| f.thread.is_none() && f.content == content.id && f.n == link.n);
            first.ok_or_else(|| Error::missing("note"))?.anchor
        }
    };
    let note = store::note::Note {
        id,
        content: content.id,
        n: link.n,
        thread,
        anchor,
        quote: String::new(),
        text: text.to_owned(),
        person: link.made_by,
        operator: None,
        outside: Some(link.name.clone()),
        at: now,
        removed_at: None,
        resolved: None,
    };
    store::note::insert(work.tx, org, &note, &[]).await?;
    work.changed("note", id).await?;
    work.tag(Tag::Notes);
    let payload = json!({"outside": link.name, "n": link.n});
    work.record(
        "outside_noted",
        &format!("note:{id}"),
        Some(content.id),
        payload,
    )
    .await?;
    let mut told: Vec<PersonId> = request.person.into_iter().collect();
    if !told.contains(&link.made_by) {
        told.push(link.made_by);
    }
    for person in told {
        let args = BTreeMap::from([
            ("headline".to_owned(), content.headline.clone()),
            ("person".to_owned(), link.name.clone()),
            ("words".to_owned(), text.chars().take(200).collect()),
        ]);
        let notification = Notification {
            key: format!("mention:{id}:{person}"),
            kind: NotificationKind::OutsideNote,
            args,
            place: Place::Request { id: request.id },
            delivery: None,
            status: None,
            network: None,
        };
        work.notify(Some(person), notification).await?;
    }
    Ok(())
}
