//! `send_letter`: writes a letter when it goes, and sends it until the mail server has taken it, for
//! about a day.

use std::sync::Arc;
use std::time::Duration;

use app::letters::{GATHER, LETTER, Letter};
use app::publish::failure;
use async_trait::async_trait;
use db::{Db, Tx};
use domain::Instant;
use domain::ids::{InvitationId, LoginId, OrganizationId, PersonId};
use domain::time::HOUR;
use engine::{Backoff, Ctx, Failure, Policy, Workflow};
use protocol::event::Notification;
use protocol::settings::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::words::{self, Words};
use super::{NotTaken, Post, Trouble, Written};
use crate::auth::secret::{self, Purpose};
use crate::keys::KeyRing;

/// How long the link in a reset's letter works.
pub const RESET_WORKS: i64 = HOUR;

/// What sends letters.
#[derive(Debug)]
pub struct Letters {
    /// With what; absent where no mail is set up.
    pub post: Option<Post>,
    /// The data was restored or copied: another server may have sent what waits here.
    pub held: bool,
    /// For secrets that letters bring.
    pub ring: Arc<KeyRing>,
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The mail server has it.
    Sent { at: Instant },
    /// There is nothing to say any more, or nobody to say it to.
    Nothing,
}

/// Who gets it, and what it says.
struct Addressed {
    to: String,
    words: Words,
}

fn read(input: Value) -> Result<Vec<Letter>, Failure> {
    let all = match input {
        Value::Array(all) => all,
        one => vec![one],
    };
    let letters: Result<_, serde_json::Error> =
        all.into_iter().map(serde_json::from_value).collect();
    letters.map_err(|e| Failure::fatal("bad_input", e.to_string()))
}

#[async_trait]
impl Workflow for Letters {
    fn name(&self) -> &'static str {
        LETTER.0
    }

    fn revision(&self) -> u32 {
        LETTER.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: Backoff {
                attempts: 32,
                first: Duration::from_secs(15),
                factor: 2.0,
                most: Duration::from_secs(60 * 60),
                jitter: 0.2,
            },
            gather: Some(GATHER),
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, input: Value) -> Result<Value, Failure> {
        let letters = read(input)?;
        let hand = ctx.clone();
        let outcome = ctx.run("send", || self.send(hand, &letters)).await?;
        if let (Some((organization, invitation)), Outcome::Sent { at }) =
            (invitation_of(&letters), &outcome)
        {
            let at = *at;
            ctx.step_tx("note", move |tx: &mut Tx<'_>| {
                Box::pin(async move {
                    let noted = store::member::mailed(tx, organization, invitation, Ok(at)).await;
                    noted.map_err(|e| failure(app::Error::from(e)))
                })
            })
            .await?;
        }
        Ok(json!(outcome))
    }
}

fn invitation_of(letters: &[Letter]) -> Option<(OrganizationId, InvitationId)> {
    match letters {
        [
            Letter::Invitation {
                organization,
                invitation,
                ..
            },
        ] => Some((*organization, *invitation)),
        _ => None,
    }
}

impl Letters {
    async fn send(&self, ctx: Ctx, letters: &[Letter]) -> Result<Outcome, Failure> {
        let now = Instant(ctx.now());
        let sent = self.send_now(&ctx, letters, now).await;
        // Whoever invited sees why it has not gone yet, also while it is tried again.
        // One that was replaced has no word any more.
        let replaced = ctx.cancelled().is_cancelled();
        if let (false, Err(why), Some((organization, invitation))) =
            (replaced, &sent, invitation_of(letters))
        {
            let words = why.words.clone();
            let db = ctx.db().within(organization.0);
            let noted = db.write(move |tx| {
                let words = words.clone();
                Box::pin(async move {
                    let trouble = Err(words.as_str());
                    let noted = store::member::mailed(tx, organization, invitation, trouble).await;
                    noted.map_err(app::Error::from)
                })
            });
            noted.await.map_err(failure)?;
        }
        sent.map_err(|not| not.failure)
    }

