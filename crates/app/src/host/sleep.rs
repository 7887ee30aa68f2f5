//! Noticing that the computer was asleep, by the clocks alone: whoever waits wakes too late.

use std::sync::Arc;
use std::time::Duration;

use domain::Instant;
use engine::Clock;
use tokio_util::sync::CancellationToken;

/// How often the clocks are looked at.
pub(super) const EVERY: Duration = Duration::from_secs(20);

/// By how much the clocks went on further than the wait when the computer slept, milliseconds.
const SLEPT: i64 = 60_000;

/// Calls `woke` after each sleep, with the last instant at which the computer was seen awake.
pub(super) async fn watch<F: Future<Output = ()>>(
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    woke: impl Fn(Instant) -> F,
) {
    loop {
        let (wall, boot) = (clock.wall(), clock.boot());
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep(EVERY) => {}
        }
        // On some systems the clock since the start stands still in sleep, and only the wall goes.
        let gone = (clock.wall() - wall).max(clock.boot() - boot);
        let waited = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
        if gone - waited > SLEPT {
            woke(Instant(wall)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use engine::ManualClock;

    use super::*;

    const START: i64 = 1_795_424_400_000;

    async fn settle() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_sleep_is_noticed_once_and_time_that_passes_is_none() {
        let clock = Arc::new(ManualClock::at(START));
        let stop = CancellationToken::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (told, by, end) = (Arc::clone(&seen), Arc::clone(&clock), stop.clone());
        let watching = async move {
            watch(by, end, |since| {
                told.lock().unwrap().push(since);
                std::future::ready(())
            })
            .await;
        };
        let time = async {
            settle().await;
            for _ in 0..30 {
                clock.advance(EVERY);
                settle().await;
            }
            assert!(seen.lock().unwrap().is_empty());
            let before = Instant(clock.wall());
            clock.suspend(Duration::from_secs(3 * 60 * 60));
            settle().await;
            assert!(seen.lock().unwrap().is_empty(), "nobody is awake yet");
            clock.advance(EVERY);
            settle().await;
            assert_eq!(*seen.lock().unwrap(), [before]);
            clock.advance(EVERY);
            settle().await;
            assert_eq!(seen.lock().unwrap().len(), 1);
            // As on a system whose clock since the start stands still in sleep.
            clock.jump(3 * 60 * 60 * 1000);
            clock.advance(EVERY);
            settle().await;
            assert_eq!(seen.lock().unwrap().len(), 2);
            stop.cancel();
        };
        tokio::join!(watching, time);
    }
}
