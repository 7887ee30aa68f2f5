//! A mirror that follows a database by what its changes say: what was written and not recorded is
//! missing in it.

use app::sync::{self, Limits, Mirror};
use db::Db;
use domain::Instant;
use domain::ids::{OrganizationId, PersonId};
use networks::Registry;
use protocol::sync::Pulled;

pub(crate) struct Follower {
    server: Db,
    mirror: Mirror,
}

impl Follower {
    /// Knows what is there now.
    pub(crate) async fn of(
        server: &Db,
        org: OrganizationId,
        person: PersonId,
        networks: &Registry,
    ) -> Self {
        let db = db::testing::sqlite().await;
        let mirror = Mirror::open(&db, org, person, networks.clone(), Instant(0));
        let follower = Self {
            server: server.clone(),
            mirror: mirror.await.unwrap(),
        };
        follower.pull().await;
        follower
    }

    async fn pull(&self) {
        let (org, person) = (self.mirror.organization(), self.mirror.person());
        loop {
            let asked = self.mirror.to_pull().await.unwrap();
            let pulled = sync::pull(&self.server, org, person, asked, Limits::default());
            let pulled = pulled.await.unwrap();
            assert_ne!(pulled, Pulled::Reset);
            if !self.mirror.pulled(pulled, Instant(0)).await.unwrap().0 {
                return;
            }
        }
    }

    /// Reads what changed since, and then has every row that the server has.
    pub(crate) async fn follows(&self, what: &str) {
        self.pull().await;
        let (org, person) = (self.mirror.organization(), self.mirror.person());
        let mut both = Vec::new();
        for db in [&self.server, self.mirror.db()] {
            let read: Result<_, store::Error> = db
                .read(move |tx| {
                    Box::pin(async move { store::sync::rows::all(tx, org, person).await })
                })
                .await;
            let mut rows: std::collections::BTreeMap<_, _> = read.unwrap();
            rows.remove("notification");
            both.push(rows);
        }
        for (table, rows) in &both[0] {
            let here = both[1].get(table).cloned().unwrap_or_default();
            let missed: Vec<_> = rows.iter().filter(|row| !here.contains(row)).collect();
            assert!(missed.is_empty(), "{what}: {table} {missed:?}");
        }
        let left = |rows: &std::collections::BTreeMap<&str, Vec<_>>| -> usize {
            rows.values().map(Vec::len).sum()
        };
        assert_eq!(left(&both[0]), left(&both[1]), "{what}: something is left");
    }
}
