//! Text as networks read it.

pub mod split;
