//! The words of the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use server::Registration;
use server::ground::Place;
use server::proxies::Proxies;

/// Rostrum for an organization.
#[derive(Debug, Parser)]
#[command(name = "rostrum-server", version)]
pub(crate) struct Args {
    /// The data folder.
    #[arg(
        long,
        global = true,
        env = "ROSTRUM_SERVER_DATA",
        default_value = "rostrum-data"
    )]
    data: PathBuf,
    /// Where the keys and what must not lie in the data folder are kept.
    #[arg(long, global = true, env = "ROSTRUM_CONFIG_DIR")]
    config: Option<PathBuf>,
    /// The file of the key ring.
    #[arg(long, global = true, env = "ROSTRUM_SERVER_KEY_FILE")]
    keys: Option<PathBuf>,
    /// postgres://user:password@host:5432/name; without it, a file in the data folder.
    #[arg(
        long,
        global = true,
        env = "ROSTRUM_DATABASE_URL",
        hide_env_values = true
    )]
    database: Option<String>,
    /// Let services and pages in this server's own network be reached.
    #[arg(long, global = true, env = "ROSTRUM_LOCAL_SERVICES")]
    local_services: bool,
    /// Write the log as JSON, one object a line.
    #[arg(long, global = true, env = "ROSTRUM_LOG_JSON")]
    pub(crate) json_log: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Where things are.
    pub(crate) fn place(&self) -> Place {
        let config = self.config.clone().or_else(app::folder::config_folder);
        Place {
            data: self.data.clone(),
            config: config.unwrap_or_else(|| self.data.with_extension("config")),
            keys: self.keys.clone(),
            database: self.database.clone(),
            local_services: self.local_services,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve people and programs, and do the background work.
    Serve(Serve),
    /// Do the background work only; several may share one PostgreSQL.
    Worker(Worker),
    /// Bring the tables up to date.
    Migrate,
    /// What whoever keeps the server does.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen.
    #[arg(long, env = "ROSTRUM_LISTEN", default_value = "127.0.0.1:8440")]
    pub(crate) listen: SocketAddr,
    /// Where people reach it; without it, where it listens.
    #[arg(long, env = "ROSTRUM_PUBLIC_URL")]
    pub(crate) public: Option<String>,
    /// The folder of the built window.
    #[arg(long, env = "ROSTRUM_UI")]
    pub(crate) ui: Option<PathBuf>,
    /// Who may make a login.
    #[arg(long, env = "ROSTRUM_REGISTRATION", default_value = "invite")]
    pub(crate) registration: Registration,
    /// Proxies of yours before it, such as 127.0.0.1 or 10.1.0.0/16, with commas in between: their
    /// X-Forwarded-For is believed, and nobody else's.
    #[arg(long, env = "ROSTRUM_TRUSTED_PROXIES", default_value = "")]
    pub(crate) trusted_proxies: Proxies,
    /// Where figures for Prometheus are served, such as 127.0.0.1:9440; without it, nowhere.
    #[arg(long, env = "ROSTRUM_METRICS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Leave the background work to workers.
    #[arg(long)]
    pub(crate) no_work: bool,
    /// The name of the first organization, while there is none.
    #[arg(long, default_value = "Our organization")]
    pub(crate) organization: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Worker {
    /// Where figures for Prometheus are served, such as 127.0.0.1:9440; without it, nowhere.
    #[arg(long, env = "ROSTRUM_METRICS")]
    pub(crate) metrics: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Make an organization; prints what invites its owner.
    CreateOrganization {
        /// Its name.
        name: String,
        /// Where people reach the server, for the link.
        #[arg(
            long,
            env = "ROSTRUM_PUBLIC_URL",
            default_value = "http://127.0.0.1:8440"
        )]
        public: String,
    },
    /// Let somebody choose a new password; prints the link. Ends their sign-ins when used.
    ResetLogin {
        /// Their address.
        email: String,
        /// Take the second factor away too.
        #[arg(long)]
        second_factor: bool,
        /// Where people reach the server, for the link.
        #[arg(
            long,
            env = "ROSTRUM_PUBLIC_URL",
            default_value = "http://127.0.0.1:8440"
        )]
        public: String,
    },
    /// Let a restored or copied server send: what another copy may have sent is asked about first.
    /// Stop every process of the server before, and make sure that the old one is off.
    Release,
    /// Put a new key before the others, and seal every secret under it.
    RotateKeys,
    /// Check that the history of every organization follows from its first entry.
    VerifyAudit,
    /// Write everything that is known of somebody into ZIP archives, one for each organization.
    Export {
        /// Their address, or their id in an organization.
        #[arg(long)]
        person: String,
        /// The folder for the archives.
        #[arg(long)]
        to: PathBuf,
    },
}
