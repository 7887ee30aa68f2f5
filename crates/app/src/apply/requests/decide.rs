//! Decisions, and taking them back.

use std::collections::BTreeMap;

use domain::Hash;
use domain::approval::{RequestStatus, Verdict};
use domain::delivery::DeliveryStatus;
use domain::ids::{DecisionId, PersonId, RequestId};
use domain::note;
use protocol::Code;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::mutation::Notice;
use serde_json::json;
use store::request::{Decision, Request};

use super::{headline, known, progress};
use crate::Error;
use crate::apply::{Work, delegations, person_of, suggestions};

/// For how long the window offers to take a decision back, with something for the way.
const UNDO: i64 = 10_000;

/// What is said of a request.
pub(crate) struct Said<'m> {
    pub(crate) id: DecisionId,
    pub(crate) request: RequestId,
    pub(crate) hash: Hash,
    /// Where, when whoever said it saw that.
    pub(crate) stage: Option<u32>,
    pub(crate) verdict: Verdict,
    pub(crate) comment: &'m str,
}

/// In whose seat something is said, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    /// Whose seat it is.
    pub(crate) person: PersonId,
    /// Who spoke for that person.
    pub(crate) operator: Option<PersonId>,
    /// The person is away, and the operator decides for them.
    pub(crate) delegated: bool,
    /// Who from outside speaks, by a link of the person.
    pub(crate) outside: Option<String>,
}

impl Voice {
    /// Everybody who has a hand in it.
    fn people(&self) -> impl Iterator<Item = PersonId> {
        [self.person].into_iter().chain(self.operator)
    }

    fn speakers(&self) -> impl Iterator<Item = PersonId> {
        speakers(self.person, self.operator, self.delegated)
    }
}

/// Who had a word: of somebody who is away, only the one who decides for them.
fn speakers(
    person: PersonId,
    operator: Option<PersonId>,
    delegated: bool,
) -> impl Iterator<Item = PersonId> {
    Some(person)
        .filter(|_| !delegated)
        .into_iter()
        .chain(operator)
}

pub(in crate::apply) async fn decide(
    work: &mut Work<'_, '_>,
    said: Said<'_>,
    away: Option<PersonId>,
) -> Result<Vec<Notice>, Error> {
    let me = person_of(work)?;
    let operator = work.ctx.actor.operator();
    let voice = match away.filter(|away| *away != me) {
        None => Voice {
            person: me,
            operator,
            delegated: false,
            outside: None,
        },
        Some(_) if operator.is_some() => {
            return Err(Error::refused(
                Code::Forbidden,
                "Who acts as somebody else does not decide for a third.",
            ));
        }
        Some(away) => {
            delegations::stands_in(work, me, away).await?;
            Voice {
                person: away,
                operator: Some(me),
                delegated: true,
                outside: None,
            }
        }
    };
    cast(work, said, voice).await
}

/// Takes a decision, if it can be taken now.
pub(crate) async fn cast(
    work: &mut Work<'_, '_>,
    said: Said<'_>,
    voice: Voice,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let Said {
        id,
        hash,
        verdict,
        comment,
        ..
    } = said;
    let request = known(work, said.request).await?;
    let Some(stage) = request
        .stage
        .filter(|_| request.status == RequestStatus::Open)
    else {
        return Err(Error::refused(
            Code::RequestClosed,
            "This request is closed. Look at what became of it.",
        ));
    };
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    // Somebody may sit in the next stage too: what they said was not said of that one.
    let another = said.stage.is_some_and(|seen| seen != stage);
    if request.hash != hash || content.n != request.n || another {
        return Err(Error::refused(
            Code::StaleVersion,
            "What you saw is not what is asked about. Look again, then decide.",
        ));
    }
    if store::request::decision(work.tx, org, id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This decision was taken already. Look again.",
        ));
    }
    let comment = comment.trim();
    if comment.chars().count() > note::MAX_LENGTH {
        return Err(Error::from(
            protocol::Problem::new(
                Code::InvalidInput,
                format!("A comment has at most {} characters.", note::MAX_LENGTH),
            )
            .with_field("comment", "too long"),
        ));
    }
    if verdict != Verdict::Approve && comment.is_empty() {
        return Err(Error::from(
            protocol::Problem::new(Code::InvalidInput, "Say in a comment what is to change.")
                .with_field("comment", "what is to change"),
        ));
    }
    may_speak(work, &request, stage, &voice).await?;
    let decision = Decision {
        id,
        request: request.id,
        stage,
        person: voice.person,
        operator: voice.operator,
        delegated: voice.delegated,
        outside: voice.outside.clone(),
        hash,
        verdict,
        comment: comment.to_owned(),
        seq: work.seq(),
        at: now,
        revoked_at: None,
    };
    store::request::insert_decision(work.tx, org, &decision).await?;
    work.changed("decision", id).await?;
    if verdict != Verdict::RequestChanges {
        let wanted = verdict == Verdict::Approve;
        suggestions::note_answer(work, request.content, wanted).await?;
    }
    record(work, &request, &decision).await?;
    tell_author(work, &request, &decision).await?;
    let mut notices = progress::advance(work, request).await?;
    if goes_out(work, said.request).await? {
        notices.push(Notice::GoesOut);
    }
    work.recompute(content.id).await?;
    Ok(notices)
}

