//! The durable runtime: workflows whose steps happen once, waits that cost nothing, and a
//! history that anybody can read. Knows the database, nothing of social media.
//!
//! A workflow is code ([`Workflow`]); a run is one execution of it, started in the transaction
//! that wants it ([`start_in`]). Each finished step is stored before the next begins, and code
//! that is entered again gets the stored outcome instead of doing the step. A run that waits is
//! a row and nothing else.

mod bell;
mod cancel;
mod checkpoint;
mod claim;
pub mod clock;
mod ctx;
mod engine;
mod event;
mod failure;
mod figures;
mod flow;
mod history;
mod policy;
mod pulse;
mod schedule;
mod slice;
mod sql;
mod start;

pub use cancel::cancel_in;
pub use clock::{Clock, DatabaseClock, ManualClock, SystemClock};
pub use ctx::{Ctx, StepOptions};
pub use db::Error;
pub use engine::{Engine, Idle, Options};
pub use event::{Event, emit_in};
pub use failure::{Failure, Retry};
pub use figures::{Figures, figures};
pub use flow::{Gather, Priority, Rate};
pub use history::{
    Filter, RunState, RunView, StepView, ended_before, purge_events_in, purge_in, retry_in, run,
    runs, steps, stranded,
};
pub use policy::{Backoff, Policy, Registry, Workflow};
pub use schedule::{
    SCHEDULE_MISSED, Schedule, ScheduleView, schedule_in, schedules, unschedule_in,
};
pub use sql::STATEMENTS;
pub use start::{Singleton, Start, Started, start_in};
