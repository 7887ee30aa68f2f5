//! What a network is, as data that the UI draws.

use domain::attempt::Idempotency;
use domain::content::{Replies, Visibility};
use domain::cost::Cost;
use domain::identity::NetworkId;
use serde::Serialize;

/// What a network is and can do.
#[derive(Clone, Debug, Serialize)]
pub struct Descriptor {
    /// The adapter's name, as stored.
    pub id: NetworkId,
    /// The network's name as people know it.
    pub name: &'static str,
    /// Two letters for its tile.
    pub letters: &'static str,
    /// What it can do.
    pub features: Features,
    /// How a repeated write is made harmless.
    pub idempotency: Idempotency,
    /// Ways to connect an account. Empty: its text is counted, and it is not offered for
    /// connecting.
    pub connect: Vec<ConnectMethod>,
}

impl Descriptor {
    /// Whether an account can be connected.
    #[must_use]
    pub fn is_connectable(&self) -> bool {
        !self.connect.is_empty()
    }

    /// Whether its accounts have a secret at all.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        self.connect.iter().any(|method| {
            method.kind != ConnectKind::Fields
                || method.fields.iter().any(|f| f.kind == FieldKind::Secret)
        })
    }
}

/// What a network can do, as far as its adapter does it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Features {
    /// Several segments in a row.
    pub threads: bool,
    /// Pictures.
    pub images: bool,
    /// Alternative text of pictures.
    pub alt: bool,
    /// Cards of linked pages.
    pub link_cards: bool,
    /// Mentions are resolved to ids.
    pub mentions: bool,
    /// Posts name their languages.
    pub languages: bool,
    /// Entries have titles.
    pub titles: bool,
    /// What can be chosen for a post; polls are in the limits.
    pub choices: Choices,
    /// Posts can be edited in place.
    pub edit: bool,
    /// The network itself can keep the time (hand-off).
    pub schedules: bool,
    /// Posts can be deleted.
    pub delete: bool,
    /// Posts can be read back.
    pub read_back: bool,
    /// Numbers can be read.
    pub metrics: Vec<&'static str>,
    /// In what the network asks for money (ISO 4217), where it does.
    pub currency: Option<String>,
    /// What reading the numbers of one post once costs, where the network asks for money.
    pub metrics_cost: Option<Cost>,
    /// It works without any network, on this computer alone.
    pub local: bool,
}

/// What of [`domain::content::Options`] a network has, as far as its adapter sends it. `prepare`
/// checks against it, and the UI draws only what is in it. Whether there are polls, and what they
/// may be, is in [`domain::limits::Limits::poll`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Who may read; empty where every post is public.
    pub visibility: &'static [Visibility],
    /// The post can hide behind a line of text.
    pub content_warning: bool,
    /// Pictures can hide behind a click.
    pub sensitive: bool,
    /// Who may reply; empty where everybody always may.
    pub replies: &'static [Replies],
    /// Quoting can be switched off.
    pub quotes_off: bool,
    /// Posts can say that they were made with AI.
    pub made_with_ai: bool,
    /// Labels that an author can put on a post.
    pub labels: &'static [&'static str],
    /// Posts can quote others.
    pub quote: bool,
}

/// One way to connect, drawn by the UI as a guided sheet. Words come from the catalog under
/// `connect.<network>.<method>` and `connect.<network>.<method>.<field>`.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectMethod {
    /// Such as `app_password`, `folder`, `oauth`.
    pub id: &'static str,
    /// Whether the fields are enough.
    pub kind: ConnectKind,
    /// What to ask for, in order.
    pub fields: Vec<Field>,
    /// Where a person gets what is asked for.
    pub guide_url: Option<&'static str>,
}

/// What connecting takes beside the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConnectKind {
    /// Nothing.
    Fields,
    /// A person agrees in the system browser, which comes back to this computer (RFC 8252,
    /// loopback redirect): [`super::Adapter::authorize`], then [`super::Adapter::connect`] with a
    /// [`super::Grant`].
    Browser {
        /// The port to come back to, where the network compares it; `None` for any free one.
        port: Option<u16>,
    },
}

/// The path of the address to which a browser comes back.
pub const CALLBACK_PATH: &str = "/callback";

impl ConnectKind {
    /// The address to register with the network, where it compares it.
    #[must_use]
    pub fn callback(self) -> Option<String> {
        match self {
            Self::Browser { port: Some(port) } => {
                Some(format!("http://127.0.0.1:{port}{CALLBACK_PATH}"))
            }
            Self::Browser { port: None } | Self::Fields => None,
        }
    }
}

/// One thing to ask for.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name in [`super::ConnectInput`].
    pub id: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// Must be given.
    pub required: bool,
    /// What it holds until somebody types.
    pub preset: &'static str,
    /// An example.
    pub example: &'static str,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// An `https` address.
    Url,
    /// Never shown, never stored but in the keychain.
    Secret,
    /// A folder on this computer.
    Folder,
}
