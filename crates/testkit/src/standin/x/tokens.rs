//! Codes that live for 30 seconds, tokens that end after two hours, refresh tokens that work once:
//! <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.

use std::collections::{BTreeMap, BTreeSet};

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::{Value, json};

use super::{CALLBACK, CLIENT, CLIENT_SECRET};

/// Two hours, in seconds.
const LIFE: i64 = 7_200;

/// How long a code lives, in milliseconds.
const CODE_LIFE: i64 = 30_000;

/// A code that a person's agreement brought.
struct Code {
    challenge: String,
    end: i64,
}

#[derive(Default)]
pub(super) struct Tokens {
    made: u32,
    codes: BTreeMap<String, Code>,
    /// What the person does not agree to.
    pub(super) withheld: Option<&'static str>,
    /// Access tokens with their ends, milliseconds.
    access: BTreeMap<String, i64>,
    refresh: BTreeSet<String>,
}

impl Tokens {
    pub(super) fn issue(&mut self, now: i64) -> (String, String) {
        self.made += 1;
        let (access, refresh) = (
            format!("access-{}", self.made),
            format!("refresh-{}", self.made),
        );
        self.access.insert(access.clone(), now + LIFE * 1_000);
        self.refresh.insert(refresh.clone());
        (access, refresh)
    }

    pub(super) fn takes(&self, access: &str, now: i64) -> bool {
        self.access.get(access).is_some_and(|end| now < *end)
    }

    pub(super) fn expire(&mut self) {
        self.access.clear();
    }

    pub(super) fn revoke(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }

    /// The person agrees: where the browser goes on to, or what is wrong with the question.
    pub(super) fn agree(
        &mut self,
        query: &BTreeMap<String, String>,
        now: i64,
    ) -> Result<String, &'static str> {
        let field = |name: &str| query.get(name).map_or("", String::as_str);
        if field("client_id") != CLIENT || field("redirect_uri") != CALLBACK {
            return Err("You weren't able to give access to the App.");
        }
        let sound = field("response_type") == "code"
            && field("code_challenge_method") == "S256"
            && !field("code_challenge").is_empty()
            && !field("state").is_empty()
            && field("scope").split(' ').any(|s| s == "offline.access");
        if !sound {
            return Err("Something went wrong.");
        }
        self.made += 1;
        let name = format!("code-{}", self.made);
        let code = Code {
            challenge: field("code_challenge").to_owned(),
            end: now + CODE_LIFE,
        };
        self.codes.insert(name.clone(), code);
        let answer = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", field("state"))
            .append_pair("code", &name)
            .finish();
        Ok(format!("{CALLBACK}?{answer}"))
    }

    fn redeems(&mut self, code: &str, verifier: &str, callback: &str, now: i64) -> bool {
        let code = self.codes.remove(code);
        if !(43..=128).contains(&verifier.len()) || callback != CALLBACK {
            return false;
        }
        let verifier = PkceCodeVerifier::new(verifier.to_owned());
        let hashed = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        code.is_some_and(|c| c.challenge == hashed.as_str() && now < c.end)
    }

    /// Answers the token endpoint; `basic` is the pair of the header.
    pub(super) fn answer(
        &mut self,
        form: &BTreeMap<String, String>,
        basic: Option<(String, String)>,
        now: i64,
    ) -> (u16, Value) {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let (id, secret) = basic.unwrap_or_else(|| (field("client_id").to_owned(), String::new()));
        if id != CLIENT || !(secret.is_empty() || secret == CLIENT_SECRET) {
            let words = "Missing valid authorization header";
            return (
                401,
                json!({"error": "unauthorized_client", "error_description": words}),
            );
        }
        let known = match field("grant_type") {
            "refresh_token" => self.refresh.remove(field("refresh_token")),
            "authorization_code" => {
                let (code, verifier) = (field("code"), field("code_verifier"));
                self.redeems(code, verifier, field("redirect_uri"), now)
            }
            _ => false,
        };
        if !known {
            let words = "Value passed for the token was invalid.";
            return (
                400,
                json!({"error": "invalid_request", "error_description": words}),
            );
        }
        let (access, refresh) = self.issue(now);
        let scopes = [
            "tweet.read",
            "tweet.write",
            "users.read",
            "media.write",
            "offline.access",
        ];
        let given = scopes.into_iter().filter(|s| Some(*s) != self.withheld);
        let answer = json!({
            "token_type": "bearer",
            "expires_in": LIFE,
            "access_token": access,
            "refresh_token": refresh,
            "scope": given.collect::<Vec<_>>().join(" "),
        });
        (200, answer)
    }
}
