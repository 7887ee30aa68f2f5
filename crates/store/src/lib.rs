//! The tables of the domain: one file per aggregate, each statement written once for both
//! databases. Rules are not decided here; rows go in and come out.

pub mod asset;
pub mod attempt;
pub mod audit;
pub mod calendar;
pub mod chain;
pub mod content;
pub mod delegation;
pub mod delivery;
pub mod edit;
pub mod figures;
pub mod fill;
pub mod identity;
pub mod identity_secret;
pub mod login;
pub mod member;
pub mod model_use;
pub mod note;
pub mod notification;
pub mod organization;
pub mod person;
pub mod persona;
pub mod presence;
pub mod privacy;
pub mod publication;
pub mod remark;
pub mod request;
pub mod retention;
pub mod review_link;
pub mod sample;
pub mod search;
pub mod server;
pub mod session;
pub mod signal;
pub mod source;
pub mod suggestion;
pub mod sync;
pub mod template;
pub mod trend;
pub mod version;

mod codec;
mod error;

pub use codec::{from_json, to_json};
pub use error::Error;

/// Every statement of the crate, so that a test prepares each on both databases.
#[must_use]
pub fn statements() -> Vec<db::Statement> {
    [
        asset::STATEMENTS,
        attempt::STATEMENTS,
        audit::STATEMENTS,
        calendar::STATEMENTS,
        chain::STATEMENTS,
        content::STATEMENTS,
        delegation::STATEMENTS,
        delivery::STATEMENTS,
        edit::STATEMENTS,
        figures::STATEMENTS,
        fill::STATEMENTS,
        identity::STATEMENTS,
        identity_secret::STATEMENTS,
        login::STATEMENTS,
        member::STATEMENTS,
        model_use::STATEMENTS,
        note::STATEMENTS,
        notification::STATEMENTS,
        organization::STATEMENTS,
        person::STATEMENTS,
        persona::STATEMENTS,
        presence::STATEMENTS,
        privacy::STATEMENTS,
        publication::STATEMENTS,
        remark::STATEMENTS,
        request::STATEMENTS,
        retention::STATEMENTS,
        review_link::STATEMENTS,
        sample::STATEMENTS,
        search::STATEMENTS,
        &sync::statements(),
        server::STATEMENTS,
        session::STATEMENTS,
        signal::STATEMENTS,
        source::STATEMENTS,
        suggestion::STATEMENTS,
        template::STATEMENTS,
        trend::STATEMENTS,
        version::STATEMENTS,
    ]
    .concat()
}
