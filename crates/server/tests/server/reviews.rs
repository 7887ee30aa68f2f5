//! Links for people from outside: what they show, and everything that they do not reach.

use domain::time::{DAY, HOUR};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::resources::{draft, ok, profile, send, voice};
use crate::world::{Answer, Person, World, on_each};

/// A request in a stage that lets people from outside decide, and who has what to do with it.
struct Asked {
    owner: Person,
    /// Has a seat.
    ed: Person,
    /// Wrote it.
    mara: Person,
    persona: String,
    content: String,
    request: String,
    hash: String,
}

async fn asked(world: &World, stage: Value) -> Asked {
    asked_about(world, stage, crate::resources::words("Snow came late.")).await
}

async fn asked_about(world: &World, stage: Value, body: Value) -> Asked {
    let owner = world.owner().await;
    asked_by(world, owner, stage, body).await
}

async fn asked_by(world: &World, owner: Person, stage: Value, body: Value) -> Asked {
    let ed = world.colleague(&owner, "approver", "Ed").await;
    let mara = world.colleague(&owner, "creator", "Mara").await;
    let (persona, account) = voice(world, &owner).await;
    let mut whole = json!({"name": "Client", "approvers": [{"type": "role", "role": "approver"}], "quorum": {"type": "any"}, "conditions": [], "remind_after": [], "escalate_to": []});
    for (name, value) in stage.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let new = json!({"name": "With the client", "stages": [whole]});
    let made = send(
        world,
        &owner,
        Method::POST,
        "/approval-chains",
        &[],
        Some(&new),
    )
    .await;
    let (chain, _) = ok(made, 201).await;
    let path = format!("/personas/{persona}");
    let (_, tag) = ok(
        send(world, &owner, Method::GET, &path, &[], None).await,
        200,
    )
    .await;
    let with = json!({"profile": profile("Ridge Report"), "chain": chain["policy"]["id"]});
    let put = send(
        world,
        &owner,
        Method::PUT,
        &path,
        &[("if-match", &tag)],
        Some(&with),
    )
    .await;
    ok(put, 200).await;
    let new = json!({"persona": persona, "body": body});
    let made = send(world, &mara, Method::POST, "/content", &[], Some(&new)).await;
    let (made, _) = ok(made, 201).await;
    let content = made["row"]["id"].as_str().unwrap().to_owned();
    let aim = json!({"targets": [{"identity": account, "at": "2026-12-24T08:00:00Z", "zone": "Europe/Berlin"}]});
    let path = format!("/content/{content}/publish");
    let sent = send(world, &mara, Method::POST, &path, &[], Some(&aim)).await;
    let (saved, _) = ok(sent, 202).await;
    let text = |name: &str| saved[name].as_str().unwrap().to_owned();
    Asked {
        request: text("request"),
        hash: text("hash"),
        owner,
        ed,
        mara,
        persona,
        content,
    }
}

impl Asked {
    async fn link(&self, world: &World, by: &Person, wanted: Value) -> Answer {
        by.post(world, &format!("/requests/{}/links", self.request), wanted)
            .await
    }

    /// The token of a link of Ed's that decides.
    async fn deciding(&self, world: &World) -> String {
        let wanted = json!({"name": "Ines of the client", "decides": true});
        token(&self.link(world, &self.ed, wanted).await.ok())
    }

    async fn edit(&self, world: &World) {
        let path = format!("/content/{}", self.content);
        let (_, tag) = ok(
            send(world, &self.mara, Method::GET, &path, &[], None).await,
            200,
        )
        .await;
        let body = json!({"body": crate::resources::words("Snow came late, and left.")});
        let seen = [("if-match", tag.as_str())];
        let put = send(world, &self.mara, Method::PUT, &path, &seen, Some(&body));
        ok(put.await, 200).await;
    }

    async fn status(&self, world: &World) -> String {
        let query = json!({"type": "request", "id": self.request});
        let seen = self.owner.query(world, query).await.ok();
        seen["status"].as_str().unwrap().to_owned()
    }

    fn yes(&self, link: &str) -> Value {
        json!({"link": link, "hash": self.hash, "verdict": "approve"})
    }
}

fn token(made: &Value) -> String {
    let address = made["address"].as_str().unwrap();
    let token = made["token"].as_str().unwrap();
    assert!(
        address.ends_with(&format!("/#/review/{token}")),
        "{address}"
    );
    token.to_owned()
}

