//! The way in to the server of an organization: what is at an address, and a sign-in that is not
//! anybody's line yet.

use std::sync::Arc;

use domain::ids::OrganizationId;
use networks::{AccountSecret, Http};
use protocol::act::Sensitive;
use protocol::views::{Invited, ServerPlace};
use protocol::{Code, Problem};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::NoAnswer;
use super::line::{self, Opened, Place, kept_under};
use crate::secrets::{SecretError, SecretStore};

/// Where a person wants to go, as they typed it.
#[derive(Clone, Debug)]
pub(crate) struct Whereto {
    /// The server.
    pub(crate) server: Url,
    /// The token of an invitation, where it was the link of one.
    pub(crate) invitation: Option<Sensitive>,
}

impl Whereto {
    /// Reads an address or the link of an invitation.
    ///
    /// # Errors
    /// `invalid_input` on `address`.
    pub(crate) fn read(http: &Http, typed: &str) -> Result<Self, Problem> {
        let typed = typed.trim();
        let handed = of_a_deep_link(typed);
        let typed = handed.as_deref().unwrap_or(typed);
        let server = http
            .server_address(typed)
            .map_err(|e| crate::act::network_problem(&e))?;
        // What is typed there are passwords: without TLS only where no network lies between.
        if server.scheme() != "https" && !is_this_machine(&server) {
            let words = "The address must begin with https://, or lead to this computer.";
            return Err(Problem::new(Code::InvalidInput, words).with_field("address", "not_https"));
        }
        // What stands before an @ can look like another address, and is no part of one here.
        if !server.username().is_empty() || server.password().is_some() {
            let words = "The address of a server has no name and no password in it.";
            return Err(
                Problem::new(Code::InvalidInput, words).with_field("address", "not_an_address")
            );
        }
        let invitation = typed.split_once("#/join/").map(|(_, token)| token.trim());
        Ok(Self {
            server,
            invitation: invitation.map(|token| Sensitive(token.to_owned())),
        })
    }

    /// Which organization the invitation is to: its token says so openly.
    pub(crate) fn invited_to(&self) -> Option<OrganizationId> {
        let (organization, _) = self.invitation.as_ref()?.0.split_once('.')?;
        organization.parse().ok()
    }
}

/// `rostrum://join?link=LINK`, as another program hands it over.
fn of_a_deep_link(typed: &str) -> Option<String> {
    let url = Url::parse(typed).ok().filter(|u| u.scheme() == "rostrum")?;
    let (_, link) = url.query_pairs().find(|(name, _)| name == "link")?;
    Some(link.into_owned())
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Makes sure that a server of ours answers there.
///
/// # Errors
/// `unreachable`, `not_a_server`, `too_often`.
pub(crate) async fn look(http: &Http, server: &Url) -> Result<(), Problem> {
    let asked = line::at(server, "auth/me")?;
    let said = http.exchange(asked, None, None, None).await;
    let said = said.map_err(NoAnswer::Unreachable)?;
    let code = said.body.get("code").and_then(Value::as_str);
    match (said.status, code) {
        // Whom it does not know it tells so in our own words.
        (401, Some(code)) if code == Code::SignedOut.as_str() => Ok(()),
        (429 | 503, _) => Err(NoAnswer::Later(None).into()),
        _ => Err(Problem::new(
            Code::NotAServer,
            "Something answers at this address, but it is no organization server of Rostrum. Check \
             the address.",
        )),
    }
}

/// What an invitation is to.
///
/// # Errors
/// `code_expired` when it does not work (any more), and as [`look`].
pub(crate) async fn invited(
    http: &Http,
    server: &Url,
    token: &Sensitive,
) -> Result<Invited, Problem> {
    let given = json!({"invitation": token});
    Ok(line::post(http, server, "auth/invitation", None, &given).await?)
}

/// Somebody who signed in to a server.
pub(crate) struct Session {
    server: Url,
    opened: Opened,
}

/// Address, password, and the code of a second factor.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: Sensitive,
    pub(crate) code: Option<Sensitive>,
}

impl Session {
    /// Signs in.
    ///
    /// # Errors
    /// `wrong_credentials`, `second_factor`, `too_often`, `unreachable`.
    pub(crate) async fn open(http: &Http, server: &Url, login: &Login) -> Result<Self, Problem> {
        let given = json!({"email": login.email, "password": login.password, "code": login.code});
        Self::from(http, server, "auth/login", &given).await
    }

    /// Makes a login by an invitation, and is signed in then.
    ///
    /// # Errors
    /// `code_expired`, `conflict` when there is a login already, `forbidden` when the invitation is
    /// for another address, `invalid_input` by field, `too_often`, `unreachable`.
    pub(crate) async fn register(
        http: &Http,
        server: &Url,
        login: &Login,
        (name, token): (&str, &Sensitive),
    ) -> Result<Self, Problem> {
        let given = json!({
            "name": name,
            "email": login.email,
            "password": login.password,
            "invitation": token,
        });
        Self::from(http, server, "auth/register", &given).await
    }

