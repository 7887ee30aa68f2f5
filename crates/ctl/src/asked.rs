//! What somebody approves at the terminal: all that goes out, and that is bound by the answer.

use app::words::{network, say, with};
use domain::content::{Options, Replies};
use domain::media::AssetFacts;
use domain::version::{Card, MarkKind, PreparedMedia, PreparedSegment, PreparedTarget};
use protocol::views::{ContentDetail, RequestDetail};

use crate::words;

/// Shows a request on standard error: the answer is typed below it.
pub(crate) fn show(request: &RequestDetail, content: &ContentDetail) {
    for line in lines(request, content) {
        note!("{line}");
    }
}

fn lines(request: &RequestDetail, content: &ContentDetail) -> Vec<String> {
    let mut lines = vec![format!("version {}  {}", request.n, request.hash)];
    let mut who = vec![request.row.persona.name.clone()];
    who.extend(request.by.as_ref().map(|by| by.name.clone()));
    who.push(request.chain_name.clone());
    who.retain(|part| !part.is_empty());
    lines.push(who.join(" · "));
    for target in &request.version.doc.targets {
        lines.push(format!(
            "  {} {}",
            network(target.network.as_str()),
            handle(request, target)
        ));
        let inside = times(request, content, target)
            .into_iter()
            .chain(cost(request, target))
            .chain(whole(target))
            .chain(options(&target.options));
        lines.extend(inside.map(|line| format!("    {line}")));
        let many = target.segments.len() > 1;
        for (n, segment) in target.segments.iter().enumerate() {
            if many {
                lines.push(format!("  {}/{}", n + 1, target.segments.len()));
            }
            lines.extend(parts(&request.version.doc.media, segment));
        }
    }
    if request.time_passed {
        lines.push(say("ctl.time_passed"));
    }
    lines
}

fn handle<'a>(request: &'a RequestDetail, target: &PreparedTarget) -> &'a str {
    let row = request.row.targets.iter();
    row.filter(|t| t.identity == target.identity)
        .map(|t| t.handle.as_str())
        .next()
        .unwrap_or_default()
}

/// When it goes out, or that it takes the place of what is out.
fn times(request: &RequestDetail, content: &ContentDetail, target: &PreparedTarget) -> Vec<String> {
    let mut lines = Vec::new();
    for delivery in &content.deliveries {
        let (row, status) = (&delivery.target, delivery.target.status);
        if row.identity != target.identity {
            continue;
        }
        let updates = delivery.edit.as_ref();
        if updates.is_some_and(|edit| edit.n == request.n && edit.status.is_open()) {
            lines.push(say("ctl.takes_the_place"));
        } else if status.can_cancel() {
            lines.push(match &row.planned {
                None => say("ctl.as_approved"),
                Some(planned) => {
                    let hours = request.tolerance / 60;
                    let later = with(
                        "ctl.hours_later",
                        &[("hours".to_owned(), hours.to_string())].into(),
                    );
                    format!(
                        "{} ({}, {}), {later}",
                        planned.at, planned.wall, planned.zone
                    )
                }
            });
        }
    }
    lines
}

fn cost(request: &RequestDetail, target: &PreparedTarget) -> Option<String> {
    let of = |one: &&domain::cost::TargetCost| one.identity == target.identity;
    let cost = &request.costs.iter().find(of)?.cost;
    // Millionths to hundredths, upwards: nobody is told less than it is.
    let cents = cost.amount_micros.div_ceil(10_000);
    let (whole, rest) = (cents / 100, cents % 100);
    Some(named(
        "compose.cost",
        &format!("{whole}.{rest:02} {}", cost.currency),
    ))
}

/// What holds for the post as a whole.
fn whole(target: &PreparedTarget) -> Vec<String> {
    let mut lines = Vec::new();
    if !target.title.is_empty() {
        lines.push(named("ctl.title", &target.title));
    }
    if !target.languages.is_empty() {
        lines.push(named("ctl.languages", &target.languages.join(", ")));
    }
    lines
}

fn named(key: &str, value: &str) -> String {
    format!("{}: {value}", say(key))
}

fn options(options: &Options) -> Vec<String> {
    // Whatever is added to what can be chosen must be said here.
    let Options {
        no_card: _,
        visibility,
        content_warning,
        sensitive,
        replies,
        quotes_off,
        poll,
        made_with_ai,
        labels,
        quote,
    } = options;
    let mut lines = Vec::new();
    if let Some(visibility) = visibility {
        let readers = words::of("visibility", visibility);
        lines.push(named("options.visibility", &readers));
    }
    if !content_warning.is_empty() {
        lines.push(named("options.content_warning", content_warning));
    }
    if *sensitive {
        lines.push(say("options.pictures_hidden"));
    }
    if let Some(replies) = replies.filter(|replies| *replies != Replies::Everyone) {
        lines.push(words::of("options.replies_only", &replies));
    }
    if *quotes_off {
        lines.push(say("options.no_quotes"));
    }
    if *made_with_ai {
        lines.push(say("options.ai_mark"));
    }
    for label in labels {
        let key = format!("options.label.{label}");
        let said = say(&key);
        let said = if said == key { label } else { &said };
        lines.push(named("options.labels", said));
    }
    if let Some(poll) = poll {
        lines.push(named("options.poll", &format!("{} min", poll.minutes)));
        lines.extend(poll.choices.iter().map(|choice| format!("( ) {choice}")));
        lines.extend(poll.multiple.then(|| say("options.poll_multiple")));
        lines.extend(poll.hide_totals.then(|| say("options.poll_hidden")));
    }
    if let Some(quote) = quote {
        lines.push(named(
            "options.quote",
            &format!("{} {}", quote.address, quote.author),
        ));
        lines.extend(quote.text.lines().map(|line| format!("> {line}")));
    }
    lines
}

