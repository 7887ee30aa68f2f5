//! Requests: how many, with which status, how long they took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::number;
use super::text::{Kind, Text};

/// Upper bounds of the buckets, seconds: from a read of one row to an act that asks a network.
const BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Method and route, with its parameters in braces.
type Place = (&'static str, String);

#[derive(Debug, Default)]
struct Times {
    /// Up to each bound, and beyond.
    buckets: [i64; BOUNDS.len() + 1],
    seconds: f64,
}

#[derive(Debug, Default)]
struct Counted {
    by_status: BTreeMap<(Place, u16), i64>,
    times: BTreeMap<Place, Times>,
}

/// What was counted since the process began.
#[derive(Debug, Default)]
pub struct Metrics {
    counted: Mutex<Counted>,
    under_way: AtomicI64,
}

/// A request under way; it is counted as such until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay<'a>(&'a Metrics);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The methods that are told apart: others are anybody's words.
fn method_of(method: &str) -> &'static str {
    match method {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

impl Metrics {
    /// A request begins.
    pub(crate) fn begins(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// A request was answered.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let place = (method_of(method), route.to_owned());
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let times = counted.times.entry(place.clone()).or_default();
        times.buckets[bucket.unwrap_or(BOUNDS.len())] += 1;
        times.seconds += seconds;
        *counted.by_status.entry((place, status)).or_default() += 1;
    }

    pub(super) fn write(&self, text: &mut Text) {
        let name = "rostrum_http_requests_under_way";
        let help = "Requests that are being answered.";
        let under_way = number(self.under_way.load(Ordering::Relaxed));
        text.one(name, Kind::Gauge, help, &[], under_way);
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "rostrum_http_requests_total";
        text.family(name, Kind::Counter, "Requests by route and status.");
        for (((method, route), status), n) in &counted.by_status {
            let status = status.to_string();
            let labels = [("method", *method), ("route", route), ("status", &status)];
            text.sample(name, &labels, number(*n));
        }
        let name = "rostrum_http_request_duration_seconds";
        text.family(
            name,
            Kind::Histogram,
            "How long requests took until their answer began.",
        );
        for ((method, route), times) in &counted.times {
            let mut sum = 0;
            for (bound, n) in BOUNDS.iter().zip(&times.buckets) {
                sum += n;
                let bound = bound.to_string();
                let labels = [("method", *method), ("route", route), ("le", &bound)];
                text.sample(&format!("{name}_bucket"), &labels, number(sum));
            }
            let all: i64 = times.buckets.iter().sum();
            let labels = [("method", *method), ("route", route), ("le", "+Inf")];
            text.sample(&format!("{name}_bucket"), &labels, number(all));
            let labels = [("method", *method), ("route", route.as_str())];
            text.sample(&format!("{name}_sum"), &labels, times.seconds);
            text.sample(&format!("{name}_count"), &labels, number(all));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_its_last_bucket() {
        let metrics = Metrics::default();
        for ms in [1, 3, 700, 60_000] {
            metrics.answered("GET", "/content/{id}", 200, Duration::from_millis(ms));
        }
        metrics.answered("BREW", "/content/{id}", 405, Duration::from_millis(1));
        let mut text = Text::default();
        metrics.write(&mut text);
        let text = text.into_string();
        let place = "method=\"GET\",route=\"/content/{id}\"";
        for line in [
            format!("rostrum_http_requests_total{{{place},status=\"200\"}} 4"),
            format!("rostrum_http_request_duration_seconds_bucket{{{place},le=\"0.001\"}} 1"),
            format!("rostrum_http_request_duration_seconds_bucket{{{place},le=\"1\"}} 3"),
            format!("rostrum_http_request_duration_seconds_bucket{{{place},le=\"+Inf\"}} 4"),
            format!("rostrum_http_request_duration_seconds_count{{{place}}} 4"),
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        assert!(text.contains("method=\"other\""));
    }
}
