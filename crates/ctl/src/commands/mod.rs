//! What each command does.

mod afterwards;
mod assist;
mod decide;
mod mcp;
mod post;
mod setup;
mod system;

use std::io::Read as _;
use std::path::Path;

use domain::ids::PersonId;
use protocol::query::QueueFilter;
use protocol::views::{ContentDetail, Person, QueuePage, RunDetail, RunPage};
use protocol::{Code, Problem, Query};
use serde_json::json;

use crate::args::{Account, Args, Command, Person as PersonCommand, Persona, Run};
use crate::print;
use crate::reach::{Reach, read};

/// Runs one command.
pub(crate) async fn run(args: Args) -> Result<(), Problem> {
    match &args.command {
        Command::Init { name } => return system::init(&args, name.as_deref()).await,
        Command::Assist { task, file } => return assist::assist(*task, file),
        Command::Count { network, text_file } => return system::count(&args, network, text_file),
        Command::Restore { file } => return system::restore(&args, file).await,
        Command::Work { until_idle } => return system::work(&args, *until_idle).await,
        Command::Mcp => return mcp::serve(args).await,
        _ => {}
    }
    let reach = Reach::open(&args).await?;
    let done = reached(&args, &reach).await;
    reach.close().await;
    done
}

async fn reached(args: &Args, reach: &Reach) -> Result<(), Problem> {
    let by = who(args, reach).await?;
    match &args.command {
        Command::Person(PersonCommand::Add { name, role }) => {
            setup::add_person(args, reach, by, name, *role).await
        }
        Command::Person(PersonCommand::List) => setup::people(args, reach).await,
        Command::Persona(Persona::Add {
            name,
            zone,
            language,
        }) => setup::add_persona(args, reach, by, (name, zone, language)).await,
        Command::Persona(Persona::List) => setup::personas(args, reach).await,
        Command::Account(Account::Add(add)) => setup::add_account(args, reach, by, add).await,
        Command::Account(Account::List) => setup::accounts(args, reach).await,
        Command::Post(post) => post::post(args, reach, by, post).await,
        Command::Approve { id, seen, comment } => {
            decide::approve(args, reach, by, (id, seen), comment).await
        }
        Command::RequestChanges { id, comment } => {
            decide::decide(args, reach, by, id, decide::REQUEST_CHANGES, comment).await
        }
        Command::Reject { id, comment } => {
            decide::decide(args, reach, by, id, decide::REJECT, comment).await
        }
        Command::List {
            status,
            search,
            limit,
        } => list(args, reach, status.as_deref(), search.clone(), *limit).await,
        Command::Show { id } => {
            let detail: ContentDetail = reach.ask(Query::Content { id: parse(id)? }).await?;
            show(args, &detail, print::content);
            Ok(())
        }
        Command::Cancel { id } => decide::cancel(args, reach, by, id).await,
        Command::Update(update) => afterwards::update(args, reach, by, update).await,
        Command::Delete { id, to } => afterwards::delete(args, reach, by, id, to.as_deref()).await,
        Command::Redraft { id, to } => {
            afterwards::redraft(args, reach, by, id, to.as_deref()).await
        }
        Command::Runs { limit } => {
            let query = Query::Runs {
                subject: None,
                trouble: false,
                cursor: None,
                limit: *limit,
            };
            let page: RunPage = reach.ask(query).await?;
            show(args, &page, |page| {
                page.rows.iter().for_each(print::run_row)
            });
            Ok(())
        }
        Command::Run(Run::Show { id }) => {
            let detail: RunDetail = reach.ask(Query::Run { id: parse(id)? }).await?;
            show(args, &detail, print::run);
            Ok(())
        }
        Command::Backup { file } => system::backup(args, reach, by, file).await,
        Command::Verify => system::verify(args, reach, by).await,
        Command::Release => {
            reach.mutate(protocol::Mutation::ReleaseFolder, by).await?;
            said(args, "released", "This computer sends now.");
            Ok(())
        }
        Command::Mutate { file } => system::mutate(reach, by, &text_of(file)?).await,
        Command::Query { file } => {
            let query: Query =
                serde_json::from_str(&text_of(file)?).map_err(|e| crate::reach::unreadable(&e))?;
            print::json(&reach.query(query, by).await?);
            Ok(())
        }
        Command::Init { .. }
        | Command::Assist { .. }
        | Command::Count { .. }
        | Command::Mcp
        | Command::Restore { .. }
        | Command::Work { .. } => Ok(()),
    }
}

/// Prints a value as the arguments ask.
fn show<T: serde::Serialize>(args: &Args, value: &T, people: impl FnOnce(&T)) {
    if args.json {
        print::json(value);
    } else {
        people(value);
    }
}

/// Says that something was done.
fn said(args: &Args, what: &str, words: &str) {
    if args.json {
        print::json(&json!({ "done": what }));
    } else {
        say!("{words}");
    }
}

async fn list(
    args: &Args,
    reach: &Reach,
    status: Option<&str>,
    search: Option<String>,
    limit: u32,
) -> Result<(), Problem> {
    let statuses = match status {
        None => vec![],
        Some(name) => vec![read(json!(name)).map_err(|_| {
            let known: Vec<&str> = domain::status::ContentStatus::ALL
                .iter()
                .map(|s| s.as_str())
                .collect();
            Problem::new(
                Code::InvalidInput,
                format!(
                    "There is no status “{name}”. There are: {}.",
                    known.join(", ")
                ),
            )
        })?],
    };
    let filter = QueueFilter {
        statuses,
        search,
        ..QueueFilter::default()
    };
    let page: QueuePage = reach
        .ask(Query::Queue {
            filter,
            cursor: None,
            limit,
        })
        .await?;
    show(args, &page, |page| page.rows.iter().for_each(print::row));
    Ok(())
}

/// An id as written by `list` and `show`.
fn parse<T: std::str::FromStr>(id: &str) -> Result<T, Problem> {
    id.parse().map_err(|_| {
        Problem::new(
            Code::InvalidInput,
            format!("“{id}” is no id. `rostrumctl list` shows ids."),
        )
    })
}

/// The text of a file, or of standard input.
fn text_of(file: &Path) -> Result<String, Problem> {
    let read = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|e| {
        Problem::new(
            Code::InvalidInput,
            format!("{} cannot be read: {e}.", file.display()),
        )
    })
}

/// The person that `--as` names.
pub(super) async fn who(args: &Args, reach: &Reach) -> Result<Option<PersonId>, Problem> {
    let Some(name) = &args.by else {
        return Ok(None);
    };
    let people: Vec<Person> = match (reach.ask(Query::People {}).await, name.parse()) {
        // Whoever used this computer has left, and nobody is told who else there is. An id is known
        // already.
        (Err(problem), Ok(id)) if problem.code == Code::NobodyHere => return Ok(Some(id)),
        (people, _) => people?,
    };
    let found: Vec<&Person> = people
        .iter()
        .filter(|p| p.active && (p.name == *name || p.id.to_string() == *name))
        .collect();
    match found.as_slice() {
        [one] => Ok(Some(one.id)),
        [] => Err(Problem::new(
            Code::NotFound,
            format!("Nobody here is called “{name}”."),
        )),
        _ => Err(Problem::new(
            Code::Conflict,
            format!("Several people are called “{name}”. Name the id instead."),
        )),
    }
}
