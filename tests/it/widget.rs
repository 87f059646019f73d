//! The widget's files as browsers get them.

use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use regex::Regex;
use reqwest::Method;
use reqwest::Response;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

const LAUNCHER_BYTES: usize = 5 * 1024;
/// All that one visitor could ever download.
const WHOLE_BYTES: usize = 34_400;

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

/// Every file that a visitor of this language could ever load: the launcher, the two parts that it names, and all that those name
/// in turn.
async fn addresses(app: &TestApp, language: &str) -> BTreeSet<String> {
    let folder = Regex::new("/widget/[0-9a-f]{16}/").unwrap();
    let neighbor = Regex::new("(?:import|from)\\(?[\"'`]\\./([\\w-]+\\.js)[\"'`]").unwrap();
    let launcher = text(app, "/widget.js").await;
    let folder = folder.find(&launcher).unwrap().as_str().to_owned();
    let mut found = BTreeSet::from(["/widget.js".to_owned()]);
    let folder = format!("{folder}{language}/");
    let mut waiting = vec![format!("{folder}panel.js"), format!("{folder}more.js")];
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
    for language in ["ru", "en"] {
        let mut sizes = BTreeMap::new();
        for address in addresses(&app, language).await {
            let response = fetch(&app, &address, "gzip, deflate, br, zstd").await;
            assert_eq!(response.headers()["content-encoding"], "gzip", "{address}");
            sizes.insert(address, response.bytes().await.unwrap().len());
        }
        let whole: usize = sizes.values().sum();
        let rows: String = sizes
            .iter()
            .map(|(address, bytes)| format!("{bytes:>7}  {address}\n"))
            .collect();
        let report = format!("bytes on the wire (gzip)\n{rows}{whole:>7}  in all for a visitor who reads {language}\n");
        println!("{report}");
        assert!(
            sizes["/widget.js"] <= LAUNCHER_BYTES,
            "the launcher is over {LAUNCHER_BYTES} bytes\n{report}"
        );
        assert!(whole <= WHOLE_BYTES, "the widget is over {WHOLE_BYTES} bytes\n{report}");
    }
}

