//! The command line: the only code that prints. Every command that touches data speaks to the API, of the running server when
//! there is one, else of its own.

mod access;
mod arguments;
mod client;
mod demo;
mod evaluation;
mod explanation;
mod failure;
mod import;
mod logging;
mod model_list;
mod models;
mod output;
mod preview;
mod reading;
mod search;
mod serve;
mod shops;
mod sources;
mod watching;

use crate::cli::arguments::AdminCommand;
use crate::cli::arguments::Arguments;
use crate::cli::arguments::Command;
use crate::cli::arguments::ConfigCommand;
use crate::cli::arguments::parse;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::config::Config;
use crate::config::environment::Variables;
use crate::config::environment::environment;
use crate::domain::language::Language;
use std::path::Path;
use std::process::ExitCode;

type Outcome = Result<(), Failure>;

/// Runs the program. The exit code is 0, or 1 for a failure, 2 for wrong arguments, 78 for a configuration or data folder
/// that cannot be used (`EX_CONFIG` of sysexits).
pub fn run() -> ExitCode {
    let (arguments, flags) = parse();
    if let Command::ReadDocument = arguments.command {
        // It is given nothing of this process's configuration, and needs none.
        return reading::read_document();
    }
    let variables = environment();
    let language = terminal_language(&variables);
    let config = crate::config::load(&flags, &variables, Path::new("")).map_err(|error| Failure::config(&error));
    let outcome = config.and_then(|config| dispatch(arguments, &config, language));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(arguments: Arguments, config: &Config, language: Language) -> Outcome {
    if let Command::Config(ConfigCommand::Show) = arguments.command {
        return show_config(config);
    }
    let is_server = matches!(arguments.command, Command::Serve | Command::Demo);
    logging::start(config, is_server);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(Failure::from)?
        .block_on(run_command(arguments.command, config, language))
}

async fn run_command(command: Command, config: &Config, language: Language) -> Outcome {
    match command {
        Command::Serve => serve::serve(config).await,
        Command::ReadDocument => Ok(()),
        Command::Demo => demo::demo(config, language).await,
        Command::Config(ConfigCommand::Show) => show_config(config),
        Command::Import(options) => import::import(&Client::connect(config, language).await?, options, language).await,
        Command::Sources(command) => {
            sources::sources(&Client::connect(config, language).await?, command, language).await
        }
        Command::Search(options) => search::search(&Client::connect(config, language).await?, options, language).await,
        Command::Eval(options) => evaluation::evaluate(config, options, language).await,
        Command::Models(command) => models::models(command, config, language).await,
        Command::Reindex(options) => {
            models::reindex(&Client::connect(config, language).await?, options, language).await
        }
        Command::Admin(AdminCommand::Token(command)) => {
            access::token(&Client::connect(config, language).await?, command, language).await
        }
        Command::Admin(AdminCommand::Shop(command)) => {
            shops::shop(&Client::connect(config, language).await?, command).await
        }
    }
}

fn show_config(config: &Config) -> Outcome {
    for row in config.rows() {
        print_line(format!("{} = {}  ({})", row.name, row.value, row.origin));
    }
    Ok(())
}

/// The language of the terminal, by the variables that POSIX gives it, the strongest first.
fn terminal_language(variables: &Variables) -> Language {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| variables.get(name)?.to_str());
    named
        .filter(|value| !value.is_empty())
        .map(Language::parse)
        .next()
        .flatten()
        .unwrap_or(Language::En)
}
