//! Who comes in, and what proves it.

use domain::time::{DAY, MINUTE, SECOND};
use reqwest::Method;
use serde_json::json;

use crate::world::{PASSWORD, Person, on_each};

#[tokio::test]
async fn an_invitation_lets_one_person_in_once() {
    on_each(|world| async move {
        let seen = world
            .post("/auth/invitation", json!({"invitation": world.first}))
            .await
            .ok();
        assert_eq!(
            (seen["organization"].as_str(), seen["role"].as_str()),
            (Some("The hut"), Some("owner"))
        );
        let owner = world.owner().await;
        let again = json!({"name": "Eve", "email": "eve@x.example", "password": PASSWORD, "invitation": world.first});
        world.post("/auth/register", again).await.refused(422, "code_expired");
        // One for an address is for nobody else; one that was taken back, or is old, for nobody.
        let organization = owner.organization(&world).await;
        let path = format!("/organizations/{organization}/invitations");
        let wanted = json!({"role": "creator", "email": "Mara@Hut.example"});
        let (token, made) = owner.invite(&world, wanted).await;
        let eve = json!({"name": "Eve", "email": "eve@x.example", "password": PASSWORD, "invitation": token});
        world.post("/auth/register", eve.clone()).await.refused(403, "forbidden");
        let id = made["invitation"]["id"].as_str().unwrap();
        let gone = owner.ask(&world, Method::DELETE, &format!("{path}/{id}"), None).await;
        assert_eq!(gone.status, 204);
        let mara = json!({"name": "Mara", "email": "mara@hut.example", "password": PASSWORD, "invitation": token});
        world.post("/auth/register", mara).await.refused(422, "code_expired");
        let (token, _) = owner.invite(&world, json!({"role": "creator"})).await;
        world.advance(8 * DAY);
        let late = json!({"name": "Mara", "email": "mara@hut.example", "password": PASSWORD, "invitation": token});
        world.post("/auth/register", late).await.refused(422, "code_expired");
        world
    })
    .await;
}

#[tokio::test]
async fn a_login_joins_a_second_organization_and_a_known_address_no_second_login() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let founder = world.founder("Fred", "fred@x.example").await;
        let organization = owner.organization(&world).await;
        let (token, _) = owner.invite(&world, json!({"role": "viewer"})).await;
        let twice = json!({"name": "Fred", "email": "FRED@x.example", "password": PASSWORD, "invitation": token});
        world.post("/auth/register", twice).await.refused(409, "conflict");
        let joined = founder.post(&world, "/auth/join", json!({"invitation": token})).await;
        assert_eq!(joined.status, 201, "{joined:?}");
        let me = founder.me(&world).await;
        let places = me["organizations"].as_array().unwrap();
        assert_eq!(places.len(), 2);
        let there = places.iter().find(|p| p["organization"] == organization.as_str());
        assert_eq!(there.unwrap()["role"], "viewer");
        world
    })
    .await;
}

