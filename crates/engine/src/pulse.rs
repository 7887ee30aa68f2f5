//! The loop: one timer, armed for what is due next; claims, renewals, schedules.

use std::collections::HashMap;
use std::time::Duration;

use db::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::clock::millis;
use crate::engine::{Engine, Idle};
use crate::slice::{self, Ended, Surroundings};
use crate::{claim, schedule};

/// The wall clock has been set when it and the boot clock disagree by more.
const JUMP_MS: i64 = 1_000;
/// After the database refused.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a queue without a holder is looked for, milliseconds.
const SWEEP_MS: i64 = 60_000;
/// When others hold what is due, milliseconds.
const CONTENDED_MS: i64 = 20;
/// Most runs claimed by one transaction.
const CLAIM: usize = 256;

pub(crate) struct Pulse {
    engine: Engine,
    tracker: TaskTracker,
    stop: CancellationToken,
    asked: mpsc::UnboundedReceiver<oneshot::Sender<Idle>>,
    ended: (mpsc::UnboundedSender<Ended>, mpsc::UnboundedReceiver<Ended>),
    owner: Uuid,
    known: String,
    running: HashMap<Uuid, Owned>,
    around: Surroundings,
    /// When to look at the tables next; none: only because of the poll.
    next: Option<i64>,
    /// The last full claim may have left some behind.
    more: bool,
    look: bool,
    /// Nothing has been taken over yet from a process that crashed.
    heir: bool,
    verify: bool,
    renewed_boot: i64,
    swept_boot: i64,
    wall: i64,
    boot: i64,
    waiting: Vec<oneshot::Sender<Idle>>,
}

struct Owned {
    epoch: i64,
    lost: CancellationToken,
}

impl Pulse {
    pub(crate) fn new(
        engine: Engine,
        tracker: TaskTracker,
        stop: CancellationToken,
        asked: mpsc::UnboundedReceiver<oneshot::Sender<Idle>>,
    ) -> Self {
        let clock = engine.clock();
        let (wall, boot) = (clock.wall(), clock.boot());
        let around = Surroundings {
            db: engine.db().clone(),
            clock: clock.clone(),
            options: engine.options().clone(),
            bell: engine.bell().clone(),
            stopping: stop.clone(),
        };
        Pulse {
            known: engine.registry().as_json(),
            owner: Uuid::new_v4(),
            running: HashMap::new(),
            ended: mpsc::unbounded_channel(),
            next: None,
            more: false,
            look: true,
            heir: engine.options().alone,
            verify: false,
            renewed_boot: boot,
            // The first look sweeps what a crash has left.
            swept_boot: boot - SWEEP_MS,
            waiting: Vec::new(),
            wall,
            boot,
            around,
            engine,
            tracker,
            stop,
            asked,
        }
    }

    pub(crate) async fn beat(mut self) {
        while !self.stop.is_cancelled() {
            if let Err(error) = self.pass().await {
                tracing::warn!(%error, "the engine could not use its database");
                self.look = true;
                tokio::select! {
                    () = self.stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
                continue;
            }
            self.wait().await;
        }
        self.wind_down().await;
    }

    /// Waits for the first of: a nudge, the end of a slice, the next due instant, the poll.
    async fn wait(&mut self) {
        let room = self.room();
        if self.look || (self.more && room > 0) {
            // Answers of slices first, or a busy loop would never see them.
            while let Ok(ended) = self.ended.1.try_recv() {
                self.over(ended);
            }
            return;
        }
        let now = self.around.clock.wall();
        let mut time = millis(self.engine.options().poll);
        if let Some(next) = self.next
            && room > 0
        {
            time = time.min(next.saturating_sub(now));
        }
        if !self.running.is_empty() {
            time = time.min(millis(self.engine.options().lease) / 3);
        }
        if self.verify && !self.running.is_empty() {
            time = time.min(500);
        }
        let time = Duration::from_millis(u64::try_from(time.max(0)).unwrap_or(0));
        let clock = self.around.clock.clone();
        let bell = self.engine.bell().clone();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            Some(ended) = self.ended.1.recv() => {
                self.over(ended);
                while let Ok(ended) = self.ended.1.try_recv() {
                    self.over(ended);
                }
            }
            Some(ask) = self.asked.recv() => {
                self.waiting.push(ask);
                self.look = true;
            }
            () = bell.rung() => {
                self.look = true;
                self.verify = true;
            }
            () = clock.sleep(time) => self.look = true,
        }
    }

    fn over(&mut self, ended: Ended) {
        if self
            .running
            .get(&ended.run)
            .is_some_and(|o| o.epoch == ended.epoch)
        {
            self.running.remove(&ended.run);
        }
        if let Some(wake) = ended.wake_at {
            self.next = Some(self.next.map_or(wake, |n| n.min(wake)));
        }
        self.look |= ended.woke_others;
        if self.running.is_empty() && !self.waiting.is_empty() {
            self.look = true;
        }
    }

    fn room(&self) -> usize {
        self.engine
            .options()
            .most_running
            .saturating_sub(self.running.len())
    }

