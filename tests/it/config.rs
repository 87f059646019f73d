//! The configuration as `palompy` reads it: flags, variables, files and defaults, into values, rows and problems.

mod problems;

use clap::ArgMatches;
use clap::Command;
use palompy::config;
use palompy::config::Config;
use palompy::config::environment::Variables;
use palompy::config::error::ConfigError;
use palompy::config::flag::arguments;
use palompy::config::table::KEYS;
use palompy::config::value::LogFormat;
use palompy::domain::embedding::ModelSource;
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

const CANARY: &str = "canary-0123456789-secret";

/// One start of the program in a folder of its own.
struct Start {
    folder: TempDir,
    flags: Vec<String>,
    variables: Variables,
}

impl Start {
    fn new() -> Start {
        Start {
            folder: tempfile::tempdir().unwrap(),
            flags: vec!["palompy".to_owned()],
            variables: Variables::new(),
        }
    }

    fn flag(mut self, flag: &str, value: &str) -> Start {
        self.flags.push(flag.to_owned());
        self.flags.push(value.to_owned());
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Start {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    fn file(self, name: &str, content: &str) -> Start {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn matches(&self) -> ArgMatches {
        Command::new("palompy")
            .args(arguments())
            .subcommand(Command::new("serve"))
            .try_get_matches_from(&self.flags)
            .unwrap()
    }

    fn load(&self) -> Result<Config, ConfigError> {
        config::load(&self.matches(), &self.variables, self.folder.path())
    }

    fn problems(&self) -> Vec<String> {
        self.load()
            .unwrap_err()
            .problems
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

fn row(config: &Config, name: &str) -> (String, String) {
    let row = config.rows().iter().find(|row| row.name == name).unwrap();
    (row.value.clone(), row.origin.clone())
}

#[test]
fn defaults_are_enough_to_start() {
    let start = Start::new();
    let config = start.load().unwrap();
    assert_eq!(config.data_dir, start.folder.path().join("./palompy-data"));
    assert_eq!(config.database, config.data_dir.join("palompy.db"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.openai_base_url, "https://api.openai.com/v1");
    assert_eq!(config.openai_model, "gpt-4.1-mini");
    assert_eq!(config.session_ttl, Duration::from_secs(1800));
    assert_eq!(config.shutdown_grace, Duration::from_secs(20));
    assert_eq!(config.llm_total_timeout, Duration::from_secs(90));
    assert_eq!(config.max_body_bytes, 64 * 1024 * 1024);
    assert_eq!(config.embedding_model, ModelSource::Builtin);
    assert_eq!(config.log_format, LogFormat::Text);
    assert!(config.openai_api_key.is_none());
    assert!(config.admin_token.is_none());
}

#[test]
fn every_key_has_one_row_in_the_order_of_the_table() {
    let config = Start::new().load().unwrap();
    let rows: Vec<_> = config.rows().iter().map(|row| row.name).collect();
    let keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(rows, keys);
}

#[test]
fn each_source_beats_those_below_it() {
    // Bits of the number say which of flag, variable and file give the key.
    for given in 0..8 {
        let mut start = Start::new();
        let mut expected = ("gpt-4.1-mini", "default".to_owned());
        if given & 1 != 0 {
            start = start.file("palompy.toml", "\nopenai_model = \"from-file\"\n");
            expected = ("from-file", format!("{} line 2", start.path("palompy.toml")));
        }
        if given & 2 != 0 {
            start = start.variable("OPENAI_MODEL", "from-variable");
            expected = ("from-variable", "OPENAI_MODEL".to_owned());
        }
        if given & 4 != 0 {
            start = start.flag("--openai-model", "from-flag");
            expected = ("from-flag", "--openai-model".to_owned());
        }
        let config = start.load().unwrap();
        assert_eq!(config.openai_model, expected.0, "sources {given:03b}");
        assert_eq!(
            row(&config, "openai_model"),
            (expected.0.to_owned(), expected.1),
            "sources {given:03b}"
        );
    }
}

#[test]
fn a_flag_counts_before_and_after_the_command() {
    for flags in [
        ["--listen", "127.0.0.1:9", "serve"],
        ["serve", "--listen", "127.0.0.1:9"],
    ] {
        let mut start = Start::new();
        start.flags.extend(flags.map(str::to_owned));
        assert_eq!(start.load().unwrap().listen.port(), 9, "{flags:?}");
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = Start::new()
        .variable("OPENAI_API_KEY", "")
        .variable("OPENAI_MODEL", "")
        .load()
        .unwrap();
    assert!(config.openai_api_key.is_none());
    assert_eq!(config.openai_model, "gpt-4.1-mini");
}

#[test]
fn the_port_changes_only_the_port_of_a_weaker_listen_address() {
    let from_port = Start::new().variable("PORT", "9000").load().unwrap();
    assert_eq!(from_port.listen.to_string(), "127.0.0.1:9000");

    let file_below = Start::new()
        .file("palompy.toml", "listen = \"0.0.0.0:7000\"")
        .variable("PORT", "9000")
        .load()
        .unwrap();
    assert_eq!(file_below.listen.to_string(), "0.0.0.0:9000");
    assert!(
        row(&file_below, "listen")
            .1
            .ends_with("palompy.toml line 1, port from PORT")
    );

    let tie = Start::new()
        .variable("PALOMPY_LISTEN", "0.0.0.0:7000")
        .variable("PORT", "9000")
        .load()
        .unwrap();
    assert_eq!(tie.listen.to_string(), "0.0.0.0:7000");
    assert_eq!(row(&tie, "port").1, "PORT, overruled by PALOMPY_LISTEN");

    let flag_above = Start::new()
        .flag("--port", "9000")
        .variable("PALOMPY_LISTEN", "0.0.0.0:7000")
        .load()
        .unwrap();
    assert_eq!(flag_above.listen.to_string(), "0.0.0.0:9000");
}

#[test]
fn a_secret_may_come_from_a_file_and_is_trimmed() {
    let by_variable = Start::new()
        .file("key", &format!("  {CANARY}\n"))
        .variable("OPENAI_API_KEY_FILE", "key");
    let config = by_variable.load().unwrap();
    assert_eq!(config.openai_api_key.as_ref().unwrap().expose(), CANARY);
    assert_eq!(
        row(&config, "openai_api_key"),
        ("***".to_owned(), "OPENAI_API_KEY_FILE".to_owned())
    );

    let by_flag = Start::new()
        .file("key", CANARY)
        .flag("--admin-token-file", "key")
        .load()
        .unwrap();
    assert_eq!(by_flag.admin_token.unwrap().expose(), CANARY);

    let beside_file = Start::new()
        .file("etc/key", CANARY)
        .file("etc/shop.toml", "bitrix24_app_secret_file = \"key\"")
        .variable("PALOMPY_CONFIG", "etc/shop.toml");
    assert_eq!(
        beside_file.load().unwrap().bitrix24_app_secret.unwrap().expose(),
        CANARY
    );
}

#[test]
fn one_file_is_read_and_the_nearest_to_the_command_wins() {
    let start = Start::new()
        .file("palompy-data/palompy.toml", "openai_model = \"in-data-folder\"")
        .file(
            "named/shop.toml",
            "openai_model = \"named\"\ndata_dir = \"shop\"\nembedding_model = \"dir:e5\"",
        );
    let config = start.load().unwrap();
    assert_eq!(config.openai_model, "in-data-folder");
    assert_eq!(row(&config, "config").1, "found");

    let start = start.file("palompy.toml", "openai_model = \"beside\"");
    assert_eq!(start.load().unwrap().openai_model, "beside");

    let start = start.flag("--config", "named/shop.toml");
    let config = start.load().unwrap();
    assert_eq!(config.openai_model, "named");
    assert_eq!(config.data_dir, start.folder.path().join("named/shop"));
    assert_eq!(
        config.embedding_model,
        ModelSource::Folder(start.folder.path().join("named/e5"))
    );
}

#[test]
fn names_are_unique_and_plain_names_are_those_promised() {
    let plain: Vec<_> = KEYS
        .iter()
        .map(|key| key.variable)
        .filter(|name| !name.starts_with("PALOMPY_"))
        .collect();
    assert_eq!(
        plain,
        [
            "PORT",
            "DATABASE_URL",
            "SESSION_TTL_MINUTES",
            "ORT_DYLIB_PATH",
            "OPENAI_API_KEY",
            "OPENAI_BASE_URL",
            "OPENAI_MODEL",
            "VECTOR_STORE_ID",
            "BITRIX24_APP_ID",
            "BITRIX24_APP_SECRET"
        ]
    );
    let mut names: Vec<_> = KEYS.iter().flat_map(|key| [key.name, key.flag, key.variable]).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    // A flag of one word is the key's name itself.
    let one_word = KEYS.iter().filter(|key| key.name == key.flag).count();
    assert_eq!(names.len(), count - one_word);
}
