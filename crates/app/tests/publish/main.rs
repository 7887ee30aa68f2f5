//! Publishing: never twice, never lost, and what was approved is what goes out.

mod answers;
mod crash;
mod fits;
mod network;
mod people;
mod races;
mod runs;
mod threads;
mod time;
mod transactions;
mod unconfirmed;
mod world;
