//! Settings, backups, the audit's check, diagnostics.

use std::collections::BTreeMap;

use domain::identity::Executor;
use protocol::views::{self, AuditCheck, Diagnostics, SettingsView};

use crate::Error;
use crate::audit;
use crate::core::App;
use crate::folder::{Backup, Backups};

/// How many lines of the log a report holds.
const LOG_LINES: usize = 40;

pub(crate) fn backup_view(backup: &Backup) -> views::Backup {
    backup.clone().into()
}

impl App {
    pub(crate) fn settings_view(&self) -> SettingsView {
        SettingsView {
            settings: self.settings(),
            data_folder: self.folder().layout().root().to_string_lossy().into_owned(),
            secrets: self.secrets().kind().as_str().to_owned(),
            secrets_note: self.secrets().note(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub(super) fn backups(&self) -> Vec<views::Backup> {
        Backups::of(&self.folder())
            .list()
            .iter()
            .map(backup_view)
            .collect()
    }

    pub(super) async fn verify_audit(&self) -> Result<AuditCheck, Error> {
        // Only a desktop remembers where it saw the history last.
        if self.executor() == Executor::Desktop {
            self.watch_head().await?;
        }
        let mut check = self.check_audit().await?;
        if let Some(alarm) = self.audit_alarm() {
            check.broken.get_or_insert(alarm.words());
        }
        Ok(check)
    }

    /// Whether the history follows from its first entry.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn check_audit(&self) -> Result<AuditCheck, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| Box::pin(async move { audit::check(tx, org).await }))
            .await
    }

    pub(super) async fn diagnostics(&self) -> Result<Diagnostics, Error> {
        let mut facts = BTreeMap::from([
            ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            (
                "system".to_owned(),
                format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            ),
            ("schema".to_owned(), db::latest_schema().to_string()),
            (
                "secrets".to_owned(),
                self.secrets().kind().as_str().to_owned(),
            ),
            ("background".to_owned(), self.engine().is_some().to_string()),
        ]);
        let settings = self.settings();
        let chosen = |set: bool| if set { "own" } else { "system" }.to_owned();
        facts.insert("proxy".to_owned(), chosen(settings.proxy.is_some()));
        facts.insert(
            "certificates".to_owned(),
            chosen(settings.extra_ca.is_some()),
        );
        let left_out = self.settings_file().load().problems.len();
        facts.insert("settings_left_out".to_owned(), left_out.to_string());
        if let Some(note) = self.secrets().note() {
            facts.insert("secrets_note".to_owned(), note);
        }
        for (i, account) in self.accounts().await?.into_iter().enumerate() {
            let status = store::to_json(&account.status)?;
            facts.insert(
                format!("account_{}", i + 1),
                format!("{} {}", account.network, status.trim_matches('"')),
            );
        }
        let logs = self.folder().layout().logs();
        Ok(Diagnostics {
            facts,
            log: crate::host::last_lines(&logs, LOG_LINES),
        })
    }
}
