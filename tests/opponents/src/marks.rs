//! Times that workflows note, milliseconds.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
static MARKS: Mutex<Vec<f64>> = Mutex::new(Vec::new());

/// Since the first call.
pub fn now() -> f64 {
    BEGUN.elapsed().as_secs_f64() * 1e3
}

pub fn mark(ms: f64) {
    MARKS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(ms);
}

/// The noted times in the order of noting; they are forgotten.
pub fn taken() -> Vec<f64> {
    std::mem::take(&mut *MARKS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A time of [`now`] from here.
pub fn until(due: u64) -> Duration {
    Duration::from_secs_f64((due as f64 - now()).max(0.0) / 1e3)
}

/// Notes how late it is.
pub fn late(due: u64) {
    mark(now() - due as f64);
}