    async fn from(http: &Http, server: &Url, path: &str, given: &Value) -> Result<Self, Problem> {
        Ok(Self {
            server: server.clone(),
            opened: line::post(http, server, path, None, given).await?,
        })
    }

    /// The organizations of the login.
    ///
    /// # Errors
    /// `unreachable`.
    pub(crate) async fn places(&self, http: &Http) -> Result<Vec<ServerPlace>, Problem> {
        let places = line::places(http, &self.server, &self.opened.access).await?;
        Ok(places.into_iter().map(ServerPlace::from).collect())
    }

    /// Comes in to an organization by an invitation.
    ///
    /// # Errors
    /// `code_expired`, `forbidden` when it is for another address, `conflict` when the login
    /// belongs to it already.
    pub(crate) async fn come_in(
        &self,
        http: &Http,
        token: &Sensitive,
    ) -> Result<OrganizationId, Problem> {
        #[derive(Deserialize)]
        struct In {
            organization: OrganizationId,
        }
        let given = json!({"invitation": token});
        let access = Some(self.opened.access.as_str());
        let done: In = line::post(http, &self.server, "auth/join", access, &given).await?;
        Ok(done.organization)
    }

    /// Keeps it for the line of an organization.
    ///
    /// # Errors
    /// When no place keeps it.
    pub(crate) async fn keep(
        &self,
        secrets: &Arc<dyn SecretStore>,
        organization: OrganizationId,
    ) -> Result<(), Problem> {
        let refresh = self.opened.refresh.as_deref().unwrap_or_default();
        let secret = AccountSecret::new(refresh.to_owned());
        Ok(secrets.set(kept_under(organization), &secret).await?)
    }

    /// Signs out. What the server does not hear of ends by itself.
    pub(crate) async fn end(self, http: &Http) {
        end(http, &self.server, &self.opened.access).await;
    }
}

impl From<Place> for ServerPlace {
    fn from(place: Place) -> Self {
        Self {
            organization: place.organization,
            organization_name: place.organization_name,
            person: place.person,
            name: place.name,
            role: place.role,
        }
    }
}

/// Ends a session. What the server does not hear of ends by itself.
pub(super) async fn end(http: &Http, server: &Url, access: &str) {
    let Ok(url) = line::at(server, "auth/logout") else {
        return;
    };
    let nothing = json!({});
    let said = http.exchange(url, Some(access), None, Some(&nothing));
    if let Err(why) = said.await {
        tracing::debug!(%why, "the server was not told of a sign-out");
    }
}

/// Forgets the refresh token of an organization's line.
///
/// # Errors
/// When the place where it is kept cannot be asked.
pub(crate) async fn forget(
    secrets: &Arc<dyn SecretStore>,
    organization: OrganizationId,
) -> Result<(), SecretError> {
    secrets.delete(kept_under(organization)).await
}

#[cfg(test)]
mod tests {
    use networks::HttpOptions;

    use super::*;

    fn read(typed: &str) -> Result<Whereto, Problem> {
        Whereto::read(&Http::new(HttpOptions::default()).unwrap(), typed)
    }

    #[test]
    fn an_address_or_a_link_leads_to_its_server() {
        let id = OrganizationId(uuid::Uuid::from_u128(7));
        let token = format!("{}.x.secret", id.0.simple());
        let link = format!("https://rostrum.example.org/#/join/{token}");
        let handed = format!("rostrum://join?link={}", link.replace('#', "%23"));
        for typed in [&link, &handed] {
            let to = read(typed).unwrap();
            assert_eq!(to.server.as_str(), "https://rostrum.example.org/");
            assert_eq!(to.invited_to(), Some(id), "{typed}");
            assert_eq!(to.invitation, Some(Sensitive(token.clone())));
        }
        for plain in [
            " rostrum.example.org ",
            "https://rostrum.example.org/any#where",
        ] {
            let to = read(plain).unwrap();
            assert_eq!(to.server.as_str(), "https://rostrum.example.org/");
            assert!(to.invitation.is_none(), "{plain}");
        }
    }

    #[test]
    fn an_address_that_looks_like_another_is_refused() {
        for typed in [
            "https://rostrum.example.org@evil.example/#/join/x",
            "rostrum://join?link=https://rostrum.example.org@evil.example/%23/join/x",
            "https://olga:secret@rostrum.example.org",
        ] {
            assert_eq!(read(typed).unwrap_err().code, Code::InvalidInput, "{typed}");
        }
    }

    #[test]
    fn passwords_go_without_tls_to_this_computer_alone() {
        for fine in [
            "http://127.0.0.1:8440",
            "http://localhost:8440",
            "http://[::1]:8440",
        ] {
            assert!(read(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://rostrum.example.org",
            "http://192.168.1.20:8440",
            "ftp://rostrum.example.org",
            "",
            "no address",
        ] {
            let refused = read(wrong).unwrap_err();
            assert_eq!(refused.code, Code::InvalidInput, "{wrong}");
            assert!(refused.fields.contains_key("address"), "{wrong}");
        }
    }
}
