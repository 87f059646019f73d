//! The real program as a child process, and a client that times it.

use futures::StreamExt;
use reqwest::Client;
use serde_json::Value;
use serde_json::json;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use uuid::Uuid;

const TOKEN: &str = "benchmark-token-of-enough-length";

/// Ends the program when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub client: Client,
}

impl Server {
    /// Runs `palompy COMMAND` on the folder until its ready line. Without `llm_url` answers are extractive.
    pub fn start(command: &str, data_dir: &Path, llm_url: Option<&str>) -> Server {
        palompy::app::serve::install_tls();
        let mut program = Command::new(env!("CARGO_BIN_EXE_palompy"));
        program
            .arg(command)
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .current_dir(data_dir)
            .env_clear()
            .env("PALOMPY_ADMIN_TOKEN", TOKEN)
            .env("PALOMPY_CHATS_PER_MINUTE", "100000")
            .env("PALOMPY_SHOP_CHATS_PER_MINUTE", "100000")
            .env("PALOMPY_EVENTS_PER_MINUTE", "1000000")
            .env("PALOMPY_SHOP_EVENTS_PER_MINUTE", "1000000")
            .env("PALOMPY_LOG", "warn")
            .stdout(Stdio::piped());
        if let Some(url) = llm_url {
            program.env("OPENAI_API_KEY", "none").env("OPENAI_BASE_URL", url);
        }
        let mut child = program.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        let url = ready.rsplit(' ').next().unwrap().to_owned();
        Server {
            child,
            url,
            client: Client::new(),
        }
    }

    /// From starting the process to the first healthy answer.
    pub async fn time_to_first_answer(data_dir: &Path) -> Duration {
        let started = Instant::now();
        let server = Server::start("serve", data_dir, None);
        let answer = server
            .client
            .get(format!("{}/healthz", server.url))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success());
        started.elapsed()
    }

    pub async fn send(&self, path: &str, body: &Value) -> Value {
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .bearer_auth(TOKEN)
            .json(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Reads what an administrator may read, and how long that took.
    pub async fn read(&self, path: &str) -> (Value, Duration) {
        let started = Instant::now();
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(TOKEN);
        let text = request.send().await.unwrap().text().await.unwrap();
        (serde_json::from_str(&text).unwrap(), started.elapsed())
    }

    /// A new shop's id and public key.
    pub async fn new_shop(&self) -> (i64, String) {
        let shop = self
            .send("/api/shops", &json!({"name": "Лавка", "settings": {"language": "ru"}}))
            .await;
        (
            shop["id"].as_i64().unwrap(),
            shop["public_key"].as_str().unwrap().to_owned(),
        )
    }

    /// Asks in a new session and reads the stream to its end. The time from sending to the first delta.
    pub async fn time_to_first_delta(&self, public_key: &str, question: &str) -> Duration {
        let body = json!({"shopPublicKey": public_key, "sessionId": Uuid::new_v4(), "message": question});
        let request = self
            .client
            .post(format!("{}/api/chat", self.url))
            .header("accept", "text/event-stream")
            .json(&body);
        let started = Instant::now();
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let mut stream = answer.bytes_stream();
        let (mut text, mut first) = (Vec::new(), None);
        while let Some(bytes) = stream.next().await {
            text.extend_from_slice(&bytes.unwrap());
            if first.is_none() && contains(&text, b"event: delta") {
                first = Some(started.elapsed());
            }
        }
        assert!(contains(&text, b"event: done"), "{}", String::from_utf8_lossy(&text));
        first.unwrap()
    }

    /// Resident memory in megabytes (of 1024 * 1024 bytes), where the system tells it.
    pub fn resident_megabytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing that its database does not: the benchmarks need no orderly end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
