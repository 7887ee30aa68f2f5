//! Who may do what: one table, role by action.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::person::Role;

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See contents, personas, accounts.
    Read,
    /// Write and save contents, submit them, plan them.
    Write,
    /// Cancel, move and delete what goes out; answer what is unconfirmed or missed.
    Publish,
    /// Decide on requests in whose stage one has a seat.
    Decide,
    /// Create and edit personas.
    ManagePersonas,
    /// Connect, reconnect and remove accounts.
    ManageAccounts,
    /// Create and edit approval chains, choose a persona's chain.
    ManageChains,
    /// Add people and set their roles; restore a backup, which brings other people and roles.
    ManagePeople,
    /// Pause and resume all sending, take over sending on this computer.
    ManageRuntime,
    /// Read and verify the audit.
    ReadAudit,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Write,
        Self::Publish,
        Self::Decide,
        Self::ManagePersonas,
        Self::ManageAccounts,
        Self::ManageChains,
        Self::ManagePeople,
        Self::ManageRuntime,
        Self::ReadAudit,
    ];
}

/// What a program with a token may do at the most, whatever its person may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Whether it holds an action.
    #[must_use]
    pub const fn hold(self, action: Action) -> bool {
        self.0 & (1 << action as u16) != 0
    }
}

impl FromIterator<Action> for Scopes {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        Self(actions.into_iter().fold(0, |all, a| all | 1 << a as u16))
    }
}

/// The table.
#[must_use]
pub const fn allows(role: Role, action: Action) -> bool {
    use Action as A;
    match role {
        Role::Owner | Role::Admin => true,
        Role::Approver => matches!(
            action,
            A::Read | A::Write | A::Publish | A::Decide | A::ReadAudit | A::ManageRuntime
        ),
        Role::Creator => matches!(action, A::Read | A::Write | A::Publish),
        Role::Viewer => matches!(action, A::Read),
    }
}

/// What a program that acts for a person may do at the most, whatever the person may: people
/// decide, and people set up.
#[must_use]
pub const fn agents_may(action: Action) -> bool {
    matches!(action, Action::Read | Action::Write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_reads_and_writes_and_nothing_else() {
        let allowed: Vec<Action> = Action::ALL.into_iter().filter(|a| agents_may(*a)).collect();
        assert_eq!(allowed, [Action::Read, Action::Write]);
    }

    #[test]
    fn scopes_hold_what_they_were_made_of_and_nothing_else() {
        for one in Action::ALL {
            let scopes: Scopes = [one, Action::Read].into_iter().collect();
            for action in Action::ALL {
                assert_eq!(scopes.hold(action), action == one || action == Action::Read);
            }
            assert!(!Scopes::default().hold(one));
        }
    }

    #[test]
    fn a_higher_role_may_do_all_that_a_lower_one_may() {
        for pair in Role::ALL.windows(2) {
            for action in Action::ALL {
                assert!(
                    !allows(pair[0], action) || allows(pair[1], action),
                    "{:?} may {action:?} but {:?} may not",
                    pair[0],
                    pair[1]
                );
            }
        }
    }

    #[test]
    fn a_creator_cannot_decide_or_configure() {
        for action in [
            Action::Decide,
            Action::ManageChains,
            Action::ManagePeople,
            Action::ManageAccounts,
        ] {
            assert!(!allows(Role::Creator, action));
        }
    }
}