/// Refuses a voice that does not count in a stage: own work, no seat, a seat from which something was
/// said already.
pub(crate) async fn may_speak(
    work: &mut Work<'_, '_>,
    request: &Request,
    stage: u32,
    voice: &Voice,
) -> Result<(), Error> {
    let org = work.org();
    bar_authors(work, request, voice).await?;
    let seats = store::request::seats(work.tx, org, request.id).await?;
    if !seats
        .iter()
        .any(|s| s.stage == stage && s.person == voice.person)
    {
        return Err(Error::refused(
            Code::NoSeat,
            "You are not asked in this stage.",
        ));
    }
    let decisions = store::request::decisions(work.tx, org, request.id).await?;
    if decisions
        .iter()
        .any(|d| d.stage == stage && d.person == voice.person && d.revoked_at.is_none())
    {
        return Err(Error::refused(
            Code::AlreadyDecided,
            "You have decided in this stage already.",
        ));
    }
    bar_second_seat(request, stage, &decisions, voice)
}

async fn record(
    work: &mut Work<'_, '_>,
    request: &Request,
    decision: &Decision,
) -> Result<(), Error> {
    let by_whom = match (&decision.outside, decision.delegated) {
        (Some(_), _) => "outside_",
        (None, true) => "deputy_",
        (None, false) => "",
    };
    let what = match decision.verdict {
        Verdict::Approve => "approved",
        Verdict::RequestChanges => "changes_requested",
        Verdict::Reject => "rejected",
    };
    let stage = request.policy.stages.get(decision.stage as usize);
    let mut payload = json!({"n": request.n, "hash": decision.hash.short(),
        "comment": decision.comment, "stage": stage.map(|s| s.name.clone())});
    if let Some(name) = &decision.outside {
        payload["outside"] = json!(name);
    }
    if decision.delegated || decision.outside.is_some() {
        let people = work.people().await?;
        payload["for"] = json!(people.get(&decision.person).map(|p| p.name.clone()));
    }
    work.record(
        &format!("{by_whom}{what}"),
        &format!("request:{}", request.id),
        Some(request.content),
        payload,
    )
    .await
}

/// Whether an attempt opens under a request before anybody could take a decision back.
async fn goes_out(work: &mut Work<'_, '_>, id: RequestId) -> Result<bool, Error> {
    let (org, soon) = (work.org(), work.now().plus(UNDO));
    let request = known(work, id).await?;
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let persona = store::persona::get(work.tx, org, content.persona).await?;
    let paused =
        work.organization().paused_at.is_some() || persona.is_none_or(|p| p.paused_at.is_some());
    let all = store::delivery::of_content(work.tx, org, request.content).await?;
    let due = all.iter().any(|d| {
        let held = d.status == DeliveryStatus::Held;
        let soon = d.planned.as_ref().is_none_or(|p| p.at <= soon);
        d.n == request.n && d.status.is_waiting() && !held && soon
    });
    Ok(request.status == RequestStatus::Approved && due && !paused)
}

/// Own work is barred by person: for who decides, and for who sits at the computer meanwhile. Nobody
/// decides on own work in the place of somebody else, whatever the chain lets authors do.
async fn bar_authors(
    work: &mut Work<'_, '_>,
    request: &Request,
    voice: &Voice,
) -> Result<(), Error> {
    if request.policy.authors_may_approve && !voice.delegated {
        return Ok(());
    }
    let org = work.org();
    let authors = store::version::authors(work.tx, org, request.content, request.n).await?;
    let barred = |p| authors.contains(&p);
    let barred = match request.policy.authors_may_approve {
        true => voice.operator.is_some_and(barred),
        false => voice.people().any(barred),
    };
    if barred {
        return Err(Error::refused(
            Code::OwnWork,
            "In this chain nobody approves own work, whoever they act as. Somebody else must.",
        ));
    }
    Ok(())
}

