//! Speaks to the API: over HTTP to the server that has the data folder, or directly to one built in this process.

use crate::app::App;
use crate::app::Mode;
use crate::app::local_token;
use crate::app::lock::DataFolder;
use crate::app::lock::Holder;
use crate::app::lock::LockError;
use crate::cli::failure::Failure;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::language::Language;
use crate::domain::secret::Secret;
use anyhow::Context;
use reqwest::Method;
use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

const JSON: &str = "application/json";

pub struct Client {
    /// `http://localhost` for the server in this process.
    url: String,
    token: String,
    language: Language,
    http: reqwest::Client,
    local: Option<App>,
}

impl Client {
    /// Opens the data folder, or finds the server that has it.
    pub async fn connect(config: &Config, language: Language) -> Result<Client, Failure> {
        crate::app::serve::install_tls();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .context("could not make an HTTP client")?;
        match DataFolder::lock(&config.data_dir) {
            Ok(mut folder) => {
                let token = local_token();
                let holder = Holder {
                    pid: std::process::id(),
                    url: None,
                    token: token.clone(),
                };
                folder.announce(&holder)?;
                let app = App::start(config, folder, Mode::Product, Clock::System, Secret::new(token.clone())).await?;
                Ok(Client {
                    url: "http://localhost".to_owned(),
                    token,
                    language,
                    http,
                    local: Some(app),
                })
            }
            Err(LockError::InUse {
                holder: Holder {
                    url: Some(url), token, ..
                },
                ..
            }) => Ok(Client {
                url,
                token,
                language,
                http,
                local: None,
            }),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, None, JSON).await
    }

    pub async fn post(&self, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        self.send(Method::POST, path, Some(body), JSON).await
    }

    /// Sends the fields as a form of several parts, which routes that take files read.
    pub async fn post_form(&self, path: &str, fields: &[(&str, String)]) -> Result<Value, Failure> {
        let boundary = format!("palompy-{}", Uuid::new_v4().simple());
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(Method::POST, path, Some(body.into_bytes()), &kind).await
    }

    pub async fn patch(&self, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        self.send(Method::PATCH, path, Some(body), JSON).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::DELETE, path, None, JSON).await
    }

    /// The answer's JSON, null when it has no body. An error's JSON becomes sentences, one for each field.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        content_type: &str,
    ) -> Result<Value, Failure> {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .header("accept-language", self.language.code());
        let request = match body {
            Some(body) => request.header("content-type", content_type).body(body),
            None => request,
        };
        let request = request.build().context("could not make the request")?;
        let (status, bytes) = match &self.local {
            Some(app) => crate::app::serve::call(app, request).await?,
            None => {
                let response = self
                    .http
                    .execute(request)
                    .await
                    .context("could not reach the running server")?;
                let status = response.status();
                (
                    status,
                    response
                        .bytes()
                        .await
                        .context("could not read the server's answer")?
                        .to_vec(),
                )
            }
        };
        let value: Value = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).context("the answer is not JSON")?
        };
        if status.is_success() {
            Ok(value)
        } else {
            Err(refusal(status, &value))
        }
    }
}

/// The text of a field, empty when absent.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a list field, none when absent.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn refusal(status: StatusCode, answer: &Value) -> Failure {
    let error = answer.get("error").unwrap_or(&Value::Null);
    let message = text(error, "message");
    let mut lines = vec![if message.is_empty() {
        format!("the server answered {status}")
    } else {
        message.to_owned()
    }];
    for field in list(error, "fields") {
        let path = text(field, "path");
        let place = if path.is_empty() {
            String::new()
        } else {
            format!("{path}: ")
        };
        lines.push(format!("  {place}{}", text(field, "message")));
    }
    Failure::new(lines.join("\n"))
}
