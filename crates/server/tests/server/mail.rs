//! Letters: invitations, new passwords, and what concerns people; and mail servers that do not take
//! them.

use domain::time::{DAY, HOUR, MINUTE, SECOND};
use reqwest::Method;
use serde_json::{Value, json};
use server::mail::Post;

use crate::desktop::until;
use crate::mailbox::{Letter, Mailbox, Mood, PUBLIC, Way};
use crate::resources::{draft, profile, send, voice};
use crate::world::{PASSWORD, Person, World};

/// Runs a test on a server of each database, with a mail server.
async fn on_each<F>(test: impl Fn(World, Mailbox) -> F)
where
    F: Future<Output = World>,
{
    on_each_with(Mailbox::post, test).await;
}

async fn on_each_with<F>(post: fn(&Mailbox) -> Post, test: impl Fn(World, Mailbox) -> F)
where
    F: Future<Output = World>,
{
    let mut databases = vec![None];
    databases.extend(db::testing::postgres_url().await.map(Some));
    for database in databases {
        let mailbox = Mailbox::open(Way::Plain).await;
        let world = World::mailing(database, post(&mailbox)).await;
        world.work().await;
        test(world, mailbox).await.close().await;
    }
}

/// The letters once there are so many.
async fn letters(mailbox: &Mailbox, many: usize) -> Vec<Letter> {
    until("the letters come", async || mailbox.taken().len() >= many).await;
    mailbox.taken()
}

/// The owner, signed in anew: their access ends while the clock is turned.
async fn anew(world: &World) -> Person {
    let olga = json!({"email": "olga@hut.example", "password": PASSWORD});
    Person::of(&world.post("/auth/login", olga).await.ok())
}

/// Turns the clock until the mail server is called again.
async fn called_again(world: &World, mailbox: &Mailbox) {
    let calls = mailbox.calls();
    until("it is tried again", async || {
        if mailbox.calls() > calls {
            return true;
        }
        world.advance(20 * SECOND);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        mailbox.calls() > calls
    })
    .await;
}

/// What is said of why the only open invitation was not mailed.
async fn trouble(world: &World, owner: &Person) -> String {
    let said = only_invitation(world, owner).await["mail_trouble"].clone();
    said.as_str().unwrap_or_default().to_owned()
}

/// Invites somebody by mail; answers the path of the invitation.
async fn invite(world: &World, owner: &Person, wanted: Value) -> String {
    let path = format!(
        "/organizations/{}/invitations",
        owner.organization(world).await
    );
    let made = owner.post(world, &path, wanted).await.ok();
    assert_eq!(made["by_mail"], true);
    let id = made["invitation"]["id"].as_str().unwrap();
    format!("{path}/{id}")
}

/// What is said of the only invitation that is open.
async fn only_invitation(world: &World, owner: &Person) -> Value {
    let path = format!(
        "/organizations/{}/invitations",
        owner.organization(world).await
    );
    let all = owner.get(world, &path).await.ok();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    all[0].clone()
}

#[tokio::test]
async fn an_invitation_goes_by_mail_and_its_link_lets_in() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        let wanted = json!({"role": "creator", "email": "Mara@hut.example", "language": "de"});
        let path = invite(&world, &owner, wanted).await;
        let letter = letters(&mailbox, 1).await[0].clone();
        assert_eq!(letter.to, "mara@hut.example");
        assert_eq!(letter.header("From"), "Rostrum <rostrum@hut.example>");
        assert_eq!(letter.subject(), "Olga lädt Sie zu The hut ein");
        until("it is known that it went", async || {
            only_invitation(&world, &owner).await["mailed_at"].is_string()
        })
        .await;
        // Once more, for who has lost it: the same link.
        let again = owner.post(&world, &format!("{path}/mail"), json!({})).await;
        assert_eq!(again.status, 204, "{again:?}");
        let both = letters(&mailbox, 2).await;
        assert_eq!(both[1].token("join"), letter.token("join"));
        assert_eq!(both[1].subject(), "Olga invites you to The hut");
        assert_ne!(both[1].header("Message-ID"), letter.header("Message-ID"));
        world
            .join(&letter.token("join"), "Mara", "mara@hut.example")
            .await;
        owner
            .post(&world, &format!("{path}/mail"), json!({}))
            .await
            .refused(404, "not_found");
        // A link for whoever holds it goes nowhere by itself.
        let (_, made) = owner.invite(&world, json!({"role": "viewer"})).await;
        assert_eq!(made["by_mail"], false);
        world
    })
    .await;
}

