//! What tests need: a whole core with the same commands as the desktop's, over HTTP on this
//! machine, and networks of our own.

pub mod bridge;
pub mod crowd;
pub mod hostile;
pub mod standin;
