//! “Is that you?”: what a browser brings may be somebody else's account. So a new sign-in through
//! it is shown first, and kept or thrown away by a person's word.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Instant;
use domain::identity::NetworkId;
use domain::ids::{IdentityId, PersonaId};
use domain::time::MINUTE;
use networks::{Adapter, ConnectKind, Connected, Picture};
use protocol::act::Sensitive;
use protocol::views::{self, Done};
use protocol::{Code, Problem};

use super::Way;
use super::sign_in::method_of;
use crate::core::App;

/// How long somebody may think about it.
const SAID_WITHIN: i64 = 10 * MINUTE;

/// What a picture may be; what else it could be, no page shall be made to show.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// A sign-in of which nobody has said yet whose it is. Kept in memory only.
#[derive(Clone)]
pub(crate) struct Waiting {
    persona: PersonaId,
    network: NetworkId,
    connected: Connected,
    until: Instant,
}

/// Those that wait, by the account that they would become.
pub(crate) type Unsaid = HashMap<IdentityId, Waiting>;

impl App {
    pub(super) async fn sign_in_new(
        &self,
        id: IdentityId,
        persona: PersonaId,
        network: &NetworkId,
        (method, fields): (Option<&str>, BTreeMap<String, Sensitive>),
        way: &Way,
    ) -> Result<views::SignedIn, Problem> {
        let adapter = self.connectable(network)?;
        self.must_be_new(id).await?;
        if method_of(&*adapter, method)?.kind == ConnectKind::Fields {
            return Err(Problem::new(
                Code::InvalidInput,
                "This way needs no browser: connect it.",
            ));
        }
        let connected = self.sign_in(&*adapter, method, &fields, way).await?;
        let shown = shown(network, &connected);
        let now = self.now();
        let waiting = Waiting {
            persona,
            network: network.clone(),
            connected,
            until: now.plus(SAID_WITHIN),
        };
        let late: Vec<Waiting> = {
            let mut unsaid = self.unsaid();
            let earlier = unsaid.insert(id, waiting);
            let over = unsaid.extract_if(|_, one| one.until < now);
            earlier
                .into_iter()
                .chain(over.map(|(_, one)| one))
                .collect()
        };
        for one in late {
            self.throw_away(&one).await;
        }
        Ok(shown)
    }

    pub(super) async fn keep_sign_in(
        &self,
        id: IdentityId,
        way: &Way,
    ) -> Result<views::Account, Problem> {
        let waiting = self.said(id)?;
        if waiting.until < self.now() {
            self.throw_away(&waiting).await;
            return Err(gone());
        }
        let Waiting {
            persona,
            network,
            connected,
            ..
        } = &waiting;
        let added = match self.must_be_new(id).await {
            Ok(()) => {
                self.add_account(id, *persona, network, connected, way)
                    .await
            }
            Err(problem) => Err(problem),
        };
        if added.is_err() {
            // It can be said once more, when what was in the way is mended.
            self.unsaid().insert(id, waiting);
        }
        added
    }

    pub(super) async fn refuse_sign_in(&self, id: IdentityId) -> Result<Done, Problem> {
        let waiting = self.said(id)?;
        self.throw_away(&waiting).await;
        Ok(Done {})
    }

    fn said(&self, id: IdentityId) -> Result<Waiting, Problem> {
        self.unsaid().remove(&id).ok_or_else(gone)
    }

    async fn throw_away(&self, waiting: &Waiting) {
        if let Ok(adapter) = self.connectable(&waiting.network) {
            self.give_back(&*adapter, &waiting.connected).await;
        }
    }

    /// Ends a sign-in that is not kept; where that fails it ends by itself, and is nowhere stored.
    pub(super) async fn give_back(&self, adapter: &dyn Adapter, connected: &Connected) {
        let Some(secret) = &connected.secret else {
            return;
        };
        if let Err(error) = adapter.give_back(secret).await {
            let network = &adapter.descriptor().id;
            tracing::warn!(%error, %network, "a sign-in that nobody wants was not ended");
        }
    }
}

fn gone() -> Problem {
    Problem::new(
        Code::SignInTimeout,
        "This sign-in is no longer there. Begin again.",
    )
}

fn shown(network: &NetworkId, connected: &Connected) -> views::SignedIn {
    let avatar = connected.avatar.as_ref().and_then(address);
    let settings = &connected.facts.settings;
    views::SignedIn {
        network: network.clone(),
        handle: connected.facts.handle.clone(),
        display_name: connected.name.clone(),
        service: settings.get("service").cloned().unwrap_or_default(),
        avatar,
    }
}

fn address(picture: &Picture) -> Option<String> {
    let mime = picture.mime.split(';').next()?.trim();
    PICTURES
        .contains(&mime)
        .then(|| format!("data:{mime};base64,{}", STANDARD.encode(&picture.bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_are_shown_as_pictures() {
        let picture = |mime: &str| Picture {
            mime: mime.to_owned(),
            bytes: vec![1, 2, 3],
        };
        assert_eq!(
            address(&picture("image/png; charset=x")).as_deref(),
            Some("data:image/png;base64,AQID")
        );
        for other in ["image/svg+xml", "text/html", "image/png,<script>", ""] {
            assert_eq!(address(&picture(other)), None, "{other}");
        }
    }
}
