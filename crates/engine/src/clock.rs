//! The time, as a port: tests and sleeping machines need to hold it in their hands.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use db::{Db, Error, args};
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::sql;

/// Tells the time and waits.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds UTC, as a person would read them; may jump either way.
    fn wall(&self) -> i64;
    /// Milliseconds since the machine started, counting its sleep; never jumps.
    fn boot(&self) -> i64;
    /// Waits. Whether the machine's sleep counts is not said: who waits looks at the clocks after.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port itself")]
    fn wall(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn boot(&self) -> i64 {
        let at = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        at.tv_sec.saturating_mul(1000) + at.tv_nsec / 1_000_000
    }

    // Elsewhere the monotonic clock of the standard library is what there is. On macOS and
    // Windows it stands still in sleep, so a resume shows as a jump of the wall clock.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn boot(&self) -> i64 {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            if time >= LONG && boot_timer(time).await.is_ok() {
                return;
            }
            tokio::time::sleep(time).await;
        })
    }
}

/// From here on the kernel's timer is worth its four calls: the runtime's own wakes the processor
/// several times on the way, and stands still while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LONG: Duration = Duration::from_secs(1);

/// Waits by the boot clock (timerfd_create(2)): after the machine's sleep it is over at once.
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn boot_timer(time: Duration) -> std::io::Result<()> {
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
    let timer = timerfd_create(TimerfdClockId::Boottime, flags)?;
    let once = Itimerspec {
        it_interval: Timespec::default(),
        it_value: Timespec::try_from(time).map_err(std::io::Error::other)?,
    };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &once)?;
    #[expect(
        deprecated,
        reason = "an OwnedFd keeps its descriptor, which is what the unsafe successor asks for"
    )]
    let timer = tokio::io::unix::AsyncFd::with_interest(timer, tokio::io::Interest::READABLE)?;
    timer.readable().await.map(|_| ())
}

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct ManualClock {
    hands: Mutex<Hands>,
    awake: watch::Sender<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Hands {
    wall: i64,
    boot: i64,
    awake: i64,
}

impl ManualClock {
    /// A clock that shows `wall`, milliseconds UTC.
    pub fn at(wall: i64) -> Self {
        let hands = Hands {
            wall,
            boot: 0,
            awake: 0,
        };
        ManualClock {
            hands: Mutex::new(hands),
            awake: watch::Sender::new(0),
        }
    }

    /// Time passes.
    pub fn advance(&self, time: Duration) {
        let ms = millis(time);
        self.turn(|h| {
            *h = Hands {
                wall: h.wall + ms,
                boot: h.boot + ms,
                awake: h.awake + ms,
            }
        });
    }

    /// The machine sleeps: the clocks go on, nothing that waits does.
    pub fn suspend(&self, time: Duration) {
        let ms = millis(time);
        self.turn(|h| {
            h.wall += ms;
            h.boot += ms;
        });
    }

    /// Somebody sets the wall clock, by so many milliseconds.
    pub fn jump(&self, by: i64) {
        self.turn(|h| h.wall += by);
    }

    fn turn(&self, f: impl FnOnce(&mut Hands)) {
        let awake = {
            let mut hands = self.hands();
            f(&mut hands);
            hands.awake
        };
        self.awake.send_replace(awake);
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        self.hands
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> i64 {
        self.hands().wall
    }

    fn boot(&self) -> i64 {
        self.hands().boot
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        let mut awake = self.awake.subscribe();
        let until = self.hands().awake.saturating_add(millis(time));
        Box::pin(async move {
            // The sender lives in self, which outlives this.
            let _ = awake.wait_for(|now| *now >= until).await;
        })
    }
}

/// A clock that shows the wall time of the database, as far as it has been asked: for processes on
/// several machines, whose clocks differ. All that decide about one run go by the same one.
pub struct DatabaseClock {
    own: Arc<dyn Clock>,
    /// The database's wall clock minus ours, milliseconds.
    ahead: AtomicI64,
}

impl std::fmt::Debug for DatabaseClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseClock")
            .field("ahead", &self.ahead)
            .finish_non_exhaustive()
    }
}

impl DatabaseClock {
    /// Shows what `own` shows, until a database is asked.
    pub fn over(own: Arc<dyn Clock>) -> Self {
        DatabaseClock {
            own,
            ahead: AtomicI64::new(0),
        }
    }

    /// Asks the database what time it is. Half of the way there and back is taken off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask(&self, db: &Db) -> Result<(), Error> {
        let before = self.own.wall();
        let theirs: i64 = db
            .read(|tx| {
                Box::pin(async move {
                    let row = tx.row(sql::CLOCK.on(tx.dialect()), args![]).await?;
                    row.map_or(Ok(before), |r| r.get("now"))
                })
            })
            .await?;
        let after = self.own.wall();
        self.ahead
            .store(theirs - before.midpoint(after), Ordering::Relaxed);
        Ok(())
    }
}

impl Clock for DatabaseClock {
    fn wall(&self) -> i64 {
        self.own
            .wall()
            .saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    fn boot(&self) -> i64 {
        self.own.boot()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.own.sleep(time)
    }
}

/// A duration in whole milliseconds.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