#[tokio::test]
async fn an_invitation_still_goes_when_the_keys_were_changed_meanwhile() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        mailbox.is(Mood::TurnsAway);
        let wanted = json!({"role": "creator", "email": "mara@hut.example"});
        let path = invite(&world, &owner, wanted).await;
        until("it is tried", async || mailbox.calls() > 0).await;
        world.rotate_keys();
        mailbox.is(Mood::Takes);
        called_again(&world, &mailbox).await;
        let owner = anew(&world).await;
        let first = letters(&mailbox, 1).await[0].token("join");
        owner
            .post(&world, &format!("{path}/mail"), json!({}))
            .await
            .ok();
        assert_eq!(letters(&mailbox, 2).await[1].token("join"), first);
        world.join(&first, "Mara", "mara@hut.example").await;
        world
    })
    .await;
}

/// What whoever manages people is told of the mail server.
async fn state(world: &World, who: &Person) -> Value {
    let path = format!("/organizations/{}/mail", who.organization(world).await);
    who.get(world, &path).await.ok()
}

#[tokio::test]
async fn a_mail_server_that_turns_away_is_silent_or_dies_loses_nothing() {
    on_each_with(Mailbox::hurried, |world, mailbox| async move {
        let owner = world.owner().await;
        mailbox.is(Mood::TurnsAway);
        let wanted = json!({"role": "creator", "email": "mara@hut.example"});
        invite(&world, &owner, wanted).await;
        until("whoever invited sees why", async || {
            trouble(&world, &owner).await.contains("come back later")
        })
        .await;
        let told = state(&world, &owner).await;
        assert_eq!(told["trouble"], "turns_away");
        let since = told["since"].clone();
        assert!(since.is_string(), "{told}");
        mailbox.is(Mood::Silent);
        called_again(&world, &mailbox).await;
        let owner = anew(&world).await;
        until("it says nothing", async || {
            trouble(&world, &owner).await.contains("did not answer")
        })
        .await;
        let told = state(&world, &owner).await;
        assert_eq!(
            (&told["trouble"], &told["since"]),
            (&json!("silent"), &since)
        );
        mailbox.is(Mood::Dies);
        called_again(&world, &mailbox).await;
        until("it has it and does not say so", async || {
            !mailbox.lost().is_empty()
        })
        .await;
        mailbox.is(Mood::Takes);
        called_again(&world, &mailbox).await;
        letters(&mailbox, 1).await;
        let (lost, taken) = (mailbox.lost(), mailbox.taken());
        assert_eq!(
            taken[0].header("Message-ID"),
            lost[0].header("Message-ID"),
            "who gets both knows that they are one"
        );
        assert_eq!(taken[0].text(), lost[0].text());
        let owner = anew(&world).await;
        until("the trouble is over", async || {
            trouble(&world, &owner).await.is_empty()
        })
        .await;
        assert_eq!(
            state(&world, &owner).await,
            json!({"trouble": null, "since": null})
        );
        world.advance(DAY);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(mailbox.taken().len(), 1, "what was taken is not sent again");
        world
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_said_and_can_be_sent_again() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        mailbox.is(Mood::KnowsNobody);
        let wanted = json!({"role": "creator", "email": "mara@hut.example"});
        let path = invite(&world, &owner, wanted).await;
        until("the refusal is shown", async || {
            trouble(&world, &owner)
                .await
                .contains("nobody of that name")
        })
        .await;
        assert_eq!(
            state(&world, &owner).await["trouble"],
            Value::Null,
            "it is about one address, not about the mail server"
        );
        let calls = mailbox.calls();
        world.advance(DAY);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(
            mailbox.calls(),
            calls,
            "what is refused for good is not tried again"
        );
        mailbox.is(Mood::Takes);
        let owner = anew(&world).await;
        owner
            .post(&world, &format!("{path}/mail"), json!({}))
            .await
            .ok();
        let token = letters(&mailbox, 1).await[0].token("join");
        world.join(&token, "Mara", "mara@hut.example").await;
        world
    })
    .await;
}

