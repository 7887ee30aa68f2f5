//! What letters say, from the catalog of the window.

use app::words::{Args, in_language, network};
use domain::Instant;
use domain::person::Role;
use protocol::event::{Notification, Place};
use protocol::settings::Language;

/// Subject and text of a letter.
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) text: String,
}

fn args(pairs: &[(&str, &str)]) -> Args {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A time for somebody whose zone nobody knows.
fn time(at: Instant) -> String {
    at.to_chrono().format("%Y-%m-%d %H:%M UTC").to_string()
}

/// An invitation.
pub(super) fn invitation(
    language: Language,
    by: &str,
    organization: &str,
    role: Role,
    ends_at: Instant,
    link: &str,
) -> Words {
    let role = in_language(language, &format!("role.{}", name_of(role)), &Args::new());
    let args = args(&[
        ("by", by),
        ("organization", organization),
        ("role", &role),
        ("time", &time(ends_at)),
    ]);
    let lead = in_language(language, "mail.invitation.lead", &args);
    Words {
        subject: in_language(language, "mail.invitation.subject", &args),
        text: format!("{lead}\n\n{link}\n"),
    }
}

/// A link with which a password is set anew.
pub(super) fn reset(language: Language, email: &str, link: &str) -> Words {
    let args = args(&[("email", email)]);
    let lead = in_language(language, "mail.reset.lead", &args);
    let foot = in_language(language, "mail.reset.foot", &args);
    Words {
        subject: in_language(language, "mail.reset.subject", &args),
        text: format!("{lead}\n\n{link}\n\n{foot}\n"),
    }
}

/// What a person wants to be told: `public` and `organization` begin the links.
pub(super) fn notices(
    language: Language,
    (public, organization): (&str, &str),
    organization_name: &str,
    told: &[Notification],
) -> Words {
    let mut items = Vec::new();
    let mut titles = Vec::new();
    for notification in told {
        let kind = name_of(notification.kind);
        let args = spoken(language, notification);
        let title = in_language(language, &format!("notification.{kind}.title"), &args);
        let body = in_language(language, &format!("notification.{kind}.body"), &args);
        let link = format!(
            "{public}/#/in/{organization}{}",
            path_of(&notification.place)
        );
        items.push(format!("{title}\n{body}\n{link}\n"));
        titles.push(title);
    }
    let count = titles.len().to_string();
    let args = args(&[
        ("number", &count),
        ("organization", organization_name),
        ("address", public),
    ]);
    let subject = match titles.as_slice() {
        [only] => only.clone(),
        _ => in_language(language, "mail.notice.many", &args),
    };
    let foot = in_language(language, "mail.notice.foot", &args);
    Words {
        subject,
        text: format!("{}\n--\n{foot}\n", items.join("\n")),
    }
}

/// As JSON and the catalog name it.
fn name_of<T: serde::Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).ok();
    let name = value.and_then(|v| v.as_str().map(str::to_owned));
    name.unwrap_or_default()
}

/// The core names things as it keeps them; people read a network's name, a verdict, a time.
fn spoken(language: Language, notification: &Notification) -> Args {
    let mut args = notification.args.clone();
    if let Some(id) = args.get_mut("network") {
        let key = format!("network.{id}");
        let known = in_language(language, &key, &Args::new());
        *id = if known == key { network(id) } else { known };
    }
    if let Some(verdict) = args.get_mut("verdict") {
        let key = format!("notification.verdict.{verdict}");
        *verdict = in_language(language, &key, &Args::new());
    }
    if let Some(text) = args.get_mut("time")
        && let Ok(at) = serde_json::from_value::<Instant>(text.as_str().into())
    {
        *text = time(at);
    }
    args
}

/// Where a place is in the window.
fn path_of(place: &Place) -> String {
    match place {
        Place::Request { id } => format!("/approvals/{id}"),
        Place::Content { id } => format!("/content/{id}"),
        Place::Account { id } => format!("/personas?account={id}"),
        Place::Approvals => "/approvals".to_owned(),
        Place::Ideas => "/ideas".to_owned(),
        Place::Today | Place::Compose | Place::ComposeText { .. } | Place::Join { .. } => {
            "/today".to_owned()
        }
    }
}
