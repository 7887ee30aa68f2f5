//! The words of the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Rostrum's core without a window.
///
/// Exit status: 0 done, 1 refused (with the problem's code), 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "rostrumctl", version)]
pub(crate) struct Args {
    /// The data folder.
    #[arg(long, global = true, env = "ROSTRUM_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Who is at this terminal (a name or an id), instead of the person who uses this computer.
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub by: Option<String>,
    /// The language of answers for people; that of the system when absent (`LC_ALL`,
    /// `LC_MESSAGES`, `LANG`).
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Lang {
    En,
    De,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a data folder.
    Init {
        /// The name of its first person; the login's name when absent.
        #[arg(long)]
        name: Option<String>,
    },
    /// People.
    #[command(subcommand)]
    Person(Person),
    /// Personas.
    #[command(subcommand)]
    Persona(Persona),
    /// Accounts on networks.
    #[command(subcommand)]
    Account(Account),
    /// Write a post and submit it.
    Post(Post),
    /// Approve what waits: a request's or a content's id. Say what you have looked at, or on a
    /// terminal look at it here and answer.
    Approve {
        /// Which.
        id: String,
        #[command(flatten)]
        seen: Seen,
        /// What to say.
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Ask for changes.
    RequestChanges {
        /// Which.
        id: String,
        /// What is to change.
        #[arg(long)]
        comment: String,
    },
    /// Refuse.
    Reject {
        /// Which.
        id: String,
        /// Why.
        #[arg(long)]
        comment: String,
    },
    /// Contents, newest change first.
    List {
        /// Only in this state.
        #[arg(long)]
        status: Option<String>,
        /// Only with these words.
        #[arg(long)]
        search: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One content with its deliveries.
    Show {
        /// Which.
        id: String,
    },
    /// Take back what has not gone out: a content's or a delivery's id.
    Cancel {
        /// Which.
        id: String,
    },
    /// Put a text, or the newest version, in the place of what is live, once it is approved.
    Update(Update),
    /// Delete what is live from its networks.
    Delete {
        /// Which content.
        id: String,
        /// Only from this account.
        #[arg(long, value_name = "HANDLE")]
        to: Option<String>,
    },
    /// Delete what is live at one account, and make a draft of it.
    Redraft {
        /// Which content.
        id: String,
        /// At this account; need not be said where there is one only.
        #[arg(long, value_name = "HANDLE")]
        to: Option<String>,
    },
    /// Runs of workflows, newest first.
    Runs {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One run.
    #[command(subcommand)]
    Run(Run),
    /// The background runtime in the foreground.
    Work {
        /// End when nothing is due.
        #[arg(long)]
        until_idle: bool,
    },
    /// Make a backup.
    Backup {
        /// Where.
        file: PathBuf,
    },
    /// Put a backup in the place of the data folder, which is kept beside it.
    Restore {
        /// Which.
        file: PathBuf,
    },
    /// "This computer sends now", after a restore or a copy.
    Release,
    /// Whether the history is complete, unchanged, and the one that this computer saw last.
    Verify,
    /// How long a text is, as the sender counts.
    Count {
        /// On which network.
        #[arg(long)]
        network: String,
        /// The text; `-` for standard input.
        #[arg(long)]
        text_file: PathBuf,
    },
    /// What the assistant's methods say of data of one's own, as JSON; needs no data folder.
    Assist {
        /// What is asked.
        #[arg(value_enum)]
        task: AssistTask,
        /// A file; standard input when absent.
        #[arg(default_value = "-")]
        file: PathBuf,
    },
    /// Let programs that act for a person read, draft and ask for approval: a server of the Model
    /// Context Protocol on standard input and output.
    Mcp,
    /// Any change as JSON: a `Mutation`, or a `Call` with its id.
    Mutate {
        /// A file; `-` for standard input.
        file: PathBuf,
    },
    /// Any read as JSON.
    Query {
        /// A file; `-` for standard input.
        file: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Update {
    /// Which content.
    pub id: String,
    /// The new text; without one, the newest version.
    #[arg(long, conflicts_with = "text_file")]
    pub text: Option<String>,
    /// A file with the new text; `-` for standard input.
    #[arg(long)]
    pub text_file: Option<PathBuf>,
    /// Only at this account.
    #[arg(long, value_name = "HANDLE")]
    pub to: Option<String>,
    /// Ask this chain for the new text, beside the persona's own.
    #[arg(long)]
    pub chain: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AssistTask {
    /// Terms that rise in feeds.
    Trends,
    /// Which trends are for a persona.
    Relevance,
    /// The best hours of the week.
    Besttime,
    /// What a post can be expected to get.
    Range,
    /// Days that rise or fall beyond what is usual.
    Unusual,
    /// Which of two variants readers take to.
    Variants,
    /// The order of suggestions, after what became of others.
    Suggestions,
    /// Whether one text is a copy of the other.
    Similar,
    /// Hashtags for drafts.
    Hashtags,
    /// The language of texts.
    Language,
    /// How easy texts are to read.
    Readability,
    /// What texts are about.
    Phrases,
}

/// What was looked at, as `show` names it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Seen {
    /// The number of the version.
    #[arg(long, value_name = "N")]
    pub version: Option<u32>,
    /// The beginning of the version's hash, at least 8 digits.
    #[arg(long, value_name = "DIGITS")]
    pub hash: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Person {
    /// Add somebody.
    Add {
        /// Their name.
        #[arg(long)]
        name: String,
        /// What they are.
        #[arg(long, value_enum, default_value_t = Role::Creator)]
        role: Role,
    },
    /// Everybody.
    List,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    Viewer,
    Creator,
    Approver,
    Admin,
    Owner,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Persona {
    /// Add one.
    Add {
        /// Its name.
        #[arg(long)]
        name: String,
        /// IANA zone of its slots.
        #[arg(long, default_value = "UTC")]
        zone: String,
        /// Main language.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// All.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Connect one.
    Add(AccountAdd),
    /// All.
    List,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AccountAdd {
    /// Whose.
    #[arg(long)]
    pub persona: String,
    /// On which network.
    #[arg(long)]
    pub network: String,
    /// The local site's folder.
    #[arg(long)]
    pub path: Option<PathBuf>,
    /// By which way, where the network has several; the first one when absent.
    #[arg(long)]
    pub method: Option<String>,
    /// The service's address, such as that of a Mastodon server.
    #[arg(long, visible_alias = "instance", value_name = "URL")]
    pub service: Option<String>,
    /// The account's handle.
    #[arg(long)]
    pub handle: Option<String>,
    /// Ask nothing: what the browser brings is connected if it is the account of --handle.
    #[arg(long)]
    pub yes: bool,
    /// Read the app password from standard input.
    #[arg(long)]
    pub app_password_stdin: bool,
    /// Read an access token from standard input.
    #[arg(long, conflicts_with = "app_password_stdin")]
    pub token_stdin: bool,
    /// Something else that the way asks for; may be given several times.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = named)]
    pub fields: Vec<(String, String)>,
}

fn named(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Post {
    /// In whose voice.
    #[arg(long)]
    pub persona: String,
    /// The text.
    #[arg(long, conflicts_with = "text_file", required_unless_present_any = ["text_file", "media"])]
    pub text: Option<String>,
    /// A file with the text; `-` for standard input.
    #[arg(long)]
    pub text_file: Option<PathBuf>,
    /// A title, for networks that have titles.
    #[arg(long, default_value = "")]
    pub title: String,
    /// A picture; may be given several times.
    #[arg(long)]
    pub media: Vec<PathBuf>,
    /// What the picture shows, in the order of `--media`.
    #[arg(long)]
    pub alt: Vec<String>,
    /// To this account; all connected ones of the persona when absent.
    #[arg(long, value_name = "HANDLE")]
    pub to: Vec<String>,
    /// When, such as 2026-11-25T11:30:00+01:00; as soon as approved when absent.
    #[arg(long, conflicts_with = "now", value_name = "RFC3339")]
    pub at: Option<String>,
    /// As soon as approved.
    #[arg(long)]
    pub now: bool,
    /// How late it may go out on its own, in minutes.
    #[arg(long)]
    pub grace: Option<u32>,
    /// Give it to the network ahead of its time, where the network keeps that.
    #[arg(long, conflicts_with = "now")]
    pub hand_off: bool,
    /// Ask this chain, beside the persona's own.
    #[arg(long)]
    pub chain: Option<String>,
    /// Only save it.
    #[arg(long)]
    pub draft: bool,
    #[command(flatten)]
    pub options: PostOptions,
}

/// What a network lacks of these is refused, or said where it only reads on without it.
#[derive(Debug, ClapArgs)]
pub(crate) struct PostOptions {
    /// Who may read it; the account's own default when absent.
    #[arg(long, value_enum)]
    pub visibility: Option<Visibility>,
    /// A line that readers see first, with the post behind a click.
    #[arg(long, default_value = "", value_name = "LINE")]
    pub content_warning: String,
    /// A poll below the text; give all its choices.
    #[arg(long, num_args = 2.., value_name = "CHOICE")]
    pub poll: Vec<String>,
    /// How long the poll takes votes.
    #[arg(
        long,
        default_value_t = 1440,
        requires = "poll",
        value_name = "MINUTES"
    )]
    pub poll_minutes: u32,
    /// Who may reply.
    #[arg(long, value_enum)]
    pub replies: Option<Replies>,
    /// A post to quote, by its address.
    #[arg(long, value_name = "URL")]
    pub quote: Option<String>,
    /// Say that it was made with AI, where the network has a mark for that.
    #[arg(long)]
    pub made_with_ai: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Visibility {
    Public,
    Unlisted,
    Followers,
    Direct,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Replies {
    Everyone,
    Following,
    Followers,
    Mentioned,
    Nobody,
    Verified,
    Subscribers,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Its timeline.
    Show {
        /// Which.
        id: String,
    },
}
