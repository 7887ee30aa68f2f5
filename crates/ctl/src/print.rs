//! Answers for people and for scripts.

use protocol::Problem;
use protocol::views::{ContentDetail, ContentRow, RequestDetail, RunDetail, RunRow};
use serde::Serialize;
use serde_json::json;

use crate::words;

/// A problem on standard error (for scripts: as JSON on standard output).
pub(crate) fn problem(problem: &Problem, as_json: bool) {
    if as_json {
        println!("{}", json!({ "problem": problem }));
        return;
    }
    // The catalog says what kind of problem it is; what happened is said in English only.
    let code = problem.code.as_str();
    eprintln!(
        "rostrumctl: {} [{code}]",
        words::of("problem", &problem.code)
    );
    eprintln!("  {}", problem.message);
    for (field, what) in &problem.fields {
        eprintln!("  {field}: {what}");
    }
}

/// A value as JSON, one line.
pub(crate) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("rostrumctl: {error}"),
    }
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
    println!(
        "{}  {:<20} {:<24}  {}",
        row.id,
        words::of("status.content", &row.status),
        at,
        row.headline
    );
}

pub(crate) fn content(detail: &ContentDetail) {
    row(&detail.row);
    println!("  {} · version {}", detail.row.persona.name, detail.row.n);
    if let Some(version) = &detail.version {
        for line in version
            .doc
            .body
            .shared
            .segments
            .iter()
            .flat_map(|s| s.text.lines())
        {
            println!("  | {line}");
        }
    }
    for delivery in &detail.deliveries {
        let target = &delivery.target;
        let at = target
            .planned
            .as_ref()
            .map_or("as soon as approved".into(), |p| p.at.to_string());
        println!(
            "  {}  {} {}  {}  {at}",
            target.delivery,
            target.network,
            target.handle,
            words::of("status.delivery", &target.status)
        );
        if let Some(words) = &delivery.words {
            println!("    “{words}”");
        }
        for publication in &delivery.publications {
            println!(
                "    {}",
                publication.url.as_deref().unwrap_or(&publication.remote_id)
            );
        }
        for metric in &delivery.metrics {
            println!(
                "    {} {} as of {}",
                metric.value, metric.name, metric.as_of
            );
        }
    }
    if let Some(request) = &detail.request {
        println!(
            "  request {}  {}  version {} ({})",
            request.id,
            words::of("request.status", &request.status),
            request.n,
            request.hash.short()
        );
        for stage in &request.stages {
            let names: Vec<&str> = stage.seats.iter().map(|p| p.name.as_str()).collect();
            println!(
                "    {}  {}  {}",
                stage.name,
                word(&stage.state),
                names.join(", ")
            );
        }
    }
}

/// What a request asks about, on standard error: the answer is typed below it.
pub(crate) fn asked(request: &RequestDetail) {
    eprintln!("version {}  {}", request.n, request.hash);
    for target in &request.version.doc.targets {
        let row = request.row.targets.iter();
        let handle = row
            .filter(|t| t.identity == target.identity)
            .map(|t| t.handle.as_str())
            .next()
            .unwrap_or_default();
        eprintln!("  {} {handle}", target.network);
        for segment in &target.segments {
            for line in segment.text.lines() {
                eprintln!("  | {line}");
            }
            for media in &segment.media {
                eprintln!("  + {} “{}”", media.rendition.mime, media.alt);
            }
        }
    }
}

pub(crate) fn run_row(row: &RunRow) {
    println!(
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
        println!(
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
