//! Recommendations, from methods that need no network, no key and no model file. Everything here is
//! a pure function of its arguments, and says what it is known from.

pub mod best_hours;
mod normal;