#[tokio::test]
async fn who_forgot_a_password_sets_a_new_one_by_mail_once() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        let ask = |email: &str| json!({"email": email, "language": "en"});
        let known = world
            .post("/auth/reset/mail", ask(" OLGA@hut.example"))
            .await;
        let unknown = world
            .post("/auth/reset/mail", ask("nobody@hut.example"))
            .await;
        assert_eq!(
            (known.status.as_u16(), known.body),
            (204, Value::String(String::new()))
        );
        assert_eq!(
            (unknown.status.as_u16(), unknown.body),
            (204, Value::String(String::new()))
        );
        world
            .post("/auth/reset/mail", ask("olga@hut.example"))
            .await
            .ok();
        let both = letters(&mailbox, 2).await;
        assert!(both.iter().all(|l| l.to == "olga@hut.example"), "{both:?}");
        let [first, second] = [0, 1].map(|n| both[n].token("reset"));
        assert_ne!(first, second);
        let fresh = "a goat, two huts and some rain";
        let reset = |token: &str| json!({"token": token, "password": fresh});
        world.post("/auth/reset", reset(&first)).await.ok();
        owner
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        for used in [&first, &second] {
            world
                .post("/auth/reset", reset(used))
                .await
                .refused(422, "code_expired");
        }
        let sign_in = |password: &str| json!({"email": "olga@hut.example", "password": password});
        world
            .post("/auth/login", sign_in(PASSWORD))
            .await
            .refused(401, "wrong_credentials");
        world.post("/auth/login", sign_in(fresh)).await.ok();
        // One that nobody used in time, and one that came too late to be worth anything.
        world
            .post("/auth/reset/mail", ask("olga@hut.example"))
            .await
            .ok();
        let third = letters(&mailbox, 3).await[2].token("reset");
        world.advance(HOUR);
        world
            .post("/auth/reset", reset(&third))
            .await
            .refused(422, "code_expired");
        mailbox.is(Mood::TurnsAway);
        let calls = mailbox.calls();
        world
            .post("/auth/reset/mail", ask("olga@hut.example"))
            .await
            .ok();
        until("it is tried", async || mailbox.calls() > calls).await;
        mailbox.is(Mood::Takes);
        world.advance(2 * HOUR);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(mailbox.taken().len(), 3);
        world
    })
    .await;
}

#[tokio::test]
async fn nobodys_box_is_filled_and_whether_somebody_is_known_does_not_show() {
    on_each(|world, mailbox| async move {
        world.owner().await;
        for email in ["olga@hut.example", "nobody@hut.example"] {
            for _ in 0..5 {
                let ask = world.post("/auth/reset/mail", json!({"email": email}));
                assert_eq!(ask.await.status, 204);
            }
            let more = world
                .post("/auth/reset/mail", json!({"email": email}))
                .await;
            more.refused(429, "too_often");
        }
        let taken = letters(&mailbox, 5).await;
        assert!(taken.iter().all(|l| l.to == "olga@hut.example"));
        assert_eq!(taken.len(), 5);
        world
            .post("/auth/reset/mail", json!({"email": "no address"}))
            .await
            .refused(422, "invalid_input");
        world
    })
    .await;
}

/// A chain of one stage, in which owners decide.
async fn chained(world: &World, owner: &Person) -> (String, String) {
    let (persona, account) = voice(world, owner).await;
    let chain = uuid::Uuid::now_v7();
    let stage = json!({"name": "Editor", "approvers": [{"type": "role", "role": "owner"}], "quorum": {"type": "any"}, "conditions": [], "remind_after": [], "escalate_to": []});
    let policy =
        json!({"id": chain, "revision": 1, "name": "One look", "stages": [stage], "tolerance": 60});
    owner
        .change(world, json!({"type": "save_chain", "policy": policy}))
        .await
        .ok();
    let save = json!({"type": "save_persona", "id": persona, "profile": profile("Ridge Report"), "chain": chain});
    owner.change(world, save).await.ok();
    (persona, account)
}