    async fn pass(&mut self) -> Result<(), Error> {
        if let Some(shared) = self.engine.shared_clock()
            && self.look
        {
            shared.ask(&self.around.db).await?;
        }
        let (wall, boot) = (self.around.clock.wall(), self.around.clock.boot());
        // Who asks from here on is answered from tables that are read later.
        while let Ok(ask) = self.asked.try_recv() {
            self.waiting.push(ask);
            self.look = true;
        }
        let jumped = ((wall - self.wall) - (boot - self.boot)).abs() > JUMP_MS;
        if jumped {
            tracing::info!(
                by_ms = (wall - self.wall) - (boot - self.boot),
                "the wall clock jumped"
            );
        }
        (self.wall, self.boot) = (wall, boot);
        self.keep_leases(boot, jumped).await?;
        let due = self.next.is_some_and(|n| n <= wall) || (self.more && self.room() > 0);
        if !(self.look || due || jumped) {
            return Ok(());
        }
        // A nudge that comes from here on is seen by the next wait.
        self.look = false;
        if self.heir {
            claim::inherit(&self.around.db, self.owner, wall).await?;
            self.heir = false;
        }
        if boot - self.swept_boot >= SWEEP_MS {
            claim::sweep(&self.around.db, wall).await?;
            self.swept_boot = boot;
        }
        let (mut run, planned) = claim::next_due(&self.around.db, self.known.clone()).await?;
        if planned.is_some_and(|at| at <= wall) {
            schedule::fire(&self.around.db, wall).await?;
            self.look = true;
            run = Some(wall);
        }
        self.more = false;
        if run.is_some_and(|at| at <= wall) && self.room() > 0 {
            let most = self.room().min(CLAIM);
            let seen = self.take(wall, most).await?;
            self.more = seen >= most;
            // What comes after these is not known yet. Due and not to be had: another worker is
            // about to take it.
            self.look |= !self.more && seen > 0;
            self.next = (seen == 0).then(|| wall.saturating_add(CONTENDED_MS));
        } else {
            self.next = [run, planned].into_iter().flatten().min();
        }
        if !self.look && !self.more && self.running.is_empty() {
            for ask in self.waiting.drain(..) {
                let _ = ask.send(Idle { next: self.next });
            }
        }
        Ok(())
    }

    /// Claims due runs and lets them go.
    async fn take(&mut self, now: i64, most: usize) -> Result<usize, Error> {
        let terms = claim::Terms {
            owner: self.owner,
            now,
            lease_until: now.saturating_add(millis(self.engine.options().lease)),
            most,
        };
        let taken = claim::claim(&self.around.db, self.engine.registry(), terms).await?;
        for run in taken.runs {
            let Some(workflow) = self.engine.registry().get(&run.workflow, run.revision) else {
                continue;
            };
            let lost = CancellationToken::new();
            let owned = Owned {
                epoch: run.epoch,
                lost: lost.clone(),
            };
            if let Some(former) = self.running.insert(run.id, owned) {
                former.lost.cancel();
            }
            let slice = slice::execute(self.around.clone(), workflow, run, lost);
            let ended = self.ended.0.clone();
            self.tracker.spawn(async move {
                // The loop may have ended before: then nobody keeps count.
                let _ = ended.send(slice.await);
            });
        }
        Ok(taken.seen)
    }

    /// Renews leases in time, and at once after a jump, before anybody could claim the runs.
    async fn keep_leases(&mut self, boot: i64, jumped: bool) -> Result<(), Error> {
        if self.running.is_empty() {
            self.verify = false;
            self.renewed_boot = boot;
            return Ok(());
        }
        let since = boot - self.renewed_boot;
        let due = since >= millis(self.engine.options().lease) / 3;
        if !(due || jumped || (self.verify && since >= 500)) {
            return Ok(());
        }
        let owned: Vec<(Uuid, i64)> = self.running.iter().map(|(id, o)| (*id, o.epoch)).collect();
        let until = self
            .wall
            .saturating_add(millis(self.engine.options().lease));
        let ours = claim::renew(&self.around.db, &owned, until).await?;
        for (id, _) in owned {
            // It may also have ended meanwhile: then the token tells nobody.
            if !ours.contains(&id)
                && let Some(owned) = self.running.get(&id)
            {
                owned.lost.cancel();
            }
        }
        self.renewed_boot = boot;
        self.verify = false;
        Ok(())
    }

    /// Lets steps end, within limits; the next ones park by themselves.
    async fn wind_down(&mut self) {
        let limit = self.engine.options().stop_within;
        let ending = async {
            while !self.running.is_empty() {
                match self.ended.1.recv().await {
                    Some(ended) => {
                        self.running.remove(&ended.run);
                    }
                    None => break,
                }
            }
        };
        if tokio::time::timeout(limit, ending).await.is_err() {
            tracing::warn!(
                runs = self.running.len(),
                "stopped while steps were executing"
            );
            self.running.values().for_each(|owned| owned.lost.cancel());
        }
    }
}
