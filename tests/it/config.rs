//! The configuration as `palompy` reads it: flags, variables, files and defaults, into values, rows and problems.

use clap::ArgMatches;
use clap::Command;
use palompy::config;
use palompy::config::Config;
use palompy::config::environment::Variables;
use palompy::config::error::ConfigError;
use palompy::config::flag::arguments;
use palompy::config::table::KEYS;
use palompy::config::value::EmbeddingModel;
use palompy::config::value::LogFormat;
use std::fs;
use std::path::Path;
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
    assert_eq!(config.embedding_model, EmbeddingModel::Builtin);
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
fn the_database_url_names_a_file_or_is_refused() {
    let start = Start::new().variable("DATABASE_URL", "sqlite:/var/lib/shop.db");
    assert_eq!(start.load().unwrap().database, Path::new("/var/lib/shop.db"));

    let postgres = format!("postgres://palompy:{CANARY}@db/palompy");
    for url in [
        postgres.as_str(),
        "sqlite::memory:",
        "sqlite:",
        "sqlite:a.db?mode=ro",
        "shop.db",
    ] {
        let problems = Start::new().variable("DATABASE_URL", url).problems();
        assert_eq!(problems.len(), 1, "{url}");
        assert!(
            problems[0].starts_with("database_url (DATABASE_URL): only sqlite:PATH is supported for now"),
            "{url}"
        );
        assert!(!problems[0].contains(CANARY));
    }
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
fn a_secret_given_twice_or_from_a_missing_file_is_refused() {
    let twice = Start::new()
        .variable("OPENAI_API_KEY", CANARY)
        .variable("OPENAI_API_KEY_FILE", "key")
        .problems();
    assert_eq!(
        twice,
        ["openai_api_key (OPENAI_API_KEY): both OPENAI_API_KEY and OPENAI_API_KEY_FILE are set; remove one of them"]
    );

    let missing = Start::new().variable("OPENAI_API_KEY_FILE", "nowhere").problems();
    assert!(
        missing[0].starts_with("openai_api_key (OPENAI_API_KEY_FILE): could not read "),
        "{missing:?}"
    );
}

#[test]
fn an_admin_token_of_fewer_than_16_characters_is_refused() {
    let problems = Start::new()
        .variable("PALOMPY_ADMIN_TOKEN", "canary-15-chars")
        .problems();
    assert_eq!(
        problems,
        ["admin_token (PALOMPY_ADMIN_TOKEN): the value is too short; give at least 16 characters"]
    );
}

#[test]
fn a_secret_shows_in_no_row_and_no_debug_output() {
    let config = Start::new()
        .variable("OPENAI_API_KEY", CANARY)
        .variable("PALOMPY_ADMIN_TOKEN", CANARY)
        .variable("BITRIX24_APP_SECRET", CANARY)
        .variable(
            "PALOMPY_LLM_PROXY",
            &format!("socks5h://owner:{CANARY}@proxy.example:1080"),
        )
        .load()
        .unwrap();
    assert!(config.llm_proxy.as_ref().unwrap().expose().contains(CANARY));
    assert!(
        row(&config, "llm_proxy")
            .0
            .starts_with("socks5h://***@proxy.example:1080")
    );
    assert!(!format!("{config:?}").contains(CANARY));
    assert!(!format!("{:?}", config.rows()).contains(CANARY));
}

#[test]
fn a_secret_shows_in_no_problem() {
    let spaced = format!("{CANARY} {CANARY}");
    let start = Start::new()
        .variable("OPENAI_API_KEY", &spaced)
        .variable("PALOMPY_LLM_PROXY", &format!("ftp://owner:{CANARY}@proxy.example"))
        .variable("OPENAI_BASE_URL", &format!("https://owner:{CANARY}@api.example/v1"))
        .variable("DATABASE_URL", &format!("mysql://{CANARY}"))
        .variable("PALOMPY_ADMIN_TOKEM", CANARY)
        .file(
            "palompy.toml",
            &format!("admin_token = {CANARY}\nbitrix24_app_secret = [\"{CANARY}\"]\nopenai_key = \"{CANARY}\"\n"),
        );
    let error = start.load().unwrap_err();
    assert_eq!(error.problems.len(), 8, "{error}");
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(!format!("{error:?}").contains(CANARY));
}

#[test]
fn unknown_names_are_refused_with_the_nearest_one() {
    let start = Start::new()
        .variable("PALOMPY_LISTN", "127.0.0.1:1")
        .variable("PALOMPY_PUBLIC_URL_FILE", "x")
        .variable("SOME_OTHER_PROGRAM", "x")
        .file(
            "palompy.toml",
            "OPENAI_MODEL = \"x\"\ndata-dir = \"x\"\n[colors]\nsky = \"blue\"\n",
        );
    let file = start.path("palompy.toml");
    assert_eq!(
        start.problems(),
        [
            "PALOMPY_LISTN: unknown variable; did you mean PALOMPY_LISTEN?".to_owned(),
            "PALOMPY_PUBLIC_URL_FILE: unknown variable; did you mean PALOMPY_PUBLIC_URL?".to_owned(),
            format!("OPENAI_MODEL ({file} line 1): unknown key; did you mean openai_model?"),
            format!("data-dir ({file} line 2): unknown key; did you mean data_dir?"),
            format!("colors ({file} line 3): unknown key; `palompy config show` lists the known ones"),
        ]
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let start = Start::new()
        .flag("--listen", "everywhere")
        .flag("--llm-max-retries", "many")
        .variable("PORT", "70000")
        .variable("PALOMPY_LOG_FORMAT", "xml")
        .file(
            "palompy.toml",
            "session_ttl_minutes = 0\nembedding_model = \"big\"\nchats_per_minute = true\n",
        );
    let file = start.path("palompy.toml");
    assert_eq!(
        start.problems(),
        [
            format!(
                "chats_per_minute ({file} line 3): expected a string or a whole number, found a value of type boolean"
            ),
            "listen (--listen): `everywhere` is not an address; give IP:PORT, for example 127.0.0.1:8080".to_owned(),
            "port (PORT): `70000` is not a whole number from 0 to 65535".to_owned(),
            format!("session_ttl_minutes ({file} line 1): `0` is not a whole number from 1 to 525600"),
            "log_format (PALOMPY_LOG_FORMAT): `xml` is not a log format; give text or json".to_owned(),
            format!("embedding_model ({file} line 2): `big` is not a model; give builtin or dir:PATH"),
            "llm_max_retries (--llm-max-retries): `many` is not a whole number from 0 to 10".to_owned(),
        ]
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
        EmbeddingModel::Folder(start.folder.path().join("named/e5"))
    );
}

#[test]
fn a_file_that_is_missing_or_moves_its_own_folder_is_refused() {
    let missing = Start::new().flag("--config", "nowhere.toml").problems();
    assert!(
        missing[0].contains("nowhere.toml): could not read the file"),
        "{missing:?}"
    );

    let moving = Start::new()
        .file("palompy-data/palompy.toml", "data_dir = \"elsewhere\"")
        .problems();
    assert!(
        moving[0].contains("cannot move it; use --data-dir or PALOMPY_DATA_DIR"),
        "{moving:?}"
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
