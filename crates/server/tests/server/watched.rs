//! Figures, traces, and an end that loses nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use reqwest::{Client, Method};
use serde_json::json;

use crate::world::{World, on_each};

/// Checks what promtool checks of the text format: each family has help and a type before its samples,
/// once and together; no sample twice; counters end in `_total`; histograms add up.
fn sound(text: &str) -> BTreeMap<String, f64> {
    let (mut types, mut seen, mut samples) =
        (BTreeMap::new(), Vec::<String>::new(), BTreeMap::new());
    let mut helped = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, words) = rest.split_once(' ').unwrap();
            assert!(
                words.ends_with('.') && helped.insert(name.to_owned()),
                "{line}"
            );
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(helped.contains(name), "{line}");
            assert!(
                types.insert(name.to_owned(), kind.to_owned()).is_none(),
                "{line}"
            );
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        let name = sample.split('{').next().unwrap();
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(name.chars().all(legal), "{line}");
        let ends = ["_bucket", "_sum", "_count"];
        let of_histogram = ends.iter().find_map(|end| name.strip_suffix(end));
        let family = of_histogram.filter(|f| types.get(*f).is_some_and(|k| k == "histogram"));
        let family = family.unwrap_or(name).to_owned();
        assert!(types.contains_key(&family), "{line}");
        if seen.last() != Some(&family) {
            assert!(!seen.contains(&family), "{family} is not together");
            seen.push(family);
        }
        assert!(samples.insert(sample.to_owned(), value).is_none(), "{line}");
    }
    assert!(text.ends_with('\n'));
    for (sample, value) in samples.iter().filter(|(s, _)| s.contains("le=\"+Inf\"")) {
        let count = sample
            .replace("_bucket{", "_count{")
            .replace(",le=\"+Inf\"", "");
        assert_eq!(samples[&count], *value, "{sample}");
    }
    samples
}

#[tokio::test]
async fn figures_are_sound_and_count_what_happened() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (persona, account) = crate::resources::voice(&world, &owner).await;
        let content = crate::resources::draft(&world, &owner, &persona, "Snow.").await;
        let aim = json!({"targets": [{"identity": account, "at": "2026-12-24T08:00:00Z"}]});
        owner
            .post(&world, &format!("/content/{content}/publish"), aim)
            .await
            .ok();
        for _ in 0..3 {
            owner.get(&world, &format!("/content/{content}")).await.ok();
        }
        owner
            .get(&world, "/content/nothing")
            .await
            .refused(404, "not_found");
        let text = server::metrics::text(&world.server).await.unwrap();
        let samples = sound(&text);
        let requests = |status: u16| {
            let labels = format!("method=\"GET\",route=\"/content/{{id}}\",status=\"{status}\"");
            samples[&format!("rostrum_http_requests_total{{{labels}}}")]
        };
        assert!((requests(200) - 3.0).abs() < f64::EPSILON);
        assert!((requests(404) - 1.0).abs() < f64::EPSILON);
        assert!((samples["rostrum_deliveries{status=\"planned\"}"] - 1.0).abs() < f64::EPSILON);
        assert!(samples["rostrum_changes_total"] >= 4.0);
        assert!(samples["rostrum_sessions"] >= 1.0);
        assert!(
            samples.keys().any(|s| s.starts_with("rostrum_runs{")),
            "{text}"
        );
        assert!(samples.contains_key("rostrum_database_connections{state=\"used\"}"));
        // They say nothing of anybody.
        for word in [content.as_str(), persona.as_str(), "olga", "Ridge"] {
            assert!(!text.contains(word), "{word}");
        }
        // They have a listener of their own.
        let here = world.ask(Method::GET, "/metrics", &[], None).await;
        assert_eq!(here.status, 404);
        promtool(&text).await;
        world
    })
    .await;
}

/// Prometheus's own check, where it is installed.
async fn promtool(text: &str) {
    use std::process::Stdio;
    use tokio::io::AsyncWriteExt as _;
    let started = tokio::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut tool) = started else {
        println!("skipped: promtool is not installed");
        return;
    };
    tool.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .await
        .unwrap();
    let said = tool.wait_with_output().await.unwrap();
    let words =
        String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{words}");
}

