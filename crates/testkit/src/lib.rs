//! What tests need: a whole core, with the same commands as the desktop's, over HTTP on this
//! machine; and networks that no registry has, as stand-ins that keep state.

pub mod bridge;
pub mod x;