fn parts(files: &[AssetFacts], segment: &PreparedSegment) -> Vec<String> {
    let text = segment.text.lines().map(|line| format!("  | {line}"));
    let mut lines: Vec<String> = text.collect();
    for mark in &segment.marks {
        let shown = segment
            .text
            .get(mark.start as usize..mark.end as usize)
            .unwrap_or_default();
        lines.extend(match &mark.kind {
            // Where it leads is not what it says.
            MarkKind::Link { url } if url != shown => Some(format!("    {shown} -> {url}")),
            MarkKind::Mention { handle, id } => Some(format!("    @{handle} = {id}")),
            MarkKind::Link { .. } | MarkKind::Tag { .. } => None,
        });
    }
    lines.extend(segment.media.iter().map(|media| picture(files, media)));
    lines.extend(segment.card.iter().flat_map(card));
    lines
}

fn picture(files: &[AssetFacts], media: &PreparedMedia) -> String {
    let name = files
        .iter()
        .filter(|facts| facts.hash == media.rendition.asset)
        .map(|facts| facts.name.as_str())
        .next()
        .unwrap_or_default();
    let alt = match media.alt.as_str() {
        "" => say("ctl.no_alt"),
        alt => format!("“{alt}”"),
    };
    let (mime, width, height) = (
        &media.rendition.mime,
        media.rendition.width,
        media.rendition.height,
    );
    format!("  + {name} {mime} {width}x{height} {alt}")
}

fn card(card: &Card) -> Vec<String> {
    let mut lines = vec![format!("  [ {}", card.url), format!("  [ {}", card.title)];
    lines.extend(card.description.lines().map(|line| format!("  [ {line}")));
    if card.image.is_some() {
        lines.push(format!("  [ + {}", say("ctl.card_picture")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use domain::content::{Poll, Quote, Visibility};
    use domain::version::Mark;

    use super::*;

    fn has(lines: &[String], wanted: &[&str]) {
        for one in wanted {
            assert!(lines.iter().any(|l| l.contains(one)), "{one}: {lines:#?}");
        }
    }

    #[test]
    fn every_choice_is_shown() {
        assert!(options(&Options::default()).is_empty());
        let all = Options {
            no_card: true,
            visibility: Some(Visibility::Unlisted),
            content_warning: "Avalanche".into(),
            sensitive: true,
            replies: Some(Replies::Nobody),
            quotes_off: true,
            poll: Some(Poll {
                choices: vec!["North".into(), "South".into()],
                minutes: 90,
                multiple: true,
                hide_totals: true,
            }),
            made_with_ai: true,
            labels: vec!["nudity".into(), "new-label".into()],
            quote: Some(Quote {
                address: "https://a.example/1".into(),
                author: "ann.example".into(),
                text: "Their\nwords".into(),
                ..Quote::default()
            }),
        };
        has(
            &options(&all),
            &[
                "Readers: ",
                "Warning: Avalanche",
                "Pictures behind a click",
                "Nobody can reply",
                "Nobody can quote",
                "Made with AI",
                "Label: Nudity",
                "Label: new-label",
                "Poll: 90 min",
                "( ) North",
                "( ) South",
                "Several can be taken",
                "Votes hidden",
                "Quote: https://a.example/1 ann.example",
                "> Their",
                "> words",
            ],
        );
    }

    #[test]
    fn a_link_a_mention_and_a_card_are_shown_with_where_they_lead() {
        let text = "See a.example/x… @ann";
        let mark = |start, end, kind| Mark { start, end, kind };
        let (link, long) = ("a.example/x…".len(), "https://a.example/xyz".to_owned());
        let segment = PreparedSegment {
            text: text.into(),
            marks: vec![
                mark(4, 4 + link as u32, MarkKind::Link { url: long.clone() }),
                mark(
                    5 + link as u32,
                    9 + link as u32,
                    MarkKind::Mention {
                        handle: "ann".into(),
                        id: "did:plc:ann".into(),
                    },
                ),
            ],
            media: vec![],
            card: Some(Card {
                url: long,
                title: "The page".into(),
                description: "What it says".into(),
                image: None,
            }),
        };
        has(
            &parts(&[], &segment),
            &[
                "| See a.example",
                "a.example/x… -> https://a.example/xyz",
                "@ann = did:plc:ann",
                "[ https://a.example/xyz",
                "[ The page",
                "[ What it says",
            ],
        );
    }
}
