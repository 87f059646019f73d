//! Violations planted in memory, to prove that each rule finds its own and leaves the rest alone.

use crate::architecture::MAX_LINES;
use crate::architecture::violations;

/// A file's path, its text, and the rule that it breaks.
const PLANTED: &[(&str, &str, &str)] = &[
    (
        "src/chat/answer.rs",
        "use crate::surveys::Survey;",
        "chat may not name surveys",
    ),
    (
        "src/store/mod.rs",
        "fn f() { crate::config::load() }",
        "store may not name config",
    ),
    ("src/llm/mod.rs", "use super::store::Store;", "llm may not name store"),
    (
        "src/llm.rs",
        "\nuse super :: embed :: Embedder;",
        "llm may not name embed",
    ),
    ("src/http/error.rs", "use crate::chat::Chat;", "http may not name chat"),
    (
        "src/jobs/mod.rs",
        "use crate::retrieval::Retriever;",
        "jobs may not name retrieval",
    ),
    ("src/main.rs", "use palompy::store::Store;", "main may not name store"),
    (
        "src/lib.rs",
        "use crate::domain::id::ShopId;",
        "lib may not name domain",
    ),
    ("src/common/mod.rs", "", "the module common is not in the table"),
    (
        "src/chat/mod.rs",
        "use rusqlite::Connection;",
        "rusqlite is not for chat",
    ),
    (
        "src/retrieval/mod.rs",
        "fn f() { ::tokenizers::Tokenizer }",
        "tokenizers is not for retrieval",
    ),
    ("src/store/mod.rs", "use axum;", "axum is not for store"),
    ("src/http/mod.rs", "#[derive(clap::Parser)]", "clap is not for http"),
    (
        "src/llm/mod.rs",
        "let key = std::env::var_os(name);",
        "only config reads the environment",
    ),
    (
        "src/cli/mod.rs",
        "use std::env::vars;",
        "only config reads the environment",
    ),
    (
        "src/app/mod.rs",
        "const KEY: &str = env!(\"OPENAI_API_KEY\");",
        "only config reads the environment",
    ),
    ("src/store/mod.rs", "println!(\"hello\");", "only cli and main print"),
    ("src/store/mod.rs", "eprint ! (\"hello\");", "only cli and main print"),
    ("src/store/mod.rs", "use std::{fs, io};", "one path per use"),
    (
        "tests/it/chat.rs",
        "    use palompy::domain::{chat, id};",
        "one path per use",
    ),
    ("src/store/sql/mod.rs", "super::super::f();", "no super::super"),
];

#[test]
fn a_planted_violation_is_found() {
    for (path, text, rule) in PLANTED {
        let found = violations(&[((*path).to_owned(), (*text).to_owned())]);
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].contains(rule), "{path}: {text}: {found:?}");
    }
}

#[test]
fn a_file_past_the_ceiling_is_found() {
    for path in ["static/widget/view.js", "src/store/mod.rs", "templates/page.html"] {
        let found = violations(&[(path.to_owned(), "\n".repeat(MAX_LINES + 1))]);
        assert_eq!(
            found,
            [format!("{path}: 401 lines; at most 400 can be read in one sitting")]
        );
    }
}

#[test]
fn what_is_allowed_is_not_a_violation() {
    for (path, text) in [
        (
            "src/chat/mod.rs",
            "use crate::store::Store; use crate::chat::prompt::render; use axum::Router;",
        ),
        (
            "src/store/mod.rs",
            "// use crate::chat::Chat;\nlet text = \"crate::chat and println!()\";",
        ),
        (
            "src/store/mod.rs",
            "mod tests { use super::*; fn f() { super::text::parse() } }",
        ),
        (
            "src/store/query.rs",
            "use super::chat; fn f() -> impl Iterator + use<'_> { support::clap::x() }",
        ),
        (
            "src/app/mod.rs",
            "env!(\"CARGO_PKG_VERSION\"); use crate::config::Config; use crate::chat::Chat;",
        ),
        ("src/config/mod.rs", "std::env::vars_os(); use clap::Arg;"),
        ("src/cli/show.rs", "println!(\"{row}\"); std::env::args();"),
        ("src/main.rs", "use palompy::cli; fn main() { palompy::cli::run() }"),
        ("tests/fixtures/feed.html", &"\n".repeat(2 * MAX_LINES)),
        ("static/widget/view.js", &"\n".repeat(MAX_LINES)),
    ] {
        let found = violations(&[(path.to_owned(), text.to_owned())]);
        assert!(found.is_empty(), "{found:?}");
    }
}
