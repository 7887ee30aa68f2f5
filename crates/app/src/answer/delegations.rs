//! Who decides for whom.

use db::Tx;
use domain::Instant;
use domain::delegation::Delegation;
use domain::ids::{OrganizationId, PersonId};
use domain::rights::{Action, allows};
use protocol::views::{DelegationView, Delegations, PersonRef};

use super::names::Names;
use crate::Error;
use crate::core::App;

impl App {
    pub(super) async fn delegations(&self, viewer: Option<PersonId>) -> Result<Delegations, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let view = |(person, d): (PersonId, Delegation)| DelegationView {
                        person: names.person(person),
                        to: names.person(d.to),
                        from: d.from,
                        until: d.until,
                    };
                    let all: Vec<_> = store::delegation::all(tx, org)
                        .await?
                        .into_iter()
                        .filter(|(_, d)| d.until > now)
                        .collect();
                    let mine = all.iter().find(|(person, _)| Some(*person) == viewer);
                    let to_me = all.iter().filter(|(_, d)| Some(d.to) == viewer);
                    let able = names
                        .people
                        .values()
                        .filter(|p| p.active && allows(p.role, Action::Decide))
                        .filter(|p| Some(p.id) != viewer);
                    Ok(Delegations {
                        mine: mine.copied().map(view),
                        for_others: to_me.copied().map(view).collect(),
                        able: able
                            .map(|p| PersonRef {
                                id: p.id,
                                name: p.name.clone(),
                            })
                            .collect(),
                    })
                })
            })
            .await
    }
}

/// For whom a person decides now.
pub(super) async fn away_for(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    viewer: Option<PersonId>,
    now: Instant,
) -> Result<Vec<PersonId>, Error> {
    let Some(viewer) = viewer else {
        return Ok(Vec::new());
    };
    let person = store::person::get(tx, org, viewer).await?;
    if !person.is_some_and(|p| p.active && allows(p.role, Action::Decide)) {
        return Ok(Vec::new());
    }
    let all = store::delegation::to(tx, org, viewer, now).await?;
    let now_away = all.into_iter().filter(|(_, d)| d.holds(now));
    Ok(now_away.map(|(person, _)| person).collect())
}