async fn look(world: &World, link: &str) -> Answer {
    world.post("/review", json!({"link": link})).await
}

fn opens() -> Value {
    json!({"outside": true})
}

#[tokio::test]
async fn somebody_from_outside_sees_one_version_comments_and_decides_once() {
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let seen = look(&world, &link).await.ok();
        assert_eq!(seen["state"], "open");
        assert_eq!(
            (&seen["name"], &seen["by"]),
            (&json!("Ines of the client"), &json!("Ed"))
        );
        assert_eq!(seen["decides"], true);
        assert_eq!(seen["shown"]["hash"], it.hash.as_str());
        assert!(seen["shown"]["doc"].to_string().contains("Snow came late."));
        let note = json!({"link": link, "hash": it.hash, "text": "Which valley?"});
        let seen = world.post("/review/note", note).await.ok();
        assert_eq!(
            seen["shown"]["notes"][0]["note"]["outside"],
            "Ines of the client"
        );
        let bare = json!({"link": link, "hash": it.hash, "verdict": "request_changes"});
        world
            .post("/review/decision", bare)
            .await
            .refused(422, "invalid_input");
        let seen = world.post("/review/decision", it.yes(&link)).await.ok();
        assert_eq!(
            (&seen["state"], &seen["decided"]),
            (&json!("closed"), &json!("approve"))
        );
        assert!(
            seen["shown"].is_null(),
            "nothing is shown once it is decided"
        );
        assert_eq!(it.status(&world).await, "approved");
        world
            .post("/review/decision", it.yes(&link))
            .await
            .refused(409, "request_closed");
        // It counts as one word from Ed's seat, and the history names who said it.
        let query = json!({"type": "request", "id": it.request});
        let detail = it.mara.query(&world, query).await.ok();
        let decisions = detail["stages"][0]["decisions"].as_array().unwrap();
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0]["outside"], "Ines of the client");
        assert_eq!(decisions[0]["person"]["name"], "Ed");
        let said: Vec<_> = detail["history"].as_array().unwrap().iter().collect();
        for action in [
            "outside_approved",
            "outside_noted",
            "outside_opened",
            "review_link_made",
        ] {
            let entry = said.iter().find(|e| e["action"] == action);
            let entry = entry.unwrap_or_else(|| panic!("{action}: {said:?}"));
            assert!(entry.to_string().contains("Ines of the client"), "{entry}");
        }
        let check = it
            .owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert!(check["broken"].is_null(), "{check}");
        // Ed takes back what was said from that seat.
        let back = json!({"type": "revoke_decision", "decision": decisions[0]["id"]});
        it.ed.change(&world, back).await.ok();
        assert_eq!(it.status(&world).await, "open");
        world
    })
    .await;
}

#[tokio::test]
async fn a_link_shows_what_goes_out_and_nothing_that_is_for_people_inside() {
    on_each(|world| async move {
        let mut body = crate::resources::words("Snow came late.");
        // A site shows it; in what was typed it is for people inside.
        body["title"] = json!("A late winter");
        let inside = json!({"segments": [{"text": "Said nowhere", "media": []}], "options": {}});
        body["variants"] = json!({ uuid::Uuid::now_v7().to_string(): inside });
        let it = asked_about(&world, opens(), body).await;
        let query = json!({"type": "request", "id": it.request});
        let known = it.mara.query(&world, query).await.ok().to_string();
        assert!(known.contains("Said nowhere"), "{known}");
        let link = it.deciding(&world).await;
        let seen = look(&world, &link).await.ok();
        assert_eq!(seen["shown"]["headline"], "Snow came late.");
        assert_eq!(seen["shown"]["doc"]["targets"][0]["title"], "A late winter");
        assert_eq!(seen["shown"]["doc"]["body"]["title"], Value::Null);
        assert!(!seen.to_string().contains("Said nowhere"), "{seen}");
        let long = "x".repeat(4_001);
        let no = json!({"link": link, "hash": it.hash, "verdict": "reject", "comment": long});
        world
            .post("/review/decision", no)
            .await
            .refused(422, "invalid_input");
        world
    })
    .await;
}