    async fn send_now(
        &self,
        ctx: &Ctx,
        letters: &[Letter],
        now: Instant,
    ) -> Result<Outcome, NotTaken> {
        if self.held {
            let words = "The data was restored or copied: nothing is sent until it is released.";
            return Err(Failure::retryable("held", words).into());
        }
        let post = self.post.as_ref().ok_or_else(|| {
            Failure::retryable("no_mail", "This process has no mail server: see --mail.")
        })?;
        let Some(Addressed { to, words }) = self.addressed(ctx, post, letters, now).await? else {
            return Ok(Outcome::Nothing);
        };
        let letter = Written {
            id: ctx.run_id(),
            at: now,
            to,
            subject: words.subject,
            text: words.text,
        };
        match post.send(&letter).await {
            Ok(()) => {
                // It is with the mail server: whatever else goes wrong, it is not sent again.
                if let Err(why) = goes(ctx.db()).await {
                    tracing::warn!(code = %why.code, "that mail goes was not kept");
                }
                Ok(Outcome::Sent { at: now })
            }
            Err(not) => {
                // Whom it was for and what the mail server said stays out of the log.
                let (code, trouble) = (not.failure.code.as_str(), not.trouble.map(Trouble::name));
                tracing::warn!(run = %letter.id, code, trouble, "a letter was not taken");
                if let Some(trouble) = not.trouble {
                    stands(ctx.db(), trouble, now).await?;
                }
                Err(not)
            }
        }
    }

    async fn addressed(
        &self,
        ctx: &Ctx,
        post: &Post,
        letters: &[Letter],
        now: Instant,
    ) -> Result<Option<Addressed>, Failure> {
        match letters.first() {
            None => Ok(None),
            Some(Letter::Invitation {
                organization,
                invitation,
                key,
                language,
            }) => {
                let named = (*organization, *invitation);
                self.invitation(ctx.db(), post, named, (key, *language), now)
                    .await
            }
            Some(Letter::Reset { login: None, .. }) => Ok(None),
            Some(Letter::Reset {
                login: Some(login),
                key,
                language,
            }) => self.reset(ctx, post, *login, (key, *language), now).await,
            Some(Letter::Notice {
                organization,
                person,
                ..
            }) => {
                let keys = letters.iter().filter_map(|letter| match letter {
                    Letter::Notice { key, .. } => Some(key.clone()),
                    Letter::Invitation { .. } | Letter::Reset { .. } => None,
                });
                notices(ctx.db(), post, (*organization, *person), keys.collect()).await
            }
        }
    }

    async fn invitation(
        &self,
        db: &Db,
        post: &Post,
        (organization, id): (OrganizationId, InvitationId),
        (key, language): (&str, Language),
        now: Instant,
    ) -> Result<Option<Addressed>, Failure> {
        let db = db.within(organization.0);
        let read = db.read(move |tx| {
            Box::pin(async move {
                let invitation = store::member::see_invitation(tx, organization, id).await?;
                let by = match invitation.as_ref().and_then(|i| i.invited_by) {
                    Some(by) => store::person::get(tx, organization, by).await?,
                    None => None,
                };
                let organization = store::organization::get(tx, organization).await?;
                Ok::<_, app::Error>((invitation, by, organization))
            })
        });
        let (invitation, by, organization) = read.await.map_err(failure)?;
        let (Some(invitation), Some(organization)) = (invitation, organization) else {
            return Ok(None);
        };
        let Some(to) = invitation.email.clone().filter(|_| invitation.works(now)) else {
            return Ok(None);
        };
        let secret = secret::derived(&self.ring, key, Purpose::Invitation, id.0)
            .filter(|secret| secret::is_of(secret, invitation.hash))
            .ok_or_else(no_key)?;
        let token = crate::auth::invitations::token_of(&invitation, &secret);
        let link = format!("{}/#/join/{token}", post.public);
        let by = by.map_or_else(|| organization.name.clone(), |by| by.name);
        let words = words::invitation(
            language,
            &by,
            &organization.name,
            invitation.role,
            invitation.ends_at,
            &link,
        );
        Ok(Some(Addressed { to, words }))
    }

