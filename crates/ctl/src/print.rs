//! Answers for people and for scripts.
//!
//! What is printed may hold what others wrote, and a terminal obeys some characters: it moves, it
//! colours, it turns the direction of reading. Everything goes through here and shows them instead.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::Write as _;

use protocol::Problem;
use protocol::views::{ContentDetail, ContentRow, RunDetail, RunRow};
use serde::Serialize;
use serde_json::json;

use crate::words;

/// Prints a line on standard output.
macro_rules! say {
    ($($line:tt)*) => { $crate::print::out(format_args!($($line)*)) };
}

/// Prints a line on standard error.
macro_rules! note {
    ($($line:tt)*) => { $crate::print::err(format_args!($($line)*)) };
}

/// Whether a terminal shows `c` and does nothing else: no control (ECMA-48), nothing that turns the
/// direction (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>), no other
/// end of a line.
fn is_plain(c: char) -> bool {
    match c {
        '\t' => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => false,
        '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => false,
        _ => !c.is_control(),
    }
}

/// `text` with everything that a terminal would obey written out, such as `\u{1b}`.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_plain(c) {
            true => shown.push(c),
            false => shown.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// A line on standard output; one that nobody reads any more is fine.
pub(crate) fn out(line: Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{}", plain(&line.to_string()));
}

/// A line on standard error.
pub(crate) fn err(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{}", plain(&line.to_string()));
}

/// Asks a question on standard error, and answers whether the answer is yes.
pub(crate) fn agrees(question: &str) -> bool {
    let _ = write!(std::io::stderr(), "{} ", plain(question));
    let mut said = String::new();
    let read = std::io::stdin().read_line(&mut said);
    read.is_ok()
        && matches!(
            said.trim().to_lowercase().as_str(),
            "y" | "yes" | "j" | "ja"
        )
}

/// A problem on standard error (for scripts: as JSON on standard output).
pub(crate) fn problem(problem: &Problem, as_json: bool) {
    if as_json {
        json(&json!({ "problem": problem }));
        return;
    }
    // The catalog says what kind of problem it is; what happened is said in English only.
    let code = problem.code.as_str();
    note!(
        "rostrumctl: {} [{code}]",
        words::of("problem", &problem.code)
    );
    for line in problem.message.lines() {
        note!("  {line}");
    }
    for (field, what) in &problem.fields {
        note!("  {field}: {what}");
    }
}

/// A value as JSON, one line. What a terminal would obey is written as JSON writes it, and reads
/// back as what it was.
pub(crate) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(text) => say!("{}", json_of(&text)),
        Err(error) => note!("rostrumctl: {error}"),
    }
}

fn json_of(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_plain(c) {
            true => shown.push(c),
            // All of them are in the first plane: one escape each.
            false => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    shown
}

/// The name of a value that serializes to a plain word.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

pub(crate) fn row(row: &ContentRow) {
    let at = row
        .at
        .as_ref()
        .map(|p| p.at.to_string())
        .unwrap_or_default();
    say!(
        "{}  {:<20} {:<24}  {}",
        row.id,
        words::of("status.content", &row.status),
        at,
        row.headline
    );
}

pub(crate) fn content(detail: &ContentDetail) {
    row(&detail.row);
    say!("  {} · version {}", detail.row.persona.name, detail.row.n);
    if let Some(version) = &detail.version {
        for line in version
            .doc
            .body
            .shared
            .segments
            .iter()
            .flat_map(|s| s.text.lines())
        {
            say!("  | {line}");
        }
    }
    for delivery in &detail.deliveries {
        let target = &delivery.target;
        let at = target
            .planned
            .as_ref()
            .map_or("as soon as approved".into(), |p| p.at.to_string());
        say!(
            "  {}  {} {}  {}  {at}",
            target.delivery,
            target.network,
            target.handle,
            words::of("status.delivery", &target.status)
        );
        for line in delivery.words.iter().flat_map(|words| words.lines()) {
            say!("    “{line}”");
        }
        for publication in &delivery.publications {
            say!(
                "    {}",
                publication.url.as_deref().unwrap_or(&publication.remote_id)
            );
        }
        for metric in &delivery.metrics {
            say!(
                "    {} {} as of {}",
                metric.value,
                metric.name,
                metric.as_of
            );
        }
    }
    if let Some(request) = &detail.request {
        say!(
            "  request {}  {}  version {} ({})",
            request.id,
            words::of("request.status", &request.status),
            request.n,
            request.hash.short()
        );
        for stage in &request.stages {
            let names: Vec<&str> = stage.seats.iter().map(|p| p.name.as_str()).collect();
            say!(
                "    {}  {}  {}",
                stage.name,
                word(&stage.state),
                names.join(", ")
            );
        }
    }
}

pub(crate) fn run_row(row: &RunRow) {
    say!(
        "{}  {:<18} {:<10} {}  {}",
        row.id,
        row.workflow,
        words::of("runs.state", &row.state),
        row.started_at,
        row.title
    );
}

pub(crate) fn run(detail: &RunDetail) {
    run_row(&detail.row);
    for step in &detail.steps {
        say!(
            "  {} {:<24} {:<8} {:<8} {} tries  {}",
            step.started_at,
            format!("{}#{}", step.name, step.round),
            step.kind,
            step.state,
            step.tries,
            step.error
                .as_deref()
                .or(step.outcome.as_deref())
                .unwrap_or_default()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBEYED: [char; 9] = [
        '\u{1b}', '\u{7}', '\r', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2067}', '\u{200f}', '\u{2028}',
    ];

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        for c in OBEYED {
            let shown = plain(&format!("Appr{c}oved")).into_owned();
            let code = format!("Appr\\u{{{:x}}}oved", u32::from(c));
            assert_eq!(shown, code);
        }
        for fine in ["Grüße", "שלום", "日本", "👩‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a\tb", "\\u{1b}"]
        {
            assert_eq!(plain(fine), fine);
        }
    }

    #[test]
    fn json_for_scripts_reads_back_as_it_was() {
        for c in OBEYED {
            let value = json!({ "text": format!("a{c}b") });
            let shown = json_of(&value.to_string());
            assert!(shown.chars().all(is_plain), "{shown}");
            let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(back, value);
        }
    }
}