#[tokio::test]
async fn two_lent_seats_are_one_word_and_links_end_with_who_made_them() {
    on_each(|world| async move {
        let quorum = json!({"type": "count", "n": 2});
        let owner = world.owner().await;
        let flo = world.colleague(&owner, "approver", "Flo").await;
        let stage = json!({"outside": true, "quorum": quorum});
        let it = asked_by(&world, owner, stage, crate::resources::words("Snow.")).await;
        let wanted = json!({"name": "Ines", "decides": true});
        let of_ed = it.deciding(&world).await;
        let of_flo = token(&it.link(&world, &flo, wanted).await.ok());
        world
            .post("/review/decision", it.yes(&of_ed))
            .await
            .ok();
        assert_eq!(look(&world, &of_flo).await.ok()["decides"], false);
        world
            .post("/review/decision", it.yes(&of_flo))
            .await
            .refused(409, "already_decided");
        assert_eq!(it.status(&world).await, "open");
        // Flo can still say so themself.
        let own = json!({"type": "decide", "id": uuid::Uuid::now_v7(), "request": it.request, "hash": it.hash, "verdict": "approve"});
        flo.change(&world, own).await.ok();
        assert_eq!(it.status(&world).await, "approved");
        world
    })
    .await;
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let ed = it.ed.person(&world).await;
        let away = json!({"type": "deactivate_person", "id": ed});
        it.owner.change(&world, away).await.ok();
        let (invitation, _) = it.owner.invite(&world, json!({"role": "approver"})).await;
        let join = json!({"invitation": invitation});
        it.ed.post(&world, "/auth/join", join).await.ok();
        look(&world, &link).await.refused(422, "code_expired");
        world
    })
    .await;
}

#[tokio::test]
async fn a_link_decides_only_where_its_stage_and_its_maker_may() {
    on_each(|world| async move {
        let it = asked(&world, json!({})).await;
        let deciding = || json!({"name": "Ines", "decides": true});
        it.link(&world, &it.ed, deciding())
            .await
            .refused(403, "forbidden");
        let made = it.link(&world, &it.ed, json!({"name": "Ines"})).await.ok();
        let link = token(&made);
        assert_eq!(look(&world, &link).await.ok()["decides"], false);
        world
            .post("/review/decision", it.yes(&link))
            .await
            .refused(403, "forbidden");
        assert_eq!(it.status(&world).await, "open");
        // Who only reads makes none, and days have an end.
        let viewer = world.colleague(&it.owner, "viewer", "Vic").await;
        it.link(&world, &viewer, json!({"name": "Ines"}))
            .await
            .refused(403, "forbidden");
        for days in [0, 15, 4_000_000_000_u32] {
            let wanted = json!({"name": "Ines", "days": days});
            it.link(&world, &it.mara, wanted)
                .await
                .refused(422, "invalid_input");
        }
        it.link(&world, &it.mara, json!({"name": " "}))
            .await
            .refused(422, "invalid_input");
        world
    })
    .await;
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let deciding = || json!({"name": "Ines", "decides": true});
        // The author has no seat to lend, nor has somebody who was not asked.
        it.link(&world, &it.mara, deciding()).await.refused(403, "forbidden");
        it.link(&world, &it.mara, json!({"name": "Ines"})).await.ok();
        // A seat from which something was said cannot be lent, and one that was lent says it once.
        let link = it.deciding(&world).await;
        let second = token(&it.link(&world, &it.ed, deciding()).await.ok());
        let no = json!({"link": link, "hash": it.hash, "verdict": "request_changes", "comment": "Say where."});
        world.post("/review/decision", no).await.ok();
        assert_eq!(it.status(&world).await, "changes_requested");
        world.post("/review/decision", it.yes(&second)).await.refused(409, "request_closed");
        it.link(&world, &it.ed, deciding()).await.refused(409, "request_closed");
        world
    })
    .await;
    on_each(|world| async move {
        let it = asked(&world, json!({"outside": true, "quorum": {"type": "count", "n": 2}})).await;
        let link = it.deciding(&world).await;
        let own = json!({"type": "decide", "id": uuid::Uuid::now_v7(), "request": it.request, "hash": it.hash, "verdict": "approve"});
        it.ed.change(&world, own).await.ok();
        // Ed has one word, by whomever it is said.
        assert_eq!(look(&world, &link).await.ok()["decides"], false);
        world.post("/review/decision", it.yes(&link)).await.refused(409, "already_decided");
        assert_eq!(it.status(&world).await, "open");
        world
    })
    .await;
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let ed = it.ed.person(&world).await;
        let down = json!({"type": "update_person", "id": ed, "name": "Ed", "role": "creator"});
        it.owner.change(&world, down).await.ok();
        assert_eq!(
            look(&world, &link).await.ok()["decides"],
            false,
            "Ed may not any more"
        );
        let said = world.post("/review/decision", it.yes(&link)).await;
        assert!(said.status.is_client_error(), "{said:?}");
        assert_eq!(it.status(&world).await, "open");
        // Whoever was sent away shows nobody anything any more.
        it.owner
            .change(&world, json!({"type": "deactivate_person", "id": ed}))
            .await
            .ok();
        look(&world, &link).await.refused(422, "code_expired");
        world
    })
    .await;
}