#[tokio::test]
async fn a_trace_is_taken_over_and_named_in_answers_and_problems() {
    on_each(|world| async move {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let parent = format!("00-{trace}-00f067aa0ba902b7-01");
        let answer = Client::new()
            .get(format!("{}/auth/me", world.address))
            .header("traceparent", &parent)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["rostrum-trace"], trace);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["trace_id"], trace);
        let own = world.ask(Method::GET, "/auth/me", &[], None).await;
        assert_ne!(own.body["trace_id"], trace);
        world
    })
    .await;
}

#[tokio::test]
async fn what_is_not_done_on_a_path_says_what_is() {
    on_each(|world| async move {
        let answer = Client::new()
            .patch(format!("{}/content", world.address))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 405);
        let allowed = answer.headers()["allow"].to_str().unwrap().to_owned();
        assert!(
            allowed.contains("GET") && allowed.contains("POST"),
            "{allowed}"
        );
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        world
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_under_load_answers_what_it_began() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let (persona, _) = crate::resources::voice(&world, &owner).await;
    let ended = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU32::new(0));
    let broken: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (address, access, persona) =
            (world.address.clone(), owner.access.clone(), persona.clone());
        let (ended, written, broken) = (
            Arc::clone(&ended),
            Arc::clone(&written),
            Arc::clone(&broken),
        );
        writers.spawn(async move {
            let client = Client::new();
            loop {
                let new = json!({"persona": persona, "body": crate::resources::words("Snow.")});
                let sent = client
                    .post(format!("{address}/content"))
                    .bearer_auth(&access)
                    .json(&new)
                    .send()
                    .await;
                match sent {
                    Ok(answer) if answer.status() == 201 => match answer.bytes().await {
                        Ok(_) => {
                            written.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(e) => broken.lock().unwrap().push(e.to_string()),
                    },
                    Ok(answer) => broken.lock().unwrap().push(answer.status().to_string()),
                    // Nobody lets anybody in any more.
                    Err(_) if ended.load(Ordering::SeqCst) => return,
                    Err(e) => broken.lock().unwrap().push(e.to_string()),
                }
            }
        });
    }
    while written.load(Ordering::SeqCst) < 40 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    ended.store(true, Ordering::SeqCst);
    let kept = world.close_counting().await;
    while writers.join_next().await.is_some() {}
    assert!(
        broken.lock().unwrap().is_empty(),
        "{:?}",
        broken.lock().unwrap()
    );
    let written = i64::from(written.load(Ordering::SeqCst));
    assert!(
        kept >= written,
        "{kept} of {written} that were acknowledged are there"
    );
}

/// The names of families in the expressions of a file.
fn asked_for(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    use serde_json::Value as V;
    match value {
        V::Object(members) => {
            if let Some(expression) = members.get("expr").and_then(V::as_str) {
                let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let ours = |w: &&str| w.starts_with("rostrum_") || w.starts_with("process_");
                found.extend(words.filter(ours).map(str::to_owned));
            }
            members.values().for_each(|member| asked_for(member, found));
        }
        V::Array(items) => items.iter().for_each(|item| asked_for(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_dashboard_asks_for_figures_that_there_are_and_for_all_of_them() {
    let world = World::open(None, None).await;
    world.owner().await;
    let text = server::metrics::text(&world.server).await.unwrap();
    let there: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .filter(|name| *name != "rostrum_build_info")
        .map(str::to_owned)
        .collect();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/server/grafana.json"
    );
    let dashboard = std::fs::read_to_string(path).unwrap();
    let mut asked = BTreeSet::new();
    asked_for(&serde_json::from_str(&dashboard).unwrap(), &mut asked);
    let asked: BTreeSet<String> = asked
        .iter()
        .map(|name| name.trim_end_matches("_bucket").to_owned())
        .collect();
    // Not every system says how much memory a process holds.
    let mut there = there;
    there.insert("process_resident_memory_bytes".to_owned());
    assert_eq!(asked, there);
    world.close().await;
}