#[tokio::test]
async fn the_widgets_parts_may_be_kept_forever_and_found_again_after_a_failure() {
    let app = TestApp::start().await;
    let parts = addresses(&app, "ru").await;
    for address in parts.iter().filter(|address| *address != "/widget.js") {
        let response = fetch(&app, address, "gzip").await;
        assert_eq!(
            response.headers()["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let again = address.replacen("/ru/", "/again1/ru/", 1);
        assert_eq!(text(&app, &again).await, text(&app, address).await);
    }
}

#[tokio::test]
async fn only_the_widgets_parts_lie_in_its_folder() {
    let app = TestApp::start().await;
    let parts = addresses(&app, "ru").await;
    let panel = parts.iter().find(|address| address.ends_with("/panel.js")).unwrap();
    for name in [
        "widget.js",
        "widget.d.ts",
        "panel.js.gz",
        "panel.css",
        "../panel.js",
        "../de/panel.js",
        "../again/ru/panel.js",
        "../again1/again2/ru/panel.js",
        "../againx/ru/panel.js",
    ] {
        let path = panel
            .replace("ru/panel.js", &format!("ru/{name}"))
            .replace("ru/../", "");
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

#[tokio::test]
async fn the_widget_learns_whose_it_is_and_how_it_looks() {
    let app = TestApp::start().await;
    let shop = app.shop_with(json!({"language": "en", "greeting": "Ahoy!"})).await;
    let path = format!("/api/shops/public/{}/widget", shop.key);
    let plain = json!({"name": "Лавка", "language": "en", "greeting": "Ahoy!", "state": "test", "title": null, "color": null,
        "scheme": "auto", "position": "right", "prompts": [], "perks": {}, "survey": null, "consent": null});
    assert_eq!(Reply::of(app.request(Method::GET, &path)).await.json_with(200), plain);
    let perks = json!([{"title": "Warranty", "text": "2 years"}, {"title": "Free returns"}]);
    let settings = json!({"allowed_origins": ["https://shop.example"], "widget_title": "Ask us", "widget_color": "#AB12cd",
        "widget_scheme": "dark", "widget_position": "left", "widget_prompts": ["Where is my order?"], "widget_perks": perks});
    app.patch(&format!("/api/shops/{}", shop.id), json!({"settings": settings}))
        .await
        .json_with(200);
    let dressed = Reply::of(app.request(Method::GET, &path)).await;
    let expected = json!({"name": "Лавка", "language": "en", "greeting": "Ahoy!", "state": "live", "title": "Ask us",
        "color": "#AB12cd", "scheme": "dark", "position": "left", "prompts": ["Where is my order?"],
        "perks": {"Warranty": "2 years", "Free returns": ""}, "survey": null, "consent": null});
    assert_eq!(dressed.json_with(200), expected);
    assert!(
        dressed.text.find("Warranty") < dressed.text.find("Free returns"),
        "{}",
        dressed.text
    );
    for key in ["x", "00000000-0000-0000-0000-000000000000"] {
        let unknown = Reply::of(app.request(Method::GET, &format!("/api/shops/public/{key}/widget"))).await;
        assert_eq!(unknown.error(404), "not_found");
    }
}

#[tokio::test]
async fn a_browser_that_has_the_settings_gets_them_again_only_when_they_change() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/public/{}/widget", shop.key);
    let first = Reply::of(app.request(Method::GET, &path)).await;
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    let again = || {
        app.request(Method::GET, &path)
            .header("if-none-match", first.header("etag"))
    };
    let same = Reply::of(again()).await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(same.header("etag"), first.header("etag"));
    app.patch(
        &format!("/api/shops/{}", shop.id),
        json!({"settings": {"widget_color": "#000"}}),
    )
    .await
    .json_with(200);
    assert_eq!(Reply::of(again()).await.json_with(200)["color"], "#000");
}

#[tokio::test]
async fn each_wrong_setting_of_the_widget_is_told_in_both_languages() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    let wrong = json!({"widget_title": " ", "widget_color": "red", "widget_scheme": "night", "widget_position": null,
        "widget_prompts": ["a", ""], "widget_perks": [{"title": "a", "link": "b"}]});
    let reply = app.patch(&path, json!({"settings": wrong})).await;
    let expected = [
        "settings.widget_color",
        "settings.widget_perks",
        "settings.widget_position",
        "settings.widget_prompts",
        "settings.widget_scheme",
        "settings.widget_title",
    ];
    assert_eq!(reply.invalid_fields(), expected);
    let russian = app
        .request(Method::PATCH, &path)
        .bearer_auth(ADMIN_TOKEN)
        .header("accept-language", "ru")
        .json(&json!({"settings": {"widget_color": "#12", "widget_scheme": 5}}));
    let russian = Reply::of(russian).await;
    assert!(
        russian.text.contains("должно быть цветом вида #0f6b5c"),
        "{}",
        russian.text
    );
    assert!(
        russian.text.contains("возможные значения: auto, light, dark"),
        "{}",
        russian.text
    );
    let seven = vec!["q"; 7];
    for wrong in [
        json!({"widget_prompts": seven}),
        json!({"widget_prompts": ["я".repeat(121)]}),
        json!({"widget_prompts": "q"}),
        json!({"widget_perks": {"a": "b"}}),
        json!({"widget_perks": [["a", "b"], ["c", "я".repeat(81)]]}),
        json!({"widget_title": "я".repeat(61)}),
        json!({"widget_color": "#ggg"}),
    ] {
        let reply = app.patch(&path, json!({"settings": wrong})).await;
        assert_eq!(reply.invalid_fields().len(), 1, "{wrong}");
    }
}
