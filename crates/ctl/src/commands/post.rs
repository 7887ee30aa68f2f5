//! Writing and submitting.

use base64::Engine as _;
use domain::content::{
    Body, MediaUse, Options, Poll, Quote, Replies, Segment, Variant, Visibility,
};
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, DeliveryId, IdentityId, PersonId, RequestId};
use domain::limits::Severity;
use domain::{Instant, Planned};
use protocol::act::{Act, Sensitive};
use protocol::mutation::DeliveryPlan;
use protocol::views::{Asset, Chain, PersonaDetail, Prepared, Saved};
use protocol::{Code, Problem, Query};

use super::{setup, show, text_of};
use crate::args::{self, Args, Post, PostOptions};
use crate::reach::Reach;
use crate::words;

pub(super) async fn post(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    post: &Post,
) -> Result<(), Problem> {
    let persona = setup::persona(reach, &post.persona).await?;
    let targets = targets(&persona, &post.to)?;
    let planned = match &post.at {
        None => None,
        Some(at) => Some(planned(at, &persona)?),
    };
    let added = match &post.chain {
        None => None,
        Some(name) => Some(chain(reach, name).await?),
    };
    let text = match (&post.text, &post.text_file) {
        (Some(text), _) => text.clone(),
        (None, Some(file)) => text_of(file)?.trim_end_matches('\n').to_owned(),
        (None, None) => String::new(),
    };
    let media = media(reach, by, post).await?;
    let body = Body {
        title: post.title.clone(),
        languages: vec![persona.profile.language.clone()],
        shared: Variant {
            segments: vec![Segment { text, media }],
            options: options(&post.options),
        },
        targets: targets.clone(),
        ..Body::default()
    };
    let typed = body.clone();
    let content = ContentId(app::core::new_id());
    let act = if post.draft {
        Act::Save {
            content,
            persona: persona.id,
            body,
            base: 0,
        }
    } else {
        let deliveries = targets
            .into_iter()
            .map(|identity| DeliveryPlan {
                id: DeliveryId(app::core::new_id()),
                identity,
                planned: planned.clone(),
                grace: post.grace,
                hand_off: post.hand_off.then_some(true),
            })
            .collect();
        Act::Submit {
            content,
            persona: persona.id,
            body,
            base: 0,
            deliveries,
            updates: vec![],
            request: RequestId(app::core::new_id()),
            added,
        }
    };
    let saved: Saved = match reach.act(act, by).await {
        Err(problem) if problem.code == Code::HasErrors && !args.json => {
            return Err(in_words(reach, problem, &persona, typed).await);
        }
        acted => acted?,
    };
    show(args, &saved, |s| {
        say!("{}  {}", s.content, words::of("status.content", &s.status))
    });
    Ok(())
}

/// With accounts by their names, and what is wrong for each in words, as people read it.
async fn in_words(
    reach: &Reach,
    mut problem: Problem,
    persona: &PersonaDetail,
    body: Body,
) -> Problem {
    let query = Query::Prepare {
        persona: persona.id,
        body,
        counted: vec![],
    };
    let Ok(prepared) = reach.ask::<Prepared>(query).await else {
        return problem;
    };
    for target in prepared.targets {
        let account = persona.accounts.iter().find(|a| a.id == target.identity);
        let field = problem.fields.remove(&target.identity.to_string());
        if let (Some(account), Some(_)) = (account, field) {
            let network = account.network.as_str();
            let errors = target.issues.iter();
            let said: Vec<String> = errors
                .filter(|issue| issue.severity == Severity::Error)
                .map(|issue| words::issue(issue, network))
                .collect();
            let name = format!("{} {}", app::words::network(network), account.handle);
            problem = problem.with_field(name, said.join(" "));
        }
    }
    problem
}

fn options(typed: &PostOptions) -> Options {
    Options {
        visibility: typed.visibility.map(|v| match v {
            args::Visibility::Public => Visibility::Public,
            args::Visibility::Unlisted => Visibility::Unlisted,
            args::Visibility::Followers => Visibility::Followers,
            args::Visibility::Direct => Visibility::Direct,
        }),
        content_warning: typed.content_warning.clone(),
        poll: (!typed.poll.is_empty()).then(|| Poll {
            choices: typed.poll.clone(),
            minutes: typed.poll_minutes,
            ..Poll::default()
        }),
        replies: typed.replies.map(|r| match r {
            args::Replies::Everyone => Replies::Everyone,
            args::Replies::Following => Replies::Following,
            args::Replies::Followers => Replies::Followers,
            args::Replies::Mentioned => Replies::Mentioned,
            args::Replies::Nobody => Replies::Nobody,
            args::Replies::Verified => Replies::Verified,
            args::Replies::Subscribers => Replies::Subscribers,
        }),
        quote: typed.quote.clone().map(|address| Quote {
            address,
            ..Quote::default()
        }),
        made_with_ai: typed.made_with_ai,
        ..Options::default()
    }
}

fn targets(persona: &PersonaDetail, to: &[String]) -> Result<Vec<IdentityId>, Problem> {
    let connected = || {
        persona
            .accounts
            .iter()
            .filter(|a| a.status != IdentityStatus::Disconnected)
    };
    if to.is_empty() {
        let all: Vec<IdentityId> = connected().map(|a| a.id).collect();
        if all.is_empty() {
            return Err(Problem::new(
                Code::NoTargets,
                format!(
                    "{} has no account. Add one with `account add`.",
                    persona.profile.name
                ),
            ));
        }
        return Ok(all);
    }
    to.iter()
        .map(|handle| {
            connected()
                .find(|a| {
                    a.handle == *handle
                        || a.id.to_string() == *handle
                        || a.network.as_str() == handle
                })
                .map(|a| a.id)
                .ok_or_else(|| {
                    Problem::new(
                        Code::NotFound,
                        format!("{} has no account “{handle}”.", persona.profile.name),
                    )
                })
        })
        .collect()
}

/// A time such as 2026-11-25T11:30:00+01:00, or a wall-clock time in the persona's zone.
fn planned(at: &str, persona: &PersonaDetail) -> Result<Planned, Problem> {
    let zone = &persona.profile.zone;
    let planned = match at.parse::<Instant>() {
        Ok(at) => Planned::from_instant(at, zone),
        Err(_) => Planned::from_wall(at, zone),
    };
    planned.map_err(|e| Problem::new(Code::InvalidInput, e.to_string()))
}

pub(super) async fn chain(reach: &Reach, name: &str) -> Result<domain::ids::ChainId, Problem> {
    let chains: Vec<Chain> = reach.ask(Query::Chains {}).await?;
    chains
        .iter()
        .find(|c| !c.archived && (c.policy.name == name || c.policy.id.to_string() == name))
        .map(|c| c.policy.id)
        .ok_or_else(|| Problem::new(Code::NotFound, format!("There is no chain “{name}”.")))
}

async fn media(reach: &Reach, by: Option<PersonId>, post: &Post) -> Result<Vec<MediaUse>, Problem> {
    let mut used = Vec::new();
    for (i, path) in post.media.iter().enumerate() {
        let bytes = std::fs::read(path).map_err(|e| {
            Problem::new(
                Code::InvalidInput,
                format!("{} cannot be read: {e}.", path.display()),
            )
        })?;
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let data = Sensitive(base64::engine::general_purpose::STANDARD.encode(bytes));
        let asset: Asset = reach.act(Act::ImportAsset { name, data }, by).await?;
        used.push(MediaUse {
            asset: asset.facts.hash,
            alt: post.alt.get(i).cloned().unwrap_or_default(),
        });
    }
    Ok(used)
}
