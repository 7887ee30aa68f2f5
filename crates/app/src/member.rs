//! What a person who signed in to a server may not reach: what belongs to the computer on which it
//! runs, and to whoever keeps it.

use protocol::{Act, Code, Mutation, Problem, Query};

use crate::core::{App, Seat};

impl App {
    fn is_member(&self) -> bool {
        matches!(self.seat(), Seat::Member(_))
    }

    /// Refuses acts on the computer itself.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_reach(&self, act: &Act) -> Result<(), Problem> {
        let of_the_computer = match act {
            Act::SaveSettings { .. }
            | Act::Backup { .. }
            | Act::LookIntoBackup { .. }
            | Act::Restore { .. }
            | Act::Begin { .. }
            | Act::ChoosePerson { .. }
            | Act::AcknowledgeAudit {}
            | Act::TestNotification {} => true,
            // The browser comes back to a port of the computer on which this runs, not to theirs.
            Act::SignIn { .. } => {
                if self.is_member() {
                    return Err(Problem::new(
                        Code::NotHere,
                        "This network is connected through a browser on the computer of the \
                         server. Use a way that needs no browser, such as a token.",
                    ));
                }
                false
            }
            _ => false,
        };
        self.keep_off(of_the_computer)
    }

    /// Refuses reads of the computer itself.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_see(&self, query: &Query) -> Result<(), Problem> {
        self.keep_off(matches!(query, Query::Backups {} | Query::Diagnostics {}))
    }

    /// Refuses changes that only make sense on one's own computer: who is in an organization of a
    /// server was invited and has a login.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_change(&self, mutation: &Mutation) -> Result<(), Problem> {
        self.keep_off(matches!(
            mutation,
            Mutation::AddPerson { .. } | Mutation::ReleaseFolder
        ))
    }

    fn keep_off(&self, of_the_computer: bool) -> Result<(), Problem> {
        if of_the_computer && self.is_member() {
            return Err(Problem::new(
                Code::NotHere,
                "This belongs to the computer on which the server runs. Ask who keeps it.",
            ));
        }
        Ok(())
    }
}
