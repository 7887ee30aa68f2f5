//! The desktop shell: one window around the core, and what a desktop offers beside it.
//!
//! Everything that decides something is in `app`; this package decodes, shows and forwards.

mod bootstrap;
mod commands;
mod core;
mod events;
mod host;
mod link;
mod login;
mod marks;
mod media;
mod menu;
mod notifier;
mod options;
mod pick;
mod power;
mod pulse;
mod rescue;
mod shell;
mod shutdown;
mod spelling;
mod tray;
mod tray_host;
mod when;
mod windows;
mod words;

use std::process::ExitCode;

use options::Wish;

/// Keys of the catalog that the shell says, beside `notification.<kind>`.
#[cfg(test)]
const SHELL_WORDS: &[&str] = &[
    "menu.approvals",
    "menu.close",
    "menu.data_folder",
    "menu.diagnostics",
    "menu.edit",
    "menu.file",
    "menu.go",
    "menu.help",
    "menu.new_post",
    "menu.quit",
    "menu.today",
    "notification.close_to_tray.body",
    "notification.close_to_tray.title",
    "notification.open",
    "notification.summary.held",
    "notification.summary.late",
    "notification.summary.missed",
    "pick.backup",
    "pick.new_backup",
    "pick.site_folder",
    "power.why",
    "quit.anyway",
    "quit.due",
    "quit.stay",
    "quit.title",
    "start.corrupt",
    "start.failed",
    "start.quit",
    "start.restore",
    "tray.day_form",
    "tray.approvals",
    "tray.next",
    "tray.no_approvals",
    "tray.no_next",
    "tray.open",
    "tray.pause",
    "tray.quit",
    "tray.resume",
];

/// Runs the program until its end.
#[must_use]
pub fn run() -> ExitCode {
    match options::read(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Wish::Open {
            data,
            own_folder,
            start,
            link,
        } => bootstrap::open(data, own_folder, start, link.as_deref()),
        Wish::Say(words) => {
            println!("{words}");
            ExitCode::SUCCESS
        }
        Wish::Refuse(words) => {
            eprintln!("rostrum: {words}");
            ExitCode::from(2)
        }
    }
}
