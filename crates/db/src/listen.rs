//! Hints between processes that use one PostgreSQL database: `NOTIFY` and `LISTEN`.
//!
//! A hint may be lost (a connection that broke, a process that was not there): who acts on hints
//! also looks by itself from time to time.

use sqlx::postgres::PgListener;

use crate::{Backend, Db, Error};

/// Hears the hints of one channel.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Waits for the next hint. `None`: the connection was lost, and hints with it; the next call
    /// connects anew.
    ///
    /// # Errors
    /// When the database cannot be reached; a later call tries again.
    pub async fn heard(&mut self) -> Result<Option<String>, Error> {
        let hint = self.0.try_recv().await?;
        Ok(hint.map(|hint| hint.payload().to_owned()))
    }
}

impl Db {
    /// Listens on a channel. `None` on SQLite: there is nobody to hear.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, Error> {
        let Backend::Postgres(postgres) = &self.inner.backend else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(postgres.pool()).await?;
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }

    /// Tells all who listen on a channel, the teller included. Not within a transaction: those
    /// that notify are committed one after the other.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn tell(&self, channel: &str, hint: &str) -> Result<(), Error> {
        if let Backend::Postgres(postgres) = &self.inner.backend {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(channel)
                .bind(hint)
                .execute(postgres.pool())
                .await?;
        }
        Ok(())
    }
}