#[tokio::test]
async fn an_edit_an_end_and_a_withdrawal_void_a_link() {
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        it.edit(&world).await;
        let seen = look(&world, &link).await.ok();
        assert_eq!(seen["state"], "edited");
        assert!(
            seen["shown"].is_null() && seen["decides"] == false,
            "{seen}"
        );
        assert!(
            !seen.to_string().contains("Snow"),
            "neither the old nor the new words"
        );
        world
            .post("/review/decision", it.yes(&link))
            .await
            .refused(409, "stale_version");
        let note = json!({"link": link, "hash": it.hash, "text": "Hm."});
        world
            .post("/review/note", note)
            .await
            .refused(409, "stale_version");
        world
    })
    .await;
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let other = token(
            &it.link(&world, &it.mara, json!({"name": "Ines", "days": 14}))
                .await
                .ok(),
        );
        // What was seen must be what is shown.
        let mut odd = it.yes(&link);
        odd["hash"] = json!("0".repeat(64));
        world
            .post("/review/decision", odd)
            .await
            .refused(409, "stale_version");
        let all = it
            .ed
            .get(&world, &format!("/requests/{}/links", it.request))
            .await
            .ok();
        assert_eq!(all.as_array().unwrap().len(), 2);
        assert!(
            !all.to_string().contains(link.rsplit('.').next().unwrap()),
            "its secret is shown once"
        );
        let theirs = all
            .as_array()
            .unwrap()
            .iter()
            .find(|l| l["decides"] == false)
            .unwrap();
        let path = format!("/review-links/{}", theirs["id"].as_str().unwrap());
        it.ed
            .ask(&world, Method::DELETE, &path, None)
            .await
            .refused(403, "forbidden");
        let gone = it.mara.ask(&world, Method::DELETE, &path, None).await;
        assert_eq!(gone.status, 204);
        look(&world, &other).await.refused(422, "code_expired");
        // The other one ends by itself.
        world.advance(3 * DAY - 2 * HOUR);
        look(&world, &link).await.ok();
        world.advance(3 * HOUR);
        for (path, body) in by_link(&it, &link) {
            world.post(path, body).await.refused(422, "code_expired");
        }
        world
    })
    .await;
}

/// Everything that a link is shown to.
fn by_link(it: &Asked, link: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("/review", json!({"link": link})),
        ("/review/decision", it.yes(link)),
        (
            "/review/note",
            json!({"link": link, "hash": it.hash, "text": "x"}),
        ),
        ("/review/picture", json!({"link": link, "hash": it.hash})),
    ]
}

