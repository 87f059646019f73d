//! 1C's exchange with a site, played as 1C plays it: older and newer versions, plain and zipped, whole and in part.

mod dialogue;
mod faults;
pub mod files;
mod parts;

use crate::sources::ended;
use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use encoding_rs::WINDOWS_1251;
use palompy::config::Config;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

/// A shop with a source that takes an exchange.
pub struct Site {
    pub app: TestApp,
    pub shop: TestShop,
    pub source: i64,
}

/// A 1C in the middle of an exchange.
pub struct OneC<'a> {
    url: String,
    http: &'a reqwest::Client,
    cookie: String,
}

impl Site {
    pub async fn new() -> Site {
        Site::with(|_| {}).await
    }

    /// With a changed configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Site {
        let app = TestApp::start_with(change).await;
        let shop = app.shop().await;
        let path = format!("/api/shops/{}/sources", shop.id);
        let body = json!({"name": "1С", "kind": "commerceml", "location": {"type": "upload"}});
        let source = app.post(&path, body).await.json_with(201)["id"].as_i64().unwrap();
        Site { app, shop, source }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/shops/{}/sources/{}{rest}", self.shop.id, self.source)
    }

    pub async fn begin(&self, version: Option<&str>) -> OneC<'_> {
        OneC::begin(
            &format!("{}{}", self.app.url, self.path("/exchange")),
            &self.app.http,
            version,
        )
        .await
    }

    /// Sends the files one after the other, each with its import, as newer versions do.
    pub async fn exchange(&self, files: &[(&str, &str)]) {
        let one_c = self.begin(None).await;
        for (name, text) in files {
            one_c.send(name, text.as_bytes()).await;
            let answer = one_c.import(name).await;
            assert!(answer.starts_with("success\n"), "{name}: {answer}");
        }
    }

    /// The visible goods: id, name, price, stock, description; by id.
    pub fn goods(&self) -> Vec<String> {
        goods(&self.app.database())
    }

    pub async fn versions(&self) -> Vec<Value> {
        let versions = self.app.get(&self.path("/versions")).await.json_with(200);
        versions["imports"].as_array().unwrap().clone()
    }

    pub async fn undo(&self) {
        self.app.post(&self.path("/undo"), json!({})).await.json_with(200);
    }
}

pub fn goods(database: &rusqlite::Connection) -> Vec<String> {
    let sql = "select source_id, title, product ->> 'price', product ->> 'in_stock', description from documents
        where state = 'live' order by source_id";
    let mut statement = database.prepare(sql).unwrap();
    let goods = statement.query_map([], |row| {
        let number: Option<f64> = row.get(2)?;
        let stock: Option<i64> = row.get(3)?;
        let (id, name, text): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(4)?);
        let price = number.map_or("-".to_owned(), |price| price.to_string());
        let stock = stock.map_or("?", |stock| if stock == 1 { "есть" } else { "нет" });
        Ok(format!("{id} {name} {price} {stock} {text}").trim_end().to_owned())
    });
    goods.unwrap().collect::<Result<_, _>>().unwrap()
}

impl<'a> OneC<'a> {
    /// Logs in and asks for the terms, as each exchange begins.
    pub async fn begin(url: &str, http: &'a reqwest::Client, version: Option<&str>) -> OneC<'a> {
        let request = http.get(format!("{url}?type=catalog&mode=checkauth"));
        let reply = Reply::of(request.basic_auth("1c", Some(ADMIN_TOKEN))).await;
        assert_eq!(reply.header("content-type"), "text/plain; charset=windows-1251");
        let lines: Vec<&str> = reply.text.lines().collect();
        assert_eq!((reply.status, lines[0]), (200, "success"), "{}", reply.text);
        let one_c = OneC {
            url: url.to_owned(),
            http,
            cookie: format!("{}={}", lines[1], lines[2]),
        };
        let terms = match version {
            None => one_c.ask("type=catalog&mode=init").await,
            Some(version) => {
                one_c
                    .ask(&format!("type=catalog&mode=init&{}&version={version}", lines[3]))
                    .await
            }
        };
        let lines: Vec<&str> = terms.lines().collect();
        assert_eq!(lines[..2], ["zip=yes", "file_limit=1000000"]);
        one_c
    }

    /// The program is at another address now.
    pub fn move_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    pub async fn ask(&self, query: &str) -> String {
        let request = self
            .http
            .get(format!("{}?{query}", self.url))
            .header("cookie", &self.cookie);
        told(request).await
    }

    pub async fn post(&self, query: &str, body: &[u8]) -> String {
        let request = self
            .http
            .post(format!("{}?{query}", self.url))
            .header("cookie", &self.cookie);
        told(request.body(body.to_vec())).await
    }

    pub async fn send(&self, name: &str, part: &[u8]) {
        let answer = self
            .post(&format!("type=catalog&mode=file&filename={name}"), part)
            .await;
        assert_eq!(answer, "success\n", "{name}");
    }

    /// Asks until something else than progress is told.
    pub async fn import(&self, name: &str) -> String {
        self.until_told(&format!("type=catalog&mode=import&filename={name}"))
            .await
    }

    pub async fn until_told(&self, query: &str) -> String {
        loop {
            let answer = self.ask(query).await;
            if !answer.starts_with("progress\n") {
                return answer;
            }
        }
    }
}

/// The answer as 1C decodes it.
pub async fn told(request: reqwest::RequestBuilder) -> String {
    let bytes = request.send().await.unwrap().bytes().await.unwrap();
    WINDOWS_1251.decode(&bytes).0.into_owned()
}

pub async fn sent_by(app: &TestApp, method: Method, path: &str, password: &str) -> Reply {
    Reply::of(app.request(method, path).basic_auth("1c", Some(password))).await
}

/// The last import of the source once it has ended.
pub async fn last_import(site: &Site) -> Value {
    let last = site.versions().await[0].clone();
    ended(&site.app, site.shop.id, &last).await
}
