//! People, personas, accounts.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};

use app::words::{network, with};
use domain::identity::NetworkId;
use domain::ids::{IdentityId, PersonId, PersonaId};
use domain::person::Role;
use domain::persona::PersonaProfile;
use protocol::act::{Act, Sensitive};
use protocol::views::{
    Account, ConnectMethod, Done, FieldKind, Network, Person, PersonaDetail, SignedIn,
};
use protocol::{Code, Mutation, Problem, Query};
use serde_json::json;

use super::show;
use crate::args::{AccountAdd, Args, Role as RoleArg};
use crate::reach::Reach;
use crate::{print, words};

pub(super) async fn add_person(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    name: &str,
    role: RoleArg,
) -> Result<(), Problem> {
    let id = PersonId(app::core::new_id());
    let role = match role {
        RoleArg::Viewer => Role::Viewer,
        RoleArg::Creator => Role::Creator,
        RoleArg::Approver => Role::Approver,
        RoleArg::Admin => Role::Admin,
        RoleArg::Owner => Role::Owner,
    };
    reach
        .mutate(
            Mutation::AddPerson {
                id,
                name: name.to_owned(),
                role,
            },
            by,
        )
        .await?;
    show(args, &json!({"id": id, "name": name}), |_| {
        say!("{id}  {name}")
    });
    Ok(())
}

pub(super) async fn people(args: &Args, reach: &Reach) -> Result<(), Problem> {
    let people: Vec<Person> = reach.ask(Query::People {}).await?;
    show(args, &people, |people| {
        for person in people {
            say!(
                "{}  {:<9} {}",
                person.id,
                words::of("role", &person.role),
                person.name
            );
        }
    });
    Ok(())
}

pub(super) async fn add_persona(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    (name, zone, language): (&str, &str, &str),
) -> Result<(), Problem> {
    let id = PersonaId(app::core::new_id());
    let profile = PersonaProfile {
        name: name.to_owned(),
        zone: zone.to_owned(),
        language: language.to_owned(),
        ..PersonaProfile::default()
    };
    reach
        .mutate(
            Mutation::SavePersona {
                id,
                profile,
                chain: None,
            },
            by,
        )
        .await?;
    show(args, &json!({"id": id, "name": name}), |_| {
        say!("{id}  {name}")
    });
    Ok(())
}

pub(super) async fn personas(args: &Args, reach: &Reach) -> Result<(), Problem> {
    let personas: Vec<PersonaDetail> = reach.ask(Query::Personas {}).await?;
    show(args, &personas, |personas| {
        for persona in personas {
            say!("{}  {}", persona.id, persona.profile.name);
        }
    });
    Ok(())
}

/// The persona of a name or an id.
pub(super) async fn persona(reach: &Reach, name: &str) -> Result<PersonaDetail, Problem> {
    let personas: Vec<PersonaDetail> = reach.ask(Query::Personas {}).await?;
    let mut found: Vec<PersonaDetail> = personas
        .into_iter()
        .filter(|p| !p.archived && (p.profile.name == name || p.id.to_string() == name))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(Problem::new(
            Code::NotFound,
            format!("There is no persona “{name}”."),
        )),
        (Some(_), false) => Err(Problem::new(
            Code::Conflict,
            format!("Several personas are called “{name}”. Name the id instead."),
        )),
    }
}

