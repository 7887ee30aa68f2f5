//! Who may do what, and nothing of one organization in another.

use std::collections::BTreeSet;

use domain::approval::Verdict;
use domain::person::Role;
use domain::rights::allows;
use protocol::{Code, Mutation};
use uuid::Uuid;

use crate::world::{Piece, World, every, facts, id};

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    for world in World::each().await {
        let nothing = Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        for (role, person) in [
            (Role::Viewer, world.viewer),
            (Role::Creator, world.writer),
            (Role::Approver, world.kim),
            (Role::Admin, world.admin),
            (Role::Owner, world.owner),
        ] {
            for mutation in every(&world, nothing, id(), id::<Uuid>(), "text") {
                // Who leaves is asked last.
                if matches!(
                    mutation,
                    Mutation::DeactivatePerson { .. } | Mutation::ErasePerson { .. }
                ) && role != Role::Owner
                {
                    assert_eq!(allows(role, mutation.action()), role >= Role::Admin);
                    if role == Role::Admin {
                        continue;
                    }
                }
                let (name, action) = (mutation.name(), mutation.action());
                let before = format!("{:?}", world.facts().await);
                let said = world.by(person, mutation).await;
                assert_eq!(
                    said == Err(Code::Forbidden),
                    !allows(role, action),
                    "{name} by {role:?}: {said:?}"
                );
                if said.is_err() {
                    assert_eq!(
                        before,
                        format!("{:?}", world.facts().await),
                        "{name} wrote something"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn finer_rules_guard_owners_and_chains() {
    for world in World::each().await {
        let add = Mutation::AddPerson {
            id: id(),
            name: "x".into(),
            role: Role::Owner,
        };
        assert_eq!(world.by(world.admin, add).await, Err(Code::Forbidden));
        let down = Mutation::UpdatePerson {
            id: world.owner,
            name: "x".into(),
            role: Role::Viewer,
        };
        assert_eq!(
            world.by(world.admin, down.clone()).await,
            Err(Code::Forbidden)
        );
        assert_eq!(world.by(world.owner, down).await, Err(Code::LastOwner));
        let leave = Mutation::DeactivatePerson { id: world.owner };
        assert_eq!(
            world.by(world.admin, leave.clone()).await,
            Err(Code::Forbidden)
        );
        assert_eq!(world.by(world.owner, leave).await, Err(Code::LastOwner));
        let chain = world.with_stage(|_| {}).await;
        assert_eq!(
            world
                .by(world.owner, Mutation::ArchiveChain { id: chain })
                .await,
            Err(Code::WrongState)
        );
    }
}

#[tokio::test]
async fn nobody_takes_an_account_to_another_server_but_by_signing_in() {
    for world in World::each().await {
        let id = world.accounts[0];
        let known = facts(&format!("OTHER {id}"));
        let mut moved = known.clone();
        moved.service = "https://other.example".into();
        let mut set = known.clone();
        let other = ("service".to_owned(), "https://other.example".to_owned());
        set.settings.extend([other]);
        for facts in [moved, set] {
            let update = Mutation::UpdateIdentity { id, facts };
            assert_eq!(world.by(world.owner, update).await, Err(Code::Conflict));
        }
        let update = Mutation::UpdateIdentity { id, facts: known };
        world.ok(update).await;
    }
}

#[tokio::test]
async fn nothing_that_one_organization_does_reaches_another() {
    for first in World::each().await {
        let second = World::on(&first.db).await;
        second.with_stage(|_| {}).await;
        let piece = second
            .piece(Some(crate::world::START + 80 * crate::world::HOUR))
            .await;
        let decision = second
            .decide(second.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        second.with_note(piece.content).await;
        let runs = second.facts().await.runs;
        assert!(!runs.is_empty());
        let before = format!("{:?}", second.facts().await);
        let makes: BTreeSet<&str> = [
            "add_person",
            "add_asset",
            "release_folder",
            // A persona or chain with this id is a new one here.
            "save_persona",
            "save_template",
            "save_source",
        ]
        .into();
        for run in &runs {
            for mutation in every(&second, piece, decision, run.id, "theirs") {
                let name = mutation.name();
                let said = first.by(first.owner, mutation).await;
                if !makes.contains(name.as_str()) {
                    assert!(
                        said.is_err()
                            || [
                                "update_person",
                                "deactivate_person",
                                "erase_person",
                                "set_retention",
                                "save_chain",
                                "archive_persona",
                                "add_identity",
                                "update_identity",
                                "disconnect_identity",
                                "save_working_copy",
                                "discard_working_copy",
                                "set_details",
                                "archive_content",
                                "plan",
                                "set_paused",
                                // A template with this id was made here a moment ago.
                                "delete_template",
                                "remove_source",
                                "mute_topic",
                                "dismiss_remark",
                                "record_model_use",
                                "reset_learning",
                                "cancel_deliveries"
                            ]
                            .contains(&name.as_str()),
                        "{name}: {said:?}"
                    );
                }
                assert_eq!(
                    before,
                    format!("{:?}", second.facts().await),
                    "{name} reached the other"
                );
            }
        }
        // With a persona, an account, a content and a delivery of the same ids here, the others
        // still are what they were; and what is here is not theirs.
        let mine = format!("{:?}", first.facts().await);
        assert!(
            !mine.contains("OTHER text"),
            "nothing of theirs is seen here"
        );
        // People of one are nobody in the other.
        let strange = second.by(first.admin, Mutation::ReleaseFolder).await;
        assert_eq!(strange, Err(Code::NotFound));
    }
}
