//! The widget's files as browsers get them.

use crate::support::TestApp;
use regex::Regex;
use reqwest::Method;
use reqwest::Response;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

const LAUNCHER_BYTES: usize = 5 * 1024;
const WHOLE_BYTES: usize = 30 * 1024;

async fn fetch(app: &TestApp, path: &str, encoding: &str) -> Response {
    let request = app.request(Method::GET, path).header("accept-encoding", encoding);
    request.send().await.unwrap()
}

async fn text(app: &TestApp, path: &str) -> String {
    let response = fetch(app, path, "identity").await;
    assert_eq!(response.status(), 200, "{path}");
    assert!(response.headers().get("content-encoding").is_none());
    response.text().await.unwrap()
}

/// Every file of the widget: the launcher, the panel that it names, and all that those name in turn.
async fn addresses(app: &TestApp) -> BTreeSet<String> {
    let folder = Regex::new("/widget/[0-9a-f]{16}/").unwrap();
    let neighbor = Regex::new("(?:import|from)\\(?[\"'`]\\./([\\w-]+\\.js)[\"'`]").unwrap();
    let launcher = text(app, "/widget.js").await;
    let folder = folder.find(&launcher).unwrap().as_str().to_owned();
    let mut found = BTreeSet::from(["/widget.js".to_owned()]);
    let mut waiting = vec![format!("{folder}panel.js")];
    while let Some(address) = waiting.pop() {
        if found.insert(address.clone()) {
            let script = text(app, &address).await;
            waiting.extend(
                neighbor
                    .captures_iter(&script)
                    .map(|name| format!("{folder}{}", &name[1])),
            );
        }
    }
    found
}

#[tokio::test]
async fn the_widget_weighs_no_more_than_its_budget() {
    let app = TestApp::start().await;
    let mut sizes = BTreeMap::new();
    for address in addresses(&app).await {
        let response = fetch(&app, &address, "gzip, deflate, br, zstd").await;
        assert_eq!(response.headers()["content-encoding"], "gzip", "{address}");
        sizes.insert(address, response.bytes().await.unwrap().len());
    }
    let whole: usize = sizes.values().sum();
    let rows: String = sizes
        .iter()
        .map(|(address, bytes)| format!("{bytes:>7}  {address}\n"))
        .collect();
    let report = format!("bytes on the wire (gzip)\n{rows}{whole:>7}  in all\n");
    println!("{report}");
    assert!(
        sizes["/widget.js"] <= LAUNCHER_BYTES,
        "the launcher is over {LAUNCHER_BYTES} bytes\n{report}"
    );
    assert!(whole <= WHOLE_BYTES, "the widget is over {WHOLE_BYTES} bytes\n{report}");
}

#[tokio::test]
async fn the_widgets_parts_may_be_kept_forever_and_found_again_after_a_failure() {
    let app = TestApp::start().await;
    let parts = addresses(&app).await;
    for address in parts.iter().filter(|address| *address != "/widget.js") {
        let response = fetch(&app, address, "gzip").await;
        assert_eq!(
            response.headers()["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let again = address.replacen("/panel.js", "/again1/panel.js", 1);
        assert_eq!(text(&app, &again).await, text(&app, address).await);
    }
}

#[tokio::test]
async fn only_the_widgets_parts_lie_in_its_folder() {
    let app = TestApp::start().await;
    let parts = addresses(&app).await;
    let panel = parts.iter().find(|address| address.ends_with("/panel.js")).unwrap();
    for name in [
        "widget.js",
        "widget.d.ts",
        "panel.js.gz",
        "panel.css",
        "again/panel.js",
        "again1/again2/panel.js",
        "againx/panel.js",
    ] {
        let path = panel.replace("panel.js", name);
        assert_eq!(app.get(&path).await.error(404), "not_found", "{path}");
    }
}

#[tokio::test]
async fn the_launcher_has_a_versioned_address_and_types_beside_it() {
    let app = TestApp::start().await;
    assert_eq!(text(&app, "/v1/widget.js").await, text(&app, "/widget.js").await);
    let types = fetch(&app, "/widget.d.ts", "identity").await;
    assert_eq!(types.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(types.headers()["cache-control"], "public, max-age=300");
    let etag = types.headers()["etag"].clone();
    let again = app.request(Method::GET, "/widget.d.ts").header("if-none-match", etag);
    assert_eq!(again.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn a_client_that_refuses_gzip_gets_the_plain_launcher() {
    let app = TestApp::start().await;
    for encoding in ["identity", "br", "gzip;q=0", "gzip; q=0.0, identity"] {
        let response = fetch(&app, "/widget.js", encoding).await;
        assert_ne!(
            response.headers().get("content-encoding").map(|it| it.as_bytes()),
            Some(&b"gzip"[..]),
            "{encoding}"
        );
    }
}
