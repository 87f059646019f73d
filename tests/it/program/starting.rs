//! Starting and ending, and folders that cannot be used.

use crate::chat::Event;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use crate::program::Server;
use crate::program::ended;
use crate::program::folder;
use crate::program::log_of;
use crate::program::run;
use crate::program::stderr_of;
use crate::support::message_of;
use crate::support::until;
use reqwest::Method;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use uuid::Uuid;

/// `nobody`, for whom a read-only folder is read-only even when the tests run as root.
const NOBODY: u32 = 65_534;

fn model_of(fake: &FakeOpenAi) -> Vec<(&'static str, String)> {
    vec![
        ("OPENAI_API_KEY", "sk-test".to_owned()),
        ("OPENAI_BASE_URL", fake.base_url()),
    ]
}

fn borrowed<'a>(variables: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    variables.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn the_ready_line_means_that_the_server_answers() {
    let folder = folder();
    let server = Server::start(folder.path());
    let health = server.get("/healthz").await;
    assert_eq!(health["status"], "ok");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_ends_at_once_and_disturbs_nobody() {
    let folder = folder();
    let server = Server::start(folder.path());
    for command in ["serve", "demo"] {
        let output = run(folder.path(), &[command]);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let expected = format!("is in use by pid {}", server.pid());
        assert!(stderr_of(&output).contains(&expected), "{output:?}");
    }
    server.get("/api/shops").await;
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_lets_a_running_answer_end_first() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    let folder = folder();
    let mut server = Server::start_with(folder.path(), &borrowed(&model_of(&fake)));
    let shop = server.shop().await;
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    server
        .post(&format!("/api/shops/{}/data", shop.id), &data)
        .await
        .json_with(200);
    let body = message_of(&shop, Uuid::new_v4(), "Сколько стоит лампа настольная?");
    let request = server
        .request(Method::POST, "/api/chat")
        .header("accept", "text/event-stream");
    let mut response = request.json(&body).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("event: delta") {
        text += &String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap());
    }
    server.terminate();
    until("the end of listening", async || {
        log_of(folder.path()).contains("no new connections").then_some(())
    })
    .await;
    assert!(server.is_running());
    fake.release(100);
    text += &response.text().await.unwrap();
    let done = text.split("event: done\ndata: ").nth(1).unwrap();
    let done = Event {
        name: "done".to_owned(),
        data: serde_json::from_str(done.trim()).unwrap(),
    };
    assert_eq!(done.data["answer"], DEFAULT_ANSWER);
    assert_eq!(server.wait().await.code(), Some(0));
}

#[tokio::test]
async fn a_server_that_is_asked_twice_does_not_wait() {
    let fake = FakeOpenAi::start(Mode::Hang).await;
    let folder = folder();
    let mut server = Server::start_with(folder.path(), &borrowed(&model_of(&fake)));
    let shop = server.shop().await;
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    server
        .post(&format!("/api/shops/{}/data", shop.id), &data)
        .await
        .json_with(200);
    let body = message_of(&shop, Uuid::new_v4(), "Сколько стоит лампа настольная?");
    let waiting = tokio::spawn(server.request(Method::POST, "/api/chat").json(&body).send());
    until("the request to the model", async || {
        (!fake.requests().is_empty()).then_some(())
    })
    .await;
    server.terminate();
    until("the end of listening", async || {
        log_of(folder.path()).contains("no new connections").then_some(())
    })
    .await;
    server.terminate();
    assert_eq!(server.wait().await.code(), Some(0));
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_server_may_be_asked_to_end_as_soon_as_it_is_ready() {
    let folder = folder();
    for _ in 0..10 {
        let mut server = Server::start(folder.path());
        server.terminate();
        assert_eq!(server.wait().await.code(), Some(0));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_clear_error_with_code_78() {
    let folder = folder();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o555)).unwrap();
    let program = reachable_program(folder.path());
    let mut command = std::process::Command::new(program);
    command
        .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env_clear();
    // Only root may become somebody else, and only root has to.
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = ended(&mut command);
    let message = stderr_of(&output);
    assert_eq!(output.status.code(), Some(78), "{message}");
    assert!(
        message.contains("could not use the data folder") && message.contains("data: "),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
}

/// A copy that everybody may run, wherever the build folder is.
fn reachable_program(folder: &Path) -> std::path::PathBuf {
    let copy = folder.join("palompy");
    std::fs::copy(env!("CARGO_BIN_EXE_palompy"), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

#[test]
fn a_data_folder_that_is_a_file_is_a_clear_error_with_code_78() {
    let folder = folder();
    std::fs::write(folder.path().join("data"), "").unwrap();
    let output = run(folder.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(
        stderr_of(&output).contains("could not use the data folder"),
        "{output:?}"
    );
}

#[test]
fn a_damaged_database_is_told_and_left_as_it_is() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/palompy.db");
    let rubbish = "this is no database ".repeat(1000);
    std::fs::write(&file, &rubbish).unwrap();
    for arguments in [&["serve"][..], &["admin", "shop", "list"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        let message = stderr_of(&output);
        assert!(
            message.contains("could not read the database") && message.contains("palompy.db"),
            "{message}"
        );
        assert!(message.contains("put a backup in its place"), "{message}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), rubbish);
    }
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_as_it_is() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let conn = crate::program::database(folder.path());
    conn.pragma_update(None, "user_version", 9_999).unwrap();
    drop(conn);
    let output = run(folder.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(stderr_of(&output).contains("newer palompy"), "{output:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = folder();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_palompy"));
    command
        .args(["serve", "--data-dir", "data", "--listen", &address])
        .current_dir(folder.path())
        .env_clear();
    let output = ended(&mut command);
    let message = stderr_of(&output);
    assert!(!output.status.success());
    assert!(
        message.contains(&address) && message.contains("is another program using it?"),
        "{message}"
    );
}