async fn submit(world: &World, who: &Person, persona: &str, account: &str, text: &str) -> Value {
    let content = draft(world, who, persona, text).await;
    let aim = json!({"targets": [{"identity": account, "at": "2026-12-24T08:00:00Z", "zone": "Europe/Berlin"}]});
    let path = format!("/content/{content}/publish");
    let sent = send(world, who, Method::POST, &path, &[], Some(&aim)).await;
    sent.json().await.unwrap()
}

#[tokio::test]
async fn people_are_told_by_mail_what_concerns_them_and_only_when_they_want_it() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, account) = chained(&world, &owner).await;
        submit(&world, &mara, &persona, &account, "Snow came late.").await;
        world.advance(2 * MINUTE);
        assert_eq!(
            owner.me(&world).await["mail"],
            Value::Null,
            "off until somebody wants it"
        );
        for (who, language) in [(&owner, "en"), (&mara, "de")] {
            let set = who.ask(
                &world,
                Method::PUT,
                "/auth/mail",
                Some(json!({"language": language})),
            );
            assert_eq!(set.await.status, 204);
            assert_eq!(who.me(&world).await["mail"], language);
        }
        let sent = submit(&world, &mara, &persona, &account, "Snow\nstayed late.").await;
        let request = sent["request"].as_str().unwrap();
        // What comes together is one letter.
        submit(&world, &mara, &persona, &account, "The pass is open.").await;
        world.advance(MINUTE);
        let told = letters(&mailbox, 1).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].to, "olga@hut.example");
        assert_eq!(told[0].subject(), "2 messages from The hut");
        let text = told[0].text();
        let organization = owner.organization(&world).await;
        let link = format!("https://rostrum.example/#/in/{organization}/approvals/{request}");
        assert!(text.contains(&link), "{text}");
        assert!(text.contains("The pass is open."), "{text}");
        assert!(!text.contains("Snow came late."), "from before: {text}");

        let decide = format!("/requests/{request}/decisions");
        let no =
            json!({"hash": sent["hash"], "verdict": "request_changes", "comment": "Which pass?"});
        let decided = send(&world, &owner, Method::POST, &decide, &[], Some(&no)).await;
        assert_eq!(decided.status(), 201);
        world.advance(MINUTE);
        let told = letters(&mailbox, 2).await;
        assert_eq!((told.len(), told[1].to.as_str()), (2, "mara@hut.example"));
        assert!(told[1].subject().contains("Olga"), "{}", told[1].subject());
        assert!(told[1].text().contains("Which pass?"), "{}", told[1].text());
        assert!(told[1].text().contains("Einstellungen"), "in German");

        // Kinds that are off are off in letters too; and nothing more when it is off.
        let settings =
            json!({"type": "save_settings", "settings": {"muted": ["approval_pending"]}});
        let act = json!({"id": "settings", "act": settings});
        owner.post(&world, "/rpc/act", act).await.ok();
        submit(&world, &mara, &persona, &account, "A third one.").await;
        let off = mara.ask(
            &world,
            Method::PUT,
            "/auth/mail",
            Some(json!({"language": null})),
        );
        assert_eq!(off.await.status, 204);
        world.advance(5 * MINUTE);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(mailbox.taken().len(), 2);
        world
    })
    .await;
}

#[tokio::test]
async fn a_server_without_mail_says_so_and_gives_links() {
    crate::world::on_each(|world| async move {
        let owner = world.owner().await;
        let ways = world.ask(Method::GET, "/auth/ways", &[], None).await.ok();
        assert_eq!(ways["mail"], false);
        world
            .post("/auth/reset/mail", json!({"email": "olga@hut.example"}))
            .await
            .refused(403, "not_here");
        let on = Some(json!({"language": "en"}));
        owner
            .ask(&world, Method::PUT, "/auth/mail", on)
            .await
            .refused(403, "not_here");
        let wanted = json!({"role": "viewer", "email": "mara@hut.example"});
        let (token, made) = owner.invite(&world, wanted).await;
        assert_eq!(made["by_mail"], false);
        let id = made["invitation"]["id"].as_str().unwrap();
        let organization = owner.organization(&world).await;
        let path = format!("/organizations/{organization}/invitations/{id}/mail");
        owner
            .post(&world, &path, json!({}))
            .await
            .refused(403, "not_here");
        world.join(&token, "Mara", "mara@hut.example").await;
        world
    })
    .await;
}

