//! What a wrong configuration says, and that no secret gets into it or into anything that is shown.

use crate::config::CANARY;
use crate::config::Start;
use crate::config::row;
use std::path::Path;

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
            "session_ttl_minutes = 0\nembedding_model = \"big model\"\nchats_per_minute = true\n",
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
            format!(
                "embedding_model ({file} line 2): `big model` is not a model; give builtin, dir:PATH or the name of an installed model"
            ),
            "llm_max_retries (--llm-max-retries): `many` is not a whole number from 0 to 10".to_owned(),
        ]
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
