//! Links by which one person from outside sees what a request asks about. A link shows one version
//! and nothing else; whatever changes that version, or what is asked, ends what it shows.

mod links;
mod outside;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::Key;
use chacha20poly1305::aead::Generate as _;
use db::Tx;
use domain::approval::RequestStatus;
use domain::ids::{OrganizationId, ReviewLinkId};
use domain::rights::{Action, allows};
use domain::{Hash, Instant};
use protocol::{Code, Problem};
use store::request::Request;
use store::review_link::ReviewLink;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Error;

pub(crate) use links::Wanted;

/// The most days for which a link works.
pub const MOST_DAYS: u32 = 14;
/// The most links to one request that work at a time.
const MOST_LINKS: usize = 20;

/// What stands at the end of a link's address: `<organization>.<link>.<secret>`. The address has it
/// behind its `#`, so that no server and no log on the way sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose link it is.
    pub organization: OrganizationId,
    /// Which.
    pub id: ReviewLinkId,
    secret: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("organization", &self.organization)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// A new one, of 256 random bits.
    fn fresh(organization: OrganizationId, id: ReviewLinkId) -> Self {
        let bytes: [u8; 32] = Key::generate().into();
        Self {
            organization,
            id,
            secret: URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    /// Reads one; nothing where it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let organization = Uuid::try_parse(parts.next()?).ok()?;
        let id = Uuid::try_parse(parts.next()?).ok()?;
        let secret = parts.next()?.to_owned();
        parts.next().is_none().then_some(Self {
            organization: organization.into(),
            id: id.into(),
            secret,
        })
    }

    /// As it stands in an address.
    fn text(&self) -> String {
        let Self {
            organization,
            id,
            secret,
        } = self;
        format!("{}.{}.{secret}", organization.0.simple(), id.0.simple())
    }

    /// What is kept of its secret.
    fn kept(&self) -> Hash {
        Hash::of(self.secret.as_bytes())
    }
}

/// A link that leads nowhere: never made, taken back, ended. Which of these is nobody's to learn.
#[must_use]
pub fn over() -> Problem {
    Problem::new(
        Code::CodeExpired,
        "This link has ended or was taken back. Ask whoever sent it for a new one.",
    )
}

/// The link of a token, while it works: until its end, and while who made it is here and writes.
///
/// # Errors
/// `code_expired`, or when the database says no.
pub async fn known(tx: &mut Tx<'_>, token: &Token, now: Instant) -> Result<ReviewLink, Error> {
    let org = token.organization;
    let found = store::review_link::get(tx, org, token.id).await?;
    let link = found
        .filter(|link| link.works(now) && bool::from(link.hash.0.ct_eq(&token.kept().0)))
        .ok_or_else(|| Error::Problem(over()))?;
    let maker = store::person::get(tx, org, link.made_by).await?;
    match maker.is_some_and(|p| p.active && allows(p.role, Action::Write)) {
        true => Ok(link),
        false => Err(Error::Problem(over())),
    }
}

/// Whether the holder of a link decides now: in the seat of who made it, who has not used it, may use
/// it, and did not write what is asked about; nobody from outside said anything in the stage yet.
async fn decides(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    link: &ReviewLink,
    request: &Request,
) -> Result<bool, Error> {
    let Some(stage) = link.stage.filter(|stage| request.stage == Some(*stage)) else {
        return Ok(false);
    };
    let is_let = request.policy.stages.get(stage as usize);
    if request.status != RequestStatus::Open || !is_let.is_some_and(|s| s.outside) {
        return Ok(false);
    }
    let maker = store::person::get(tx, org, link.made_by).await?;
    let able = maker.is_some_and(|p| p.active && allows(p.role, Action::Decide));
    let seats = store::request::seats(tx, org, request.id).await?;
    let sits = |s: &store::request::Seat| s.stage == stage && s.person == link.made_by;
    let decisions = store::request::decisions(tx, org, request.id).await?;
    let used = decisions
        .iter()
        .filter(|d| d.stage == stage && d.revoked_at.is_none())
        .any(|d| d.person == link.made_by || d.outside.is_some());
    let authors = store::version::authors(tx, org, request.content, request.n).await?;
    let own = !request.policy.authors_may_approve && authors.contains(&link.made_by);
    Ok(able && seats.iter().any(sits) && !used && !own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_is_written_and_nothing_else_is_one() {
        let (organization, id) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let token = Token::fresh(organization.into(), id.into());
        assert_eq!(Token::read(&token.text()), Some(token.clone()));
        assert!(!format!("{token:?}").contains(&token.secret));
        for odd in ["", ".", "..", "a.b.c", &format!("{}.x", token.text())] {
            assert_eq!(Token::read(odd), None, "{odd}");
        }
        assert_ne!(Token::fresh(organization.into(), id.into()), token);
    }
}