#[tokio::test]
async fn only_the_right_password_lets_in_and_wrong_ones_cost_time() {
    on_each(|world| async move {
        world.owner().await;
        let sign_in = |email: &str, password: &str| json!({"email": email, "password": password});
        let right = sign_in("OLGA@hut.example ", PASSWORD);
        world.post("/auth/login", right.clone()).await.ok();
        // Whether somebody is known does not show.
        let unknown = world
            .post("/auth/login", sign_in("nobody@hut.example", PASSWORD))
            .await;
        let wrong = world
            .post(
                "/auth/login",
                sign_in("olga@hut.example", "wrong horse battery"),
            )
            .await;
        unknown.refused(401, "wrong_credentials");
        wrong.refused(401, "wrong_credentials");
        assert_eq!(unknown.body["message"], wrong.body["message"]);
        for _ in 0..4 {
            world
                .post(
                    "/auth/login",
                    sign_in("olga@hut.example", "wrong horse battery"),
                )
                .await
                .refused(401, "wrong_credentials");
        }
        // The fifth locked it: now even the right one waits.
        let locked = world.post("/auth/login", right.clone()).await;
        locked.refused(429, "too_often");
        world.advance(31 * SECOND);
        world.post("/auth/login", right.clone()).await.ok();
        // And whoever tries on and on is not looked at at all.
        for _ in 0..12 {
            world
                .post("/auth/login", sign_in("nobody@hut.example", "x"))
                .await;
        }
        world
            .post("/auth/login", sign_in("nobody@hut.example", "x"))
            .await
            .refused(429, "too_often");
        world.advance(6 * MINUTE);
        world.post("/auth/login", right).await.ok();
        world
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_works_once_and_a_reused_one_ends_the_session() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let renew = |token: &str| json!({"refresh": token});
        let next = world
            .post("/auth/refresh", renew(&owner.refresh))
            .await
            .ok();
        let second = Person::of(&next);
        assert_ne!(second.refresh, owner.refresh);
        // Two windows at once: the one before still answers for a moment, with nothing new.
        let together = world
            .post("/auth/refresh", renew(&owner.refresh))
            .await
            .ok();
        assert!(together["refresh"].is_null());
        world.advance(16 * SECOND);
        let third = Person::of(
            &world
                .post("/auth/refresh", renew(&second.refresh))
                .await
                .ok(),
        );
        world.advance(16 * SECOND);
        // What this server did not make ends nothing.
        let mut forged = third.refresh.clone();
        forged.pop();
        world
            .post("/auth/refresh", renew(&forged))
            .await
            .refused(401, "signed_out");
        third.me(&world).await;
        // The first one, long used, shows that somebody else has it: nobody goes on.
        world
            .post("/auth/refresh", renew(&owner.refresh))
            .await
            .refused(401, "signed_out");
        third
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        world
            .post("/auth/refresh", renew(&third.refresh))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}

#[tokio::test]
async fn an_access_token_ends_and_a_session_that_is_not_used_too() {
    on_each(|world| async move {
        let owner = world.owner().await;
        world.advance(11 * MINUTE);
        owner
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        let renewed = world
            .post("/auth/refresh", json!({"refresh": owner.refresh}))
            .await
            .ok();
        let renewed = Person::of(&renewed);
        renewed.me(&world).await;
        world.advance(31 * DAY);
        world
            .post("/auth/refresh", json!({"refresh": renewed.refresh}))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}

#[tokio::test]
async fn signing_out_and_a_new_password_end_what_they_should() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let sign_in = json!({"email": "olga@hut.example", "password": PASSWORD});
        let other = Person::of(&world.post("/auth/login", sign_in.clone()).await.ok());
        let listed = owner.get(&world, "/auth/sessions").await.ok();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        let gone = other.post(&world, "/auth/logout", json!({})).await;
        assert_eq!(gone.status, 204);
        other
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        let other = Person::of(&world.post("/auth/login", sign_in.clone()).await.ok());
        let change = |old: &str, new: &str| json!({"old": old, "new": new});
        owner
            .post(
                &world,
                "/auth/password",
                change("not my password at all", "a goat, two huts, rain"),
            )
            .await
            .refused(401, "wrong_credentials");
        owner
            .post(
                &world,
                "/auth/password",
                change(PASSWORD, "olga@hut.example"),
            )
            .await
            .refused(422, "invalid_input");
        let changed = owner
            .post(
                &world,
                "/auth/password",
                change(PASSWORD, "a goat, two huts, rain"),
            )
            .await;
        assert_eq!(changed.status, 204, "{changed:?}");
        owner.me(&world).await;
        other
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        world
            .post("/auth/login", sign_in)
            .await
            .refused(401, "wrong_credentials");
        // Somebody else's session cannot be ended.
        let fred = world.founder("Fred", "fred@x.example").await;
        let mine = owner.get(&world, "/auth/sessions").await.ok();
        let id = mine[0]["id"].as_str().unwrap();
        fred.ask(
            &world,
            Method::DELETE,
            &format!("/auth/sessions/{id}"),
            None,
        )
        .await
        .refused(404, "not_found");
        world
    })
    .await;
}

pub(crate) fn code_of(secret: &str, at: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new()
        .with_secret(secret.as_bytes().to_vec())
        .with_account_name("x")
        .with_issuer(Some("x"))
        .build()
        .unwrap();
    app.generate(u64::try_from(at / 1000).unwrap()).to_string()
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_works_once() {
    on_each(|world| async move {
        let owner = world.owner().await;
        owner
            .post(&world, "/auth/mfa/totp", json!({"password": "not it at all"}))
            .await
            .refused(401, "wrong_credentials");
        let begun = owner
            .post(&world, "/auth/mfa/totp", json!({"password": PASSWORD}))
            .await
            .ok();
        let secret = begun["secret"].as_str().unwrap();
        // Nothing is asked for before a code was right.
        let sign_in = |code: Option<&str>| json!({"email": "olga@hut.example", "password": PASSWORD, "code": code});
        world.post("/auth/login", sign_in(None)).await.ok();
        owner
            .post(&world, "/auth/mfa/totp/confirm", json!({"code": "000000"}))
            .await
            .refused(401, "wrong_credentials");
        let code = code_of(secret, world.server.now().0);
        let confirmed = owner
            .post(&world, "/auth/mfa/totp/confirm", json!({"code": code}))
            .await
            .ok();
        let codes = confirmed["recovery_codes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        world.post("/auth/login", sign_in(None)).await.refused(401, "second_factor");
        // The one that confirmed was used.
        world.post("/auth/login", sign_in(Some(&code))).await.refused(401, "wrong_credentials");
        world.advance(31 * SECOND);
        let code = code_of(secret, world.server.now().0);
        world.post("/auth/login", sign_in(Some(&code))).await.ok();
        world.post("/auth/login", sign_in(Some(&code))).await.refused(401, "wrong_credentials");
        // A recovery code, as somebody types it, once.
        let recovery = codes[0].as_str().unwrap().to_lowercase().replace('-', " ");
        world.post("/auth/login", sign_in(Some(&recovery))).await.ok();
        world.post("/auth/login", sign_in(Some(&recovery))).await.refused(401, "wrong_credentials");
        assert_eq!(owner.me(&world).await["recovery_codes"], 9);
        world.advance(6 * MINUTE);
        let code = code_of(secret, world.server.now().0);
        let taken = json!({"password": PASSWORD, "code": code});
        let gone = owner.post(&world, "/auth/mfa/totp/remove", taken).await;
        assert_eq!(gone.status, 204, "{gone:?}");
        world.post("/auth/login", sign_in(None)).await.ok();
        world
    })
    .await;
}

#[tokio::test]
async fn a_browser_keeps_its_tokens_where_no_script_and_no_other_site_reaches_them() {
    on_each(|world| async move {
        world.owner().await;
        let sign_in = json!({"email": "olga@hut.example", "password": PASSWORD, "cookie": true});
        let opened = world.post("/auth/login", sign_in).await;
        assert!(opened.body["access"].is_null() && opened.body["refresh"].is_null());
        assert_eq!(opened.cookies.len(), 2);
        for cookie in &opened.cookies {
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
                "{cookie}"
            );
        }
        let pair: Vec<&str> = opened
            .cookies
            .iter()
            .map(|c| c.split(';').next().unwrap())
            .collect();
        let cookie = pair.join("; ");
        let host = world.address.trim_start_matches("http://").to_owned();
        let query = || Some(json!({"type": "people"}));
        let from = |name: &'static str, value: &str| {
            vec![
                ("cookie".to_owned(), cookie.clone()),
                (name.to_owned(), value.to_owned()),
            ]
        };
        let ask = async |headers: Vec<(String, String)>| {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            world
                .ask(Method::POST, "/rpc/query", &headers, query())
                .await
        };
        ask(from("sec-fetch-site", "same-origin")).await.ok();
        ask(from("origin", &format!("http://{host}"))).await.ok();
        ask(from("sec-fetch-site", "cross-site"))
            .await
            .refused(403, "forbidden");
        ask(from("sec-fetch-site", "same-site"))
            .await
            .refused(403, "forbidden");
        ask(from("origin", "https://evil.example"))
            .await
            .refused(403, "forbidden");
        ask(vec![("cookie".to_owned(), cookie.clone())])
            .await
            .refused(403, "forbidden");
        let renewed = world
            .ask(
                Method::POST,
                "/auth/refresh",
                &[("cookie", &cookie)],
                Some(json!({})),
            )
            .await;
        assert!(
            renewed.status.is_success() && renewed.cookies.len() == 2,
            "{renewed:?}"
        );
        world
    })
    .await;
}