#[tokio::test]
async fn a_password_is_given_to_a_mail_server_that_is_trusted_behind_tls_alone() {
    let mut databases = vec![None];
    databases.extend(db::testing::postgres_url().await.map(Some));
    for database in databases {
        for way in [Way::StartTls, Way::Tls] {
            let mailbox = Mailbox::open(way).await;
            let world = World::mailing(database.clone(), mailbox.post()).await;
            world.work().await;
            let owner = world.owner().await;
            let wanted = json!({"role": "viewer", "email": "mara@hut.example"});
            invite(&world, &owner, wanted).await;
            letters(&mailbox, 1).await;
            assert_eq!(mailbox.passwords(), 1);
            world.close().await;
            if database.is_some() {
                // One world to a database.
                break;
            }
        }
    }
    let without = Mailbox::open(Way::Plain).await;
    let odd = format!("smtp://olga:a%20b@{}", without.at);
    let odd = Post::new(&odd, "rostrum@hut.example", PUBLIC).unwrap();
    let (start, tls) = (
        Mailbox::open(Way::StartTls).await,
        Mailbox::open(Way::Tls).await,
    );
    for (mailbox, post) in [
        (&start, start.stranger()),
        (&tls, tls.stranger()),
        (&without, odd),
    ] {
        let world = World::mailing(None, post).await;
        world.work().await;
        let owner = world.owner().await;
        let wanted = json!({"role": "viewer", "email": "mara@hut.example"});
        invite(&world, &owner, wanted).await;
        until("it is told", async || {
            state(&world, &owner).await["trouble"] == "tls"
        })
        .await;
        assert_eq!((mailbox.passwords(), mailbox.taken().len()), (0, 0));
        world.close().await;
    }
}

#[tokio::test]
async fn quiet_hours_hold_letters_until_their_end_and_gather_them() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, account) = chained(&world, &owner).await;
        let told = |zone: &str| Some(json!({"language": "en", "zone": zone}));
        owner
            .ask(&world, Method::PUT, "/auth/mail", told("Mars/Olympus"))
            .await
            .refused(422, "invalid_input");
        let on = owner.ask(&world, Method::PUT, "/auth/mail", told("Europe/Berlin"));
        assert_eq!(on.await.status, 204);
        // It is 10:00 in Berlin.
        let quiet = json!({"quiet_hours": {"from": 9 * 60, "to": 10 * 60 + 10}});
        let act = json!({"id": "quiet", "act": {"type": "save_settings", "settings": quiet}});
        owner.post(&world, "/rpc/act", act).await.ok();
        submit(&world, &mara, &persona, &account, "In the quiet.").await;
        world.advance(5 * MINUTE);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(mailbox.taken().len(), 0);
        submit(&world, &mara, &persona, &account, "Still quiet.").await;
        world.advance(5 * MINUTE);
        let letter = letters(&mailbox, 1).await[0].clone();
        assert_eq!(letter.subject(), "2 messages from The hut");
        assert!(letter.text().contains("In the quiet."), "{}", letter.text());
        world
    })
    .await;
}

#[tokio::test]
async fn only_who_manages_people_is_told_of_the_mail_server() {
    on_each(|world, _| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let path = format!("/organizations/{}/mail", owner.organization(&world).await);
        mara.get(&world, &path).await.refused(403, "forbidden");
        let nobody = world.ask(Method::GET, &path, &[], None).await;
        assert_eq!(nobody.status, 401);
        world
    })
    .await;
}

#[tokio::test]
async fn nobody_has_letters_sent_to_one_address_without_end() {
    on_each(|world, mailbox| async move {
        let owner = world.owner().await;
        let wanted = json!({"role": "viewer", "email": "mara@hut.example"});
        for _ in 0..5 {
            invite(&world, &owner, wanted.clone()).await;
        }
        let path = format!(
            "/organizations/{}/invitations",
            owner.organization(&world).await
        );
        let more = owner.post(&world, &path, wanted).await;
        more.refused(429, "too_often");
        // Whoever the letters are to still gets one for a password that is forgotten.
        let ask = json!({"email": "olga@hut.example"});
        assert_eq!(world.post("/auth/reset/mail", ask).await.status, 204);
        letters(&mailbox, 6).await;
        world
    })
    .await;
}