pub(super) async fn add_account(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    add: &AccountAdd,
) -> Result<(), Problem> {
    let persona = persona(reach, &add.persona).await?;
    let networks: Vec<Network> = reach.ask(Query::Networks {}).await?;
    let network = NetworkId::new(&add.network);
    let Some(known) = networks.iter().find(|n| n.id == network) else {
        let names: Vec<String> = networks
            .iter()
            .filter(|n| n.connectable)
            .map(|n| n.id.to_string())
            .collect();
        return Err(Problem::new(
            Code::UnknownNetwork,
            format!(
                "There is no network “{network}”. There are: {}.",
                names.join(", ")
            ),
        ));
    };
    let method = method_of(known, add)?;
    let asked = method.map(|m| m.fields.as_slice()).unwrap_or_default();
    let id_of = |kind| asked.iter().find(|f| f.kind == kind);
    let mut fields: BTreeMap<String, Sensitive> = BTreeMap::new();
    if let Some(path) = &add.path {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let folder = id_of(FieldKind::Folder).map_or("folder", |f| f.name.as_str());
        fields.insert(
            folder.to_owned(),
            Sensitive(absolute.to_string_lossy().into_owned()),
        );
    }
    for (name, value) in [("service", &add.service), ("handle", &add.handle)] {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Sensitive(value.clone()));
        }
    }
    for (name, value) in &add.fields {
        fields.insert(name.clone(), Sensitive(value.clone()));
    }
    if add.app_password_stdin || add.token_stdin {
        let mut typed = String::new();
        std::io::stdin().read_to_string(&mut typed).map_err(|e| {
            Problem::new(
                Code::InvalidInput,
                format!("Nothing could be read from standard input: {e}."),
            )
        })?;
        let secret = id_of(FieldKind::Secret).map_or("app_password", |f| f.name.as_str());
        fields.insert(secret.to_owned(), Sensitive(typed.trim().to_owned()));
    }
    // A site is named after its persona until somebody names it otherwise.
    if asked.iter().any(|f| f.name == "title") {
        fields
            .entry("title".to_owned())
            .or_insert_with(|| Sensitive(persona.profile.name.clone()));
    }
    let browser = method.is_some_and(|m| m.browser);
    let method = method.map(|m| m.id.clone());
    let id = IdentityId(app::core::new_id());
    let persona = persona.id;
    let account: Account = if browser {
        let whose = Whose::of(add)?;
        let act = Act::SignIn {
            id,
            persona,
            network,
            method,
            fields,
        };
        let found: SignedIn = reach.act(act, by).await?;
        if let Err(no) = whose.settle(&found) {
            let _: Done = reach.act(Act::RefuseSignIn { id }, by).await?;
            return Err(no);
        }
        reach.act(Act::KeepSignIn { id }, by).await?
    } else {
        let act = Act::Connect {
            id,
            persona,
            network,
            method,
            fields,
        };
        reach.act(act, by).await?
    };
    show(args, &account, |a| {
        say!("{}  {} {}", a.id, a.network, a.handle)
    });
    Ok(())
}

/// How it is made sure that the account that a browser brought is the right one.
enum Whose<'a> {
    /// Somebody at the terminal is asked.
    Asked,
    /// It has this handle.
    Named(&'a str),
}

impl<'a> Whose<'a> {
    fn of(add: &'a AccountAdd) -> Result<Self, Problem> {
        match &add.handle {
            Some(handle) if add.yes => Ok(Self::Named(handle)),
            None if add.yes => Err(Problem::new(
                Code::InvalidInput,
                "Say with --handle whose account it must be, or leave --yes out and be asked.",
            )),
            _ if std::io::stdin().is_terminal() => Ok(Self::Asked),
            _ => Err(Problem::new(
                Code::InvalidInput,
                "Nobody can be asked here whose account was signed in. Give --yes and --handle.",
            )),
        }
    }

    fn settle(&self, found: &SignedIn) -> Result<(), Problem> {
        let is_it = match self {
            Self::Named(handle) => same_handle(handle, &found.handle),
            Self::Asked => ask(found),
        };
        is_it.then_some(()).ok_or_else(|| {
            Problem::new(
                Code::Conflict,
                format!("{} was signed in. Nothing was connected.", found.handle),
            )
        })
    }
}

fn same_handle(a: &str, b: &str) -> bool {
    let plain = |handle: &str| handle.trim().trim_start_matches('@').to_lowercase();
    plain(a) == plain(b)
}

fn ask(found: &SignedIn) -> bool {
    let place = match found.service.as_str() {
        "" => network(found.network.as_str()),
        service => service.to_owned(),
    };
    let name = match found.display_name.as_str() {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let account = format!("{}{name}, {place}", found.handle);
    print::agrees(&with(
        "ctl.is_that_you",
        &[("account".to_owned(), account)].into(),
    ))
}

/// The way that was named, or that takes what is given, else the first; `None` for a network that
/// has no way at all.
fn method_of<'a>(
    network: &'a Network,
    add: &AccountAdd,
) -> Result<Option<&'a ConnectMethod>, Problem> {
    let ways = &network.methods;
    let takes_secret =
        |way: &&ConnectMethod| way.fields.iter().any(|f| f.kind == FieldKind::Secret);
    let found = match &add.method {
        Some(id) => ways.iter().find(|way| way.id == *id),
        None if add.token_stdin => ways.iter().find(|way| way.id == "token"),
        None if add.app_password_stdin => ways.iter().find(takes_secret),
        None => ways.first(),
    };
    if found.is_none() && !ways.is_empty() {
        let known: Vec<&str> = ways.iter().map(|way| way.id.as_str()).collect();
        return Err(Problem::new(
            Code::InvalidInput,
            format!(
                "{} is not connected in this way. There are: {}.",
                network.name,
                known.join(", ")
            ),
        ));
    }
    Ok(found)
}

pub(super) async fn accounts(args: &Args, reach: &Reach) -> Result<(), Problem> {
    let accounts: Vec<Account> = reach.ask(Query::Accounts {}).await?;
    show(args, &accounts, |accounts| {
        for a in accounts {
            say!(
                "{}  {:<10} {:<28} {}",
                a.id,
                a.network,
                a.handle,
                words::of("account", &a.status)
            );
        }
    });
    Ok(())
}