/// One person fills one seat of a stage: also who sits at the computer in the names of two, and who
/// decides for somebody who is away. Where authors may decide on their own work the chain is one's own
/// checklist, and shows who ticked it; a seat that was lent to somebody else is never ticked twice.
fn bar_second_seat(
    request: &Request,
    stage: u32,
    decisions: &[Decision],
    voice: &Voice,
) -> Result<(), Error> {
    let strict = !request.policy.authors_may_approve;
    let twice = decisions
        .iter()
        .filter(|d| d.stage == stage && d.revoked_at.is_none())
        .filter(|d| strict || d.delegated || voice.delegated || d.outside.is_some())
        .any(|d| {
            let spoke: Vec<PersonId> = speakers(d.person, d.operator, d.delegated).collect();
            // Two lent seats may be one pair of eyes, under whatever names.
            let both_outside = voice.outside.is_some() && d.outside.is_some();
            both_outside || voice.speakers().any(|p| spoke.contains(&p))
        });
    if twice {
        return Err(Error::refused(
            Code::AlreadyDecided,
            "Whoever sits at this computer has decided in this stage already, whoever they act as. \
             Somebody else must.",
        ));
    }
    Ok(())
}

async fn tell_author(
    work: &mut Work<'_, '_>,
    request: &Request,
    decision: &Decision,
) -> Result<(), Error> {
    let Some(author) = request.person else {
        return Ok(());
    };
    let people = work.people().await?;
    let speaker = match decision.delegated {
        true => decision.operator.unwrap_or(decision.person),
        false => decision.person,
    };
    let by = people.get(&speaker).map(|p| p.name.clone());
    let by = decision.outside.clone().or(by).unwrap_or_default();
    let mut args = BTreeMap::from([
        ("headline".to_owned(), headline(work, request).await?),
        ("person".to_owned(), by),
        (
            "verdict".to_owned(),
            store::to_json(&decision.verdict)?
                .trim_matches('"')
                .to_owned(),
        ),
    ]);
    if !decision.comment.is_empty() {
        args.insert("words".to_owned(), decision.comment.clone());
    }
    let notification = Notification {
        key: format!("decision:{}", decision.id),
        kind: NotificationKind::Decision,
        args,
        place: Place::Content {
            id: request.content,
        },
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(Some(author), notification).await
}

pub(in crate::apply) async fn revoke(
    work: &mut Work<'_, '_>,
    id: DecisionId,
) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let decision = store::request::decision(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("decision"))?;
    let deputy = decision.delegated && decision.operator == Some(person);
    if decision.person != person && !deputy {
        return Err(Error::refused(
            Code::Forbidden,
            "Only who decided can take it back.",
        ));
    }
    if decision.revoked_at.is_some() {
        return Ok(vec![]);
    }
    let request = known(work, decision.request).await?;
    let voice = Voice {
        person,
        operator: work.ctx.actor.operator(),
        delegated: false,
        outside: None,
    };
    bar_authors(work, &request, &voice).await?;
    let open = matches!(
        request.status,
        RequestStatus::Open
            | RequestStatus::Approved
            | RequestStatus::ChangesRequested
            | RequestStatus::Rejected
    );
    let newest = store::request::newest(work.tx, org, request.content).await?;
    if !open || newest.is_none_or(|r| r.id != request.id) {
        return Err(Error::refused(
            Code::RequestClosed,
            "Something newer has taken its place.",
        ));
    }
    if store::request::attempted(work.tx, org, request.id).await? {
        return Err(Error::refused(
            Code::AlreadySent,
            "It has begun to go out under this decision. It cannot be taken back any more.",
        ));
    }
    store::request::revoke(work.tx, org, id, now).await?;
    work.changed("decision", id).await?;
    work.record(
        "decision_revoked",
        &format!("request:{}", request.id),
        Some(request.content),
        json!({"n": request.n}),
    )
    .await?;
    let content = request.content;
    progress::leave_out_who_left(work, &request).await?;
    let notices = progress::advance(work, request).await?;
    work.recompute(content).await?;
    Ok(notices)
}
