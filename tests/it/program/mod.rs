//! The binary itself: started, asked, ended and killed.

mod commands;
mod conversations;
mod crashes;
mod exchange;
mod logs;
mod model_commands;
mod models;
mod sources;
mod starting;

use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestShop;
use crate::support::client;
use crate::support::until;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// A `palompy` command that sees nothing of this process's environment and any free port.
pub fn palompy(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palompy"));
    command
        .args(arguments)
        .args(["--data-dir", "data", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .env_clear()
        .env("PALOMPY_ADMIN_TOKEN", ADMIN_TOKEN);
    command
}

/// Runs a command to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    ended(&mut palompy(folder, arguments))
}

/// Output of a command that ends by itself; one that does not is stopped and fails the test.
pub fn ended(command: &mut Command) -> Output {
    let piped = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it does not end: {command:?} {:?}", child.wait_with_output());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// Standard output of a command that must succeed.
pub fn output_of(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn stderr_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server that ends with its test. Its log goes to `log` in the folder.
pub struct Server {
    pub url: String,
    pub http: reqwest::Client,
    child: Child,
}

impl Server {
    pub fn start(folder: &Path) -> Server {
        Server::start_with(folder, &[])
    }

    /// With these variables; returns once the ready line is there.
    pub fn start_with(folder: &Path, variables: &[(&str, &str)]) -> Server {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap();
        let mut child = palompy(folder, &["serve"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim_end().strip_prefix("palompy is ready at ");
        Server {
            url: url.unwrap_or_else(|| panic!("{line:?} {}", log_of(folder))).to_owned(),
            http: client(),
            child,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until nothing is left of the process.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the server to end, as a service manager does.
    pub fn terminate(&self) {
        let status = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// How it ended; a server that does not end fails the test.
    pub async fn wait(&mut self) -> ExitStatus {
        until("the end of the server", async || self.child.try_wait().unwrap()).await
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(ADMIN_TOKEN)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, path).json(body)).await
    }

    pub async fn get(&self, path: &str) -> Value {
        Reply::of(self.request(Method::GET, path)).await.json_with(200)
    }

    pub async fn shop(&self) -> TestShop {
        let made = self.post("/api/shops", &json!({"name": "Лавка"})).await.json_with(201);
        TestShop {
            id: made["id"].as_i64().unwrap(),
            key: made["public_key"].as_str().unwrap().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn folder() -> TempDir {
    TempDir::new().unwrap()
}

pub fn log_of(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

pub fn database(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("data/palompy.db")).unwrap()
}
