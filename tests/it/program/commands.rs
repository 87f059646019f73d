//! The commands, alone on a data folder and beside a server that has it.

use crate::program::Server;
use crate::program::ended;
use crate::program::folder;
use crate::program::output_of;
use crate::program::palompy;
use crate::program::run;
use crate::program::stderr_of;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

fn write_catalogue(folder: &Path) {
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}],
        "faq": [{"id": "f", "question": "Сколько стоит доставка?", "answer": "300 рублей."}]});
    std::fs::write(folder.join("shop.json"), data.to_string()).unwrap();
    let questions = [
        json!({"question": "L-1", "expect": ["L-1"], "kind": "sku"}),
        json!({"question": "сколько стоит доставка", "expect": ["f"], "kind": "plain"}),
        json!({"question": "кто выиграл чемпионат мира по хоккею", "expect": [], "kind": "unanswerable"}),
    ];
    let lines = questions.map(|question| question.to_string()).join("\n\n");
    std::fs::write(folder.join("questions.jsonl"), lines).unwrap();
}

/// Everything that an owner does from the command line; the same with and without a server.
fn assert_commands_work(folder: &Path) {
    write_catalogue(folder);
    let made = output_of(folder, &["admin", "shop", "create", "Лавка"]);
    let (id, rest) = made.split_once('\t').unwrap();
    assert!(rest.ends_with("\tЛавка\n"), "{made}");
    assert_eq!(output_of(folder, &["admin", "shop", "list"]), made);

    let imported = output_of(folder, &["import", "--shop", id, "--dry-run", "shop.json"]);
    assert!(
        imported.contains("would add 2") && imported.contains("Nothing was changed"),
        "{imported}"
    );
    for (added, unchanged) in [(2, 0), (0, 2)] {
        let imported = output_of(folder, &["import", "--shop", id, "shop.json"]);
        let expected = format!("shop.json: {added} added, 0 changed, {unchanged} unchanged, 0 removed; 2 chunks");
        assert!(imported.starts_with(&expected), "{imported}");
    }

    let found = output_of(folder, &["search", "--shop", id, "лампа", "настольная"]);
    assert!(found.contains("L-1") && found.contains("answerable: true"), "{found}");
    let found = output_of(folder, &["search", "--shop", id, "--json", "--limit", "1", "L-1"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["hits"][0]["source_id"], "L-1");

    let report = output_of(folder, &["eval", "--shop", id, "--json", "questions.jsonl"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["total"]["questions"], &report["total"]["hit_at_5"]),
        (&json!(3), &json!(1.0))
    );
    let table = output_of(folder, &["eval", "--shop", id, "questions.jsonl"]);
    assert!(table.contains("unanswerable") && table.contains("total"), "{table}");

    let token = output_of(folder, &["admin", "token", "create", "--name", "till", "--shop", id]);
    assert!(token.starts_with("plm_") && token.lines().count() == 1, "{token}");
    let listed = output_of(folder, &["admin", "token", "list"]);
    let line = listed.lines().find(|line| line.contains("till")).unwrap();
    assert!(
        line.contains(&format!("shop {id}")) && !listed.contains(token.trim()),
        "{listed}"
    );
    let token_id = line.split('\t').next().unwrap();
    output_of(folder, &["admin", "token", "revoke", token_id]);
    assert_eq!(output_of(folder, &["admin", "token", "list"]), "");
}

#[test]
fn commands_work_on_a_folder_that_nobody_serves() {
    let folder = folder();
    assert_commands_work(folder.path());
}

#[tokio::test]
async fn commands_work_through_the_server_that_has_the_folder() {
    let folder = folder();
    let server = Server::start(folder.path());
    assert_commands_work(folder.path());
    assert_eq!(server.get("/api/shops").await["shops"][0]["name"], "Лавка");
}

#[tokio::test]
async fn a_token_made_by_command_opens_the_running_server() {
    let folder = folder();
    let server = Server::start(folder.path());
    let token = output_of(folder.path(), &["admin", "token", "create", "--name", "crm"]);
    let request = server.http.get(format!("{}/api/shops", server.url));
    let reply = crate::support::Reply::of(request.bearer_auth(token.trim())).await;
    assert_eq!(reply.status, 200);
}

#[test]
fn a_file_with_problems_is_told_problem_by_problem() {
    let folder = folder();
    output_of(folder.path(), &["admin", "shop", "create", "Лавка"]);
    std::fs::write(
        folder.path().join("bad.json"),
        r#"{"products": [{"price": "x"}], "faqs": []}"#,
    )
    .unwrap();
    let output = run(folder.path(), &["import", "--shop", "1", "bad.json"]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr_of(&output);
    for place in ["products[0].name: is required", "products[0].price: ", "faqs: "] {
        assert!(message.contains(place), "{message}");
    }
    for (arguments, expected) in [
        (["import", "--shop", "9", "bad.json"], "Not found"),
        (["import", "--shop", "1", "none.json"], "none.json"),
    ] {
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr_of(&output).contains(expected), "{output:?}");
    }
}

#[test]
fn messages_come_in_the_terminals_language() {
    let folder = folder();
    let mut command = palompy(folder.path(), &["search", "--shop", "9", "x"]);
    let output = ended(command.env("LANG", "ru_RU.UTF-8"));
    let is_russian = |c: char| ('а'..='я').contains(&c);
    assert!(stderr_of(&output).contains(is_russian), "{output:?}");
}

#[test]
fn config_show_hides_secrets_and_tells_origins() {
    let folder = folder();
    let mut command = palompy(folder.path(), &["config", "show"]);
    command
        .env("OPENAI_API_KEY", "sk-canary-key")
        .env("PALOMPY_LLM_PROXY", "socks5h://owner:canary-word@proxy.example:1080");
    let output = ended(&mut command);
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        !shown.contains("canary") && !shown.contains(crate::support::ADMIN_TOKEN),
        "{shown}"
    );
    assert!(shown.contains("openai_api_key = ***  (OPENAI_API_KEY)"), "{shown}");
    assert!(shown.contains("data_dir = data  (--data-dir)"), "{shown}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_mistyped_variable_is_a_configuration_error_with_code_78() {
    let folder = folder();
    let mut command = palompy(folder.path(), &["serve"]);
    let output = ended(command.env("PALOMPY_LISTN", "x"));
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr_of(&output).contains("did you mean PALOMPY_LISTEN?"));
}

