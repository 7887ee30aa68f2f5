//! Statements as constants that a test can find.

use crate::Dialect;

/// A statement that the databases word differently.
#[derive(Clone, Copy, Debug)]
pub struct PerDialect {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

impl PerDialect {
    /// The text for this database.
    pub const fn on(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// A registered statement: a test prepares it on both databases.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// The name of its constant.
    pub name: &'static str,
    /// Its text on each database.
    pub text: PerDialect,
}

/// Defines statements as constants and lists them in `STATEMENTS` of the same module.
///
/// ```
/// mod sql {
///     db::statements! {
///         /// One text for both.
///         pub(crate) COUNT = "SELECT count(*) AS n FROM schema_migration";
///         /// Two texts.
///         pub(crate) NOW = sqlite "SELECT 1 AS n" postgres "SELECT 2 AS n";
///     }
/// }
/// assert_eq!(sql::STATEMENTS.len(), 2);
/// ```
#[macro_export]
macro_rules! statements {
    (@ [$($list:expr,)*]) => {
        /// Every statement of this module.
        pub const STATEMENTS: &[$crate::Statement] = &[$($list),*];
    };
    (@ [$($list:expr,)*] $(#[$doc:meta])* $vis:vis $name:ident = sqlite $lite:tt postgres $pg:tt; $($rest:tt)*) => {
        $(#[$doc])*
        $vis const $name: $crate::PerDialect = $crate::PerDialect { sqlite: $lite, postgres: $pg };
        $crate::statements!(@ [$($list,)* $crate::Statement { name: stringify!($name), text: $name },] $($rest)*);
    };
    (@ [$($list:expr,)*] $(#[$doc:meta])* $vis:vis $name:ident = $sql:expr; $($rest:tt)*) => {
        $(#[$doc])*
        $vis const $name: &str = $sql;
        $crate::statements!(@ [$($list,)* $crate::Statement {
            name: stringify!($name),
            text: $crate::PerDialect { sqlite: $name, postgres: $name },
        },] $($rest)*);
    };
    ($($all:tt)*) => { $crate::statements!(@ [] $($all)*); };
}
