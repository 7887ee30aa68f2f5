//! What tests need of a whole core: the same commands as the desktop's, over HTTP on this machine.

pub mod bridge;