    async fn reset(
        &self,
        ctx: &Ctx,
        post: &Post,
        login: LoginId,
        (key, language): (&str, Language),
        now: Instant,
    ) -> Result<Option<Addressed>, Failure> {
        let ends = Instant(ctx.created_at()).plus(RESET_WORKS);
        if now >= ends {
            return Err(Failure::fatal(
                "too_late",
                "The mail server took nothing for as long as the link would have worked.",
            ));
        }
        let secret =
            secret::derived(&self.ring, key, Purpose::Reset, ctx.run_id()).ok_or_else(no_key)?;
        let hash = secret::kept(&secret);
        let asked = Instant(ctx.created_at());
        let known = ctx.db().write(move |tx| {
            Box::pin(async move {
                // Who has chosen a new one since needs none.
                let known = store::login::get(tx, login).await?;
                let known = known.filter(|login| login.password_at.is_none_or(|at| at <= asked));
                if known.is_some() {
                    store::login::add_reset(tx, hash, login, ends).await?;
                }
                Ok::<_, app::Error>(known)
            })
        });
        let Some(to) = known.await.map_err(failure)?.map(|login| login.email) else {
            return Ok(None);
        };
        let link = format!("{}/#/reset/{secret}", post.public);
        let words = words::reset(language, &to, &link);
        Ok(Some(Addressed { to, words }))
    }
}

fn no_key() -> Failure {
    Failure::fatal(
        "no_key",
        "The key of its secret is not in the ring, or is another: make a new one.",
    )
}

/// The mail server takes letters.
async fn goes(db: &Db) -> Result<(), Failure> {
    let before = db.write(|tx| {
        Box::pin(async move { Ok::<_, app::Error>(store::server::mail_goes(tx).await?) })
    });
    if before.await.map_err(failure)? {
        tracing::info!("the mail server takes letters again");
    }
    Ok(())
}

/// It does not.
async fn stands(db: &Db, trouble: Trouble, now: Instant) -> Result<(), Failure> {
    let noted = db.write(move |tx| {
        Box::pin(async move {
            store::server::mail_stands(tx, trouble.name(), now).await?;
            Ok::<_, app::Error>(())
        })
    });
    noted.await.map_err(failure)
}

async fn notices(
    db: &Db,
    post: &Post,
    (organization, person): (OrganizationId, PersonId),
    keys: Vec<String>,
) -> Result<Option<Addressed>, Failure> {
    let db = db.within(organization.0);
    let read = db.read(move |tx| {
        Box::pin(async move {
            let readers = store::member::readers(tx, organization).await?;
            let reader = readers.into_iter().find(|r| r.person == person);
            let mut told = Vec::new();
            for key in &keys {
                // What was taken back is told to nobody.
                if let Some(known) = store::notification::get(tx, organization, key).await? {
                    let known: Notification = store::from_json("notification", &known.body)?;
                    told.push(known);
                }
            }
            let organization = store::organization::get(tx, organization).await?;
            Ok::<_, app::Error>((reader, told, organization))
        })
    });
    let (reader, told, known) = read.await.map_err(failure)?;
    let (Some(reader), Some(known)) = (reader, known) else {
        return Ok(None);
    };
    if told.is_empty() {
        return Ok(None);
    }
    let language = match reader.language.as_str() {
        "de" => Language::De,
        _ => Language::En,
    };
    let at = (post.public.as_str(), &*organization.to_string());
    Ok(Some(Addressed {
        to: reader.email,
        words: words::notices(language, at, &known.name, &told),
    }))
}
