//! Recommendations, from methods that need no network, no key and no model file. Everything here is
//! a pure function of its arguments, and says what it is known from.
//!
//! Parameters were chosen on worlds with planted truth; `./dev bench assistant` measures every
//! method again, beside the plain ways to do the same.

pub mod best_hours;
pub mod checks;
pub mod hashtags;
pub mod language;
pub mod near;
mod normal;
pub mod phrases;
pub mod range;
pub mod readability;
pub mod relevance;
pub mod suggest;
pub mod text;
pub mod trends;
pub mod unusual;
pub mod variants;
