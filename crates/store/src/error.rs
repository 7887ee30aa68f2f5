/// Why a row could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The database says no.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A stored value is not what this program writes.
    #[error("the stored {what} cannot be read: {why}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        why: String,
    },
}

impl Error {
    pub(crate) fn unreadable(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            what,
            why: why.to_string(),
        }
    }
}
