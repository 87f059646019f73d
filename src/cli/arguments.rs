//! The commands and their options.

use crate::config::flag;
use clap::ArgMatches;
use clap::Args;
use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    name = "palompy",
    version,
    about = "An AI assistant for a small online shop, in one program"
)]
#[command(disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the API and the widget
    Serve,
    /// Read one file for another process of the program
    #[command(hide = true, name = "read-document")]
    ReadDocument,
    /// Serve two invented shops with a storefront, to try everything
    Demo,
    /// Bring a shop's knowledge in from files
    Import(ImportOptions),
    /// List a shop's sources, read them anew, undo and redo what they brought
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Search a shop's knowledge as the assistant does
    Search(SearchOptions),
    /// Measure how well a shop's knowledge answers a list of questions
    Eval(EvalOptions),
    /// List, install and choose embedding models
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Embed a shop's knowledge anew with its model
    Reindex(ReindexOptions),
    /// Manage shops and access
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Args)]
pub struct ImportOptions {
    /// The shop's id, as `palompy admin shop list` shows it
    #[arg(long, value_name = "ID")]
    pub shop: i64,
    /// Files: JSON with products, faq and policies, or whatever a source can be
    #[arg(required_unless_present = "watch", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Remove what the JSON file does not mention; a source's file always is all that it says
    #[arg(long)]
    pub replace: bool,
    /// Tell what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show the documents and chunks that a file would become, and store nothing
    #[arg(long, conflicts_with_all = ["replace", "dry_run"])]
    pub preview: bool,
    /// The source that the file belongs to, made when there is none of this name
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The format of the file: json, csv, xlsx, yml, google_merchant, commerceml, pdf, docx, odt, rtf, html, markdown or txt;
    /// recognized when absent
    #[arg(long)]
    pub kind: Option<String>,
    /// Which column of a table is which field, as price=Цена or price=#3; may be given several times
    #[arg(long, value_name = "FIELD=COLUMN")]
    pub map: Vec<String>,
    /// Say yes to an import that removes more than half of what its source has
    #[arg(long)]
    pub yes: bool,
    /// Import each file of the folder now and whenever it changes, until stopped
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "source", "replace", "dry_run", "preview"])]
    pub watch: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum SourcesCommand {
    /// List the shop's sources
    List {
        /// The shop's id
        #[arg(long, value_name = "ID")]
        shop: i64,
    },
    /// Read a source anew
    Sync {
        #[command(flatten)]
        source: SourceChoice,
        /// Tell what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Say yes to an import that removes more than half of what the source has
        #[arg(long)]
        yes: bool,
    },
    /// Make the version before the visible one visible again
    Undo {
        #[command(flatten)]
        source: SourceChoice,
    },
    /// Make visible again what was undone last
    Redo {
        #[command(flatten)]
        source: SourceChoice,
    },
    /// List what a source brought, newest first
    Versions {
        #[command(flatten)]
        source: SourceChoice,
    },
}

#[derive(Args)]
pub struct SourceChoice {
    /// The shop's id
    #[arg(long, value_name = "ID")]
    pub shop: i64,
    /// The source's name; api is what was sent to the API and imported from JSON files
    #[arg(value_name = "SOURCE")]
    pub name: String,
}

#[derive(Args)]
pub struct SearchOptions {
    /// The shop's id
    #[arg(long, value_name = "ID")]
    pub shop: i64,
    /// How many hits, from 1 to 50
    #[arg(long, default_value_t = 5)]
    pub limit: usize,
    /// Tell how the question was read, and what each kind of evidence gave each hit
    #[arg(long)]
    pub explain: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[arg(required = true, value_name = "QUESTION")]
    pub words: Vec<String>,
}

#[derive(Args)]
pub struct EvalOptions {
    /// The shop's id; not needed for a run from a file
    #[arg(long, value_name = "ID")]
    pub shop: Option<i64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Keep the run as JSON: what was found for each question, with scores
    #[arg(long, value_name = "RUN.json")]
    pub out: Option<PathBuf>,
    /// Tell what changed since a run that --out kept, of another version or another model
    #[arg(long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// Tell for each miss how it was read, what was found instead and what each kind of evidence gave it
    #[arg(long)]
    pub explain: bool,
    /// Questions, one JSON object a line: question, expect (source ids; empty when the shop has no answer), kind, history (what was
    /// said before); or a run that --out kept
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Subcommand)]
pub enum ModelsCommand {
    /// Show which models are here, which shop uses what, and what is recommended
    List {
        /// Show every model that can be pulled
        #[arg(long)]
        all: bool,
    },
    /// Download a model, and ONNX Runtime when it is missing
    Pull {
        /// As `palompy models list --all` names it
        name: String,
        /// A mirror of huggingface.co, instead of the configured one
        #[arg(long, value_name = "URL")]
        from: Option<String>,
    },
    /// Compare the files of a model, or of all, with what was downloaded
    Verify { name: Option<String> },
    /// Change shops to a model: embed their knowledge with it, then switch
    Use {
        /// builtin, the name of an installed model, or dir:PATH
        name: String,
        #[command(flatten)]
        shops: ShopChoice,
    },
    /// Delete the files of a model that no shop uses
    Remove { name: String },
}

#[derive(Args)]
pub struct ReindexOptions {
    #[command(flatten)]
    pub shops: ShopChoice,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct ShopChoice {
    /// The shop's id
    #[arg(long, value_name = "ID")]
    pub shop: Option<i64>,
    /// Every shop
    #[arg(long)]
    pub all: bool,
}

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Tokens of the administration API
    #[command(subcommand)]
    Token(TokenCommand),
    /// Shops
    #[command(subcommand)]
    Shop(ShopCommand),
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token; its secret is shown this once
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// The only shop it opens; all when absent
        #[arg(long, value_name = "ID")]
        shop: Option<i64>,
    },
    /// List the tokens, without their secrets
    List,
    /// Revoke a token
    Revoke { id: i64 },
}

#[derive(Subcommand)]
pub enum ShopCommand {
    /// Make a shop
    Create {
        name: String,
        /// The language of the shop's texts: ru or en
        #[arg(long, default_value = "ru", value_name = "LANGUAGE")]
        language: String,
    },
    /// List the shops with their ids and public keys
    List,
}

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print each value and where it comes from; secrets are hidden
    Show,
}

/// Reads the process's arguments; wrong ones end the process with code 2 and a hint.
pub fn parse() -> (Arguments, ArgMatches) {
    let matches = Arguments::command().args(flag::arguments()).get_matches();
    match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => (arguments, matches),
        Err(error) => error.exit(),
    }
}
