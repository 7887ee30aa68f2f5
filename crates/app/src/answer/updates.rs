//! How far what is out can be brought to a newer version.

use db::Tx;
use domain::approval::RequestStatus;
use domain::delivery::DeliveryStatus;
use protocol::views::UpdateOffer;
use store::content::Content;
use store::delivery::Delivery;

use super::names::Names;
use crate::Error;
use crate::calls::facts_of;
use crate::core::App;
use crate::publish::trouble;

/// Absent where an edit cannot reach it: it is not out, or its network edits nothing.
pub(super) async fn of(
    app: &App,
    names: &Names,
    tx: &mut Tx<'_>,
    content: &Content,
    delivery: &Delivery,
) -> Result<Option<UpdateOffer>, Error> {
    let org = names.organization;
    let identity = names.identities.get(&delivery.identity);
    let Some(identity) = identity.filter(|_| delivery.status == DeliveryStatus::Published) else {
        return Ok(None);
    };
    let adapter = app.networks().get(&identity.network);
    let Some(adapter) = adapter.filter(|a| a.edits(&facts_of(identity))) else {
        return Ok(None);
    };
    let mut update = UpdateOffer {
        n: content.n,
        ready: false,
        trouble: None,
    };
    if content.n <= delivery.n {
        return Ok(Some(update));
    }
    let before = store::version::get(tx, org, content.id, delivery.n).await?;
    let after = store::version::get(tx, org, content.id, content.n).await?;
    let (Some(before), Some(after)) = (before, after) else {
        return Ok(None);
    };
    let hash = after.hash;
    let (before, after) = (before.doc()?, after.doc()?);
    let pair = before.target(identity.id).zip(after.target(identity.id));
    // The newest version leaves this account out.
    let Some((before, after)) = pair else {
        return Ok(Some(UpdateOffer {
            n: delivery.n,
            ..update
        }));
    };
    let live = store::publication::of_delivery(tx, org, delivery.id).await?;
    update.trouble = trouble(&**adapter, &live, before, after);
    let request = store::request::newest(tx, org, content.id).await?;
    let granted = request
        .is_some_and(|r| r.n == content.n && r.hash == hash && r.status == RequestStatus::Approved);
    update.ready = granted && update.trouble.is_none();
    Ok(Some(update))
}