#[tokio::test]
async fn a_link_reaches_nothing_but_what_it_shows() {
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        // It is no sign-in: nothing else lets anybody in with it.
        let secret = link.rsplit('.').next().unwrap().to_owned();
        for bearer in [
            link.clone(),
            secret,
            format!("rst_{}", link.replace('.', "_")),
        ] {
            let bearer = format!("Bearer {bearer}");
            let headers = [("authorization", bearer.as_str())];
            for placed in server::http::operations() {
                if matches!(placed.op.who, server::api::Who::Anyone) {
                    continue;
                }
                let path = placed
                    .path
                    .replace("{id}", &it.request)
                    .replace("{hash}", &it.hash);
                let path = path.split('{').next().unwrap().to_owned();
                let body = (placed.method != Method::GET).then(|| json!({}));
                let answer = world
                    .ask(placed.method.clone(), &path, &headers, body)
                    .await;
                assert!(
                    matches!(answer.status.as_u16(), 401 | 404 | 405),
                    "{} {path}: {answer:?}",
                    placed.method
                );
            }
        }
        // Neither another content's pictures nor another organization's, nor any other link's.
        let fred = world.founder("Fred", "fred@x.example").await;
        let theirs = fred.organization(&world).await.replace('-', "");
        let parts: Vec<&str> = link.split('.').collect();
        let (org, id, secret) = (parts[0], parts[1], parts[2]);
        let forged = [
            format!("{theirs}.{id}.{secret}"),
            format!("{org}.{}.{secret}", uuid::Uuid::now_v7().simple()),
            format!("{org}.{id}.{secret}x"),
            format!("{org}.{id}."),
            format!("{org}.{id}.{secret}.x"),
            String::new(),
        ];
        for forged in &forged {
            for (path, body) in by_link(&it, forged) {
                world.post(path, body).await.refused(422, "code_expired");
            }
        }
        let picture =
            json!({"id": "1", "act": {"type": "import_asset", "name": "snow.png", "data": PNG}});
        let asset = it.owner.post(&world, "/rpc/act", picture).await.ok();
        let unshown = json!({"link": link, "hash": asset["facts"]["hash"]});
        world
            .post("/review/picture", unshown)
            .await
            .refused(404, "media_missing");
        // No program makes one, whatever its scopes.
        let organization = it.owner.organization(&world).await;
        let wanted = json!({"name": "Nightly", "scopes": ["read", "write"]});
        let tokens = format!("/organizations/{organization}/tokens");
        let program = it.owner.post(&world, &tokens, wanted).await.ok();
        let program = Person::program(&program);
        it.link(&world, &program, json!({"name": "Eve"})).await.refused(403, "forbidden");
        let act = json!({"type": "make_review_link", "request": it.request, "name": "Eve", "days": 3, "decides": false});
        let act = json!({"id": "2", "act": act});
        program.post(&world, "/rpc/act", act).await.refused(403, "forbidden");
        // Nobody of another organization lists, makes or takes back.
        let path = format!("/requests/{}/links", it.request);
        fred.post(&world, &path, json!({"name": "Eve"}))
            .await
            .refused(404, "not_found");
        fred.get(&world, &path).await.refused(404, "not_found");
        assert_eq!(fred.get(&world, "/review-links").await.ok(), json!([]));
        let all = it.ed.get(&world, "/review-links").await.ok();
        let path = format!("/review-links/{}", all[0]["id"].as_str().unwrap());
        fred.ask(&world, Method::DELETE, &path, None)
            .await
            .refused(404, "not_found");
        // A thread of another content is none to answer in.
        let other = draft(&world, &it.mara, &it.persona, "Another text.").await;
        let save = json!({"type": "notes", "content": other});
        assert_eq!(it.mara.query(&world, save).await.ok(), json!([]));
        let answer =
            json!({"link": link, "hash": it.hash, "text": "x", "thread": uuid::Uuid::now_v7()});
        world
            .post("/review/note", answer)
            .await
            .refused(404, "not_found");
        let nul = json!({"link": link, "hash": it.hash, "text": "a\u{0}"});
        world
            .post("/review/note", nul)
            .await
            .refused(422, "invalid_input");
        assert_eq!(it.status(&world).await, "open");
        world
    })
    .await;
}

/// One red point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

#[tokio::test]
async fn whoever_tries_links_is_slowed_down_and_one_link_says_only_so_much() {
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let mut last = 200;
        for _ in 0..31 {
            let note = json!({"link": link, "hash": it.hash, "text": "x"});
            last = world.post("/review/note", note).await.status.as_u16();
        }
        assert_eq!(last, 429);
        let mut last = 422;
        for _ in 0..300 {
            last = look(&world, "no.such.link").await.status.as_u16();
        }
        assert_eq!(last, 429);
        world
    })
    .await;
}

#[tokio::test]
async fn the_answers_about_a_link_are_kept_by_no_cache() {
    on_each(|world| async move {
        let it = asked(&world, opens()).await;
        let link = it.deciding(&world).await;
        let response = Client::new()
            .post(format!("{}/review", world.address))
            .json(&json!({"link": link}))
            .send()
            .await
            .unwrap();
        let headers = response.headers();
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        world
    })
    .await;
}