#[test]
fn a_run_is_kept_explained_and_compared_with_another() {
    let folder = folder();
    let folder = folder.path();
    write_catalogue(folder);
    output_of(folder, &["admin", "shop", "create", "Лавка"]);
    output_of(folder, &["import", "--shop", "1", "shop.json"]);
    let evaluate = |more: &[&str]| {
        let arguments: Vec<&str> = ["eval", "--shop", "1", "questions.jsonl"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        output_of(folder, &arguments)
    };
    let table = evaluate(&["--out", "old.json"]);
    assert!(
        table.contains("1.000 0.34–1.00") && table.contains("builtin"),
        "{table}"
    );
    let kept: Value = serde_json::from_slice(&std::fs::read(folder.join("old.json")).unwrap()).unwrap();
    assert_eq!(kept["outcomes"][0]["found"][0]["source_id"], "L-1");

    // A shop that has lost an answer and a question that expects something else.
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    std::fs::write(folder.join("shop.json"), data.to_string()).unwrap();
    output_of(folder, &["import", "--shop", "1", "--replace", "shop.json"]);
    let told = evaluate(&["--out", "new.json", "--compare", "old.json", "--explain"]);
    let lost = told.split("Stand lower now: 1").nth(1).unwrap_or_default();
    assert!(
        lost.contains("1→–") && lost.contains("сколько стоит доставка"),
        "{told}"
    );
    assert!(told.contains("the right source is not among the hits"), "{told}");

    // Two runs from files need no shop, and no data folder.
    let told = output_of(folder, &["eval", "new.json", "--compare", "old.json", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told["comparison"]["lost"][0]["question"], "сколько стоит доставка",
        "{told}"
    );
    assert_eq!(told["comparison"]["total"]["hit_at_1"]["old"], 1.0);

    let output = run(folder, &["eval", "questions.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr_of(&output).contains("--shop"), "{}", stderr_of(&output));
}

#[test]
fn a_search_explains_itself_on_the_command_line() {
    let folder = folder();
    write_catalogue(folder.path());
    output_of(folder.path(), &["admin", "shop", "create", "Лавка"]);
    output_of(folder.path(), &["import", "--shop", "1", "shop.json"]);
    let told = output_of(
        folder.path(),
        &["search", "--shop", "1", "--explain", "настольная", "лампа"],
    );
    for part in [
        "read as: настольная лампа",
        "words: ",
        "confidence ",
        "lexical ",
        "vector ",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
