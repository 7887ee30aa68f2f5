//! Saving, submitting, pictures and cards.

use base64::Engine as _;
use domain::content::Body;
use domain::ids::{ChainId, ContentId, DeliveryId, PersonaId, RequestId};
use protocol::mutation::{Applied, DeliveryPlan};
use protocol::views::{self, Saved};
use protocol::{Code, Mutation, Problem};
use store::content::Content;
use store::version::Version;

use super::{Way, media_problem};
use crate::Error;
use crate::compose::Built;
use crate::core::{App, Begun};

/// What [`App::submit`] gets.
#[derive(Clone, Debug)]
pub(super) struct Submit {
    /// New or known.
    pub content: ContentId,
    /// Whose voice.
    pub persona: PersonaId,
    /// What is typed.
    pub body: Body,
    /// The newest version that the writer knows.
    pub base: u32,
    /// When each target goes out.
    pub deliveries: Vec<DeliveryPlan>,
    /// What is out and shall become this version.
    pub updates: Vec<DeliveryId>,
    /// The new request.
    pub request: RequestId,
    /// A chain beside the persona's own.
    pub added: Option<ChainId>,
}

impl App {
    pub(super) async fn stored(
        &self,
        id: ContentId,
    ) -> Result<Option<(Content, Option<Version>)>, Problem> {
        let org = self.organization();
        Ok(self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let Some(content) = store::content::get(tx, org, id).await? else {
                        return Ok::<_, Error>(None);
                    };
                    let version = store::version::get(tx, org, id, content.n).await?;
                    Ok(Some((content, version)))
                })
            })
            .await?)
    }

    /// The newest version's number, and whether it already says what was built.
    async fn standing(&self, id: ContentId, built: &Built) -> Result<(u32, bool), Problem> {
        Ok(match self.stored(id).await? {
            None => (0, false),
            Some((content, version)) => {
                let same = version.is_some_and(|v| v.hash == built.hash);
                (content.n, same)
            }
        })
    }

    pub(super) async fn save(
        &self,
        content: ContentId,
        persona: PersonaId,
        body: &Body,
        base: u32,
        way: &Way,
    ) -> Result<Saved, Problem> {
        let begun = self.keep_typed(content, persona, body, base, way).await?;
        let built = self.build(content, body, &way.job()).await?;
        let (n, same) = self.standing(content, &built).await?;
        let applied = if same {
            let discard = Mutation::DiscardWorkingCopy { content };
            self.end(way, begun, vec![discard]).await?
        } else {
            let save = Mutation::SaveVersion {
                content,
                persona,
                n: base + 1,
                doc: built.doc,
            };
            self.end(way, begun, vec![save]).await?
        };
        let n = if same { n } else { base + 1 };
        self.saved(content, n, None, applied).await
    }

    /// Whatever happens next, what was typed is kept.
    async fn keep_typed(
        &self,
        content: ContentId,
        persona: PersonaId,
        body: &Body,
        base: u32,
        way: &Way,
    ) -> Result<Begun, Problem> {
        let keep = Mutation::SaveWorkingCopy {
            content,
            persona,
            body: body.clone(),
            base: Some(base),
        };
        self.begin_on(way, vec![keep]).await
    }

    pub(super) async fn submit(&self, submit: Submit, way: &Way) -> Result<Saved, Problem> {
        let Submit {
            content,
            persona,
            body,
            base,
            deliveries,
            updates,
            request,
            added,
        } = submit;
        if deliveries.is_empty() && updates.is_empty() {
            return Err(Problem::new(
                Code::NoTargets,
                "Choose where it shall go first.",
            ));
        }
        let begun = self.keep_typed(content, persona, &body, base, way).await?;
        let built = self.build(content, &body, &way.job()).await?;
        built.require_sound()?;
        self.check_updates(&updates, &built.doc).await?;
        let (stands, same) = self.standing(content, &built).await?;
        let mut mutations = Vec::new();
        let n = if same {
            mutations.push(Mutation::DiscardWorkingCopy { content });
            stands
        } else {
            let doc = built.doc.clone();
            mutations.push(Mutation::SaveVersion {
                content,
                persona,
                n: base + 1,
                doc,
            });
            base + 1
        };
        if !deliveries.is_empty() {
            mutations.push(Mutation::Plan {
                content,
                deliveries,
            });
        }
        let ask = Mutation::RequestApproval {
            id: request,
            content,
            n,
            hash: built.hash,
            added,
        };
        mutations.push(ask);
        if !updates.is_empty() {
            mutations.push(Mutation::UpdatePublished {
                deliveries: updates,
            });
        }
        let applied = self.end(way, begun, mutations).await?;
        self.saved(content, n, Some(request), applied).await
    }

    pub(super) async fn saved(
        &self,
        id: ContentId,
        n: u32,
        request: Option<RequestId>,
        applied: Applied,
    ) -> Result<Saved, Problem> {
        let (content, version) = self
            .stored(id)
            .await?
            .ok_or_else(|| Error::missing("content").into_problem())?;
        Ok(Saved {
            content: id,
            n,
            hash: version.map(|v| v.hash),
            request,
            status: content.status,
            notices: applied.notices,
        })
    }

    pub(super) async fn duplicate(
        &self,
        content: ContentId,
        id: ContentId,
        way: &Way,
    ) -> Result<Saved, Problem> {
        let org = self.organization();
        let (stored, version) = self
            .stored(content)
            .await?
            .ok_or_else(|| Error::missing("content").into_problem())?;
        let typed = self
            .db()
            .read(move |tx| {
                Box::pin(async move { store::content::working_copy(tx, org, content).await })
            })
            .await
            .map_err(Error::from)?;
        let body = match (typed, version) {
            (Some(copy), _) => copy.body,
            (None, Some(version)) => version.doc().map_err(Error::from)?.body,
            (None, None) => Body::default(),
        };
        self.keep_typed(id, stored.persona, &body, 0, way).await?;
        self.saved(
            id,
            0,
            None,
            Applied {
                seq: 0,
                notices: vec![],
            },
        )
        .await
    }

    pub(super) async fn import_base64(
        &self,
        name: &str,
        data: &str,
        way: &Way,
    ) -> Result<views::Asset, Problem> {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .map_err(|_| {
                Problem::new(
                    Code::InvalidInput,
                    "The file did not arrive whole. Add it again.",
                )
            })?;
        self.import(bytes, name, way).await
    }

    /// Takes a picture into the library.
    ///
    /// # Errors
    /// When it is no picture that is taken in, or cannot be kept.
    pub async fn import(
        &self,
        bytes: Vec<u8>,
        name: &str,
        way: &Way,
    ) -> Result<views::Asset, Problem> {
        let imported = self
            .library()
            .import(bytes, name, &way.job())
            .await
            .map_err(|e| media_problem(&e))?;
        let (facts, thumbnail) = (imported.facts, imported.thumbnail);
        self.note_file(facts.hash).await?;
        self.note_file(thumbnail).await?;
        let add = Mutation::AddAsset {
            facts: facts.clone(),
            thumbnail,
        };
        self.end(way, Begun::default(), vec![add]).await?;
        let renditions = self.fitted(&facts, way).await?;
        Ok(views::Asset {
            facts,
            thumbnail,
            renditions,
        })
    }

    /// What the connected accounts would get instead of the picture, by network. What cannot be
    /// made to fit is left out here; the composer's issues say so.
    async fn fitted(
        &self,
        facts: &domain::media::AssetFacts,
        way: &Way,
    ) -> Result<std::collections::BTreeMap<String, domain::media::Rendition>, Problem> {
        let org = self.organization();
        let identities = self
            .db()
            .read(move |tx| Box::pin(async move { store::identity::all(tx, org).await }))
            .await
            .map_err(Error::from)?;
        let mut renditions = std::collections::BTreeMap::new();
        for identity in identities {
            if identity.status == domain::identity::IdentityStatus::Disconnected {
                continue;
            }
            match self.fit(facts, &identity, &way.job()).await {
                Ok(rendition) => {
                    renditions.insert(identity.network.as_str().to_owned(), rendition);
                }
                Err(Error::Problem(p)) if p.code == Code::Cancelled => return Err(p),
                Err(error) => tracing::info!(%error, network = %identity.network, "does not fit"),
            }
        }
        Ok(renditions)
    }

    pub(super) async fn fetch_card(
        &self,
        url: &str,
        way: &Way,
    ) -> Result<views::CardPreview, Problem> {
        let draft = networks::cards::fetch(self.http(), url)
            .await
            .map_err(|e| {
                Problem::new(Code::BadPage, format!("The page could not be read: {e}."))
            })?;
        let image = match draft.picture {
            None => None,
            Some(picture) => self
                .library()
                .import(picture.bytes, "card", &way.job())
                .await
                .ok()
                .map(|imported| imported.facts.hash),
        };
        if let Some(hash) = image {
            self.note_file(hash).await?;
        }
        Ok(views::CardPreview {
            url: url.to_owned(),
            title: draft.title,
            description: draft.description,
            image,
        })
    }
}
