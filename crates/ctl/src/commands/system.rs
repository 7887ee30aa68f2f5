//! The data folder, the background, backups, counting, raw JSON.

use std::path::Path;

use app::host::{self, Door, Knock};
use domain::ids::PersonId;
use protocol::act::Act;
use protocol::views::{AuditCheck, Backup, Restored};
use protocol::{Call, Code, Mutation, Problem, Query};
use serde_json::{Value, json};

use super::{said, show, text_of, who};
use crate::args::Args;
use crate::reach::{Reach, config, options, read, root, unreadable};
use crate::{print, words};

pub(super) async fn init(args: &Args, name: Option<&str>) -> Result<(), Problem> {
    let root = root(args)?;
    let host = host::init(&root, &config()?, options()).await?;
    let done = async {
        if host.app.me().await?.is_none() {
            let login = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
            let name = name
                .map(str::to_owned)
                .or(login.ok())
                .unwrap_or_else(|| "Owner".into());
            host.app
                .add_first_person(PersonId(app::core::new_id()), name)
                .await?;
        }
        Ok::<_, Problem>(())
    }
    .await;
    host.stop().await;
    done?;
    said(args, "init", &format!("{} is ready.", root.display()));
    Ok(())
}

pub(super) fn count(args: &Args, network: &str, text_file: &Path) -> Result<(), Problem> {
    let text = text_of(text_file)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let (count, issues) = networks::count(network, text)
        .map_err(|e| Problem::new(Code::UnknownNetwork, e.to_string()))?;
    let answer = json!({"length": count.length, "limit": count.limit, "issues": issues});
    show(args, &answer, |_| {
        let limit = count.limit.map_or("no limit".to_owned(), |l| l.to_string());
        say!("{} of {limit}", count.length);
        for issue in &issues {
            say!("  {}", words::issue(issue, network));
        }
    });
    Ok(())
}

pub(super) async fn restore(args: &Args, file: &Path) -> Result<(), Problem> {
    let root = root(args)?;
    let restored: Restored = match Reach::open(args).await {
        Ok(reach) => match who(args, &reach).await {
            Ok(by) => reach.restore(file, by).await?,
            Err(problem) => {
                reach.close().await;
                return Err(problem);
            }
        },
        Err(problem) if problem.code == Code::FolderInUse => return Err(problem),
        // What does not open has nobody whose right could be asked for.
        Err(_) => host::restore_unopened(&root, &config()?, file, options()).await?,
    };
    let aside = restored.aside;
    show(
        args,
        &json!({"restored": restored.backup.path, "aside": aside}),
        |_| {
            say!(
                "Restored. Nothing is sent until `rostrumctl release` says that this computer does."
            );
            if let Some(aside) = &aside {
                say!("What was there before is in {aside}.");
            }
        },
    );
    Ok(())
}

pub(super) async fn work(args: &Args, until_idle: bool) -> Result<(), Problem> {
    let root = root(args)?;
    let host = match host::open(&root, &config()?, options()).await {
        Ok(host) => host,
        Err(problem) if problem.code == Code::FolderInUse && until_idle => {
            // The owner does the work; wait for it.
            Door::of(&root).knock(Knock::UntilIdle).await?;
            said(args, "idle", "Nothing is due.");
            return Ok(());
        }
        Err(problem) => return Err(problem),
    };
    let done = async {
        host.start().await?;
        if until_idle {
            host.until_idle().await
        } else {
            stopped().await;
            Ok(())
        }
    }
    .await;
    host.stop().await;
    done?;
    said(args, "idle", "Nothing is due.");
    Ok(())
}

/// Returns when somebody asks the process to end.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

pub(super) async fn backup(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    file: &Path,
) -> Result<(), Problem> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let act = Act::Backup {
        file: Some(file.to_string_lossy().into_owned()),
    };
    let made: Backup = reach.act(act, by).await?;
    show(args, &made, |b| say!("{}  {} bytes", b.path, b.bytes));
    Ok(())
}

/// Whether the history is complete, unchanged, and the one that this computer saw last.
pub(super) async fn verify(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
) -> Result<(), Problem> {
    let check: AuditCheck = read(reach.query(Query::VerifyAudit {}, by).await?)?;
    if let Some(broken) = check.broken {
        return Err(Problem::new(Code::AuditBroken, format!("{broken}.")));
    }
    show(args, &check, |check| {
        say!("{} entries  {}", check.entries, check.head)
    });
    Ok(())
}

pub(super) async fn mutate(reach: &Reach, by: Option<PersonId>, text: &str) -> Result<(), Problem> {
    let value: Value = serde_json::from_str(text).map_err(|e| unreadable(&e))?;
    let call = if value.get("mutation").is_some() {
        serde_json::from_value::<Call>(value).map_err(|e| unreadable(&e))?
    } else {
        let mutation: Mutation = serde_json::from_value(value).map_err(|e| unreadable(&e))?;
        app::core::call(mutation, None)
    };
    print::json(&reach.call(call, by).await?);
    Ok(())
}
