//! Sync: an organization whose order is kept by a server, and its mirrors on desktops.
//!
//! A server takes what desktops push ([`push`]) and answers what changed ([`pull`]). A [`Mirror`]
//! shows what it pulled with its outbox applied on top, by the same function that the server applies
//! it with; a [`Pump`] keeps both together over whatever line there is ([`Uplink`]), and a [`Carrier`]
//! brings the files ([`Carrying`]).

mod carrier;
mod files;
mod line;
mod merge;
mod mirror;
mod page;
mod pull;
mod pump;
mod push;
mod replay;
mod session;
mod versions;
mod waiting;
mod window;

pub use carrier::{Carrier, Carrying, Part};
pub use line::{Line, Place, kept_under, sign_in};
pub use mirror::{Mirror, Waiting};
pub use pull::{Limits, pull};
pub use pump::{NoAnswer, Pace, Pump, Standing, Told, Uplink};
pub use push::push;
pub(crate) use session::{Login, Session, Whereto, forget, invited, look};
