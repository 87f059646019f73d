//! Pages and files that the program serves itself.

use crate::support::Reply;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;

async fn page(app: &TestApp, path: &str) -> Reply {
    Reply::of(app.request(Method::GET, path).header("accept", "text/html")).await
}

/// The values of an attribute in a page.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let beginning = format!(" {attribute}=\"");
    let after = html.split(beginning.as_str()).skip(1);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn the_widgets_loader_is_small_fresh_and_open_to_all_sites() {
    let app = TestApp::start().await;
    let loader = page(&app, "/widget.js").await;
    assert_eq!(loader.status, 200);
    assert!(loader.header("content-type").starts_with("text/javascript"));
    assert_eq!(loader.header("cache-control"), "public, max-age=300");
    assert_eq!(loader.header("x-content-type-options"), "nosniff");
    assert_eq!(loader.header("cross-origin-resource-policy"), "cross-origin");
    assert!(!loader.text.contains("__ASSETS__"));
    let again = app
        .request(Method::GET, "/widget.js")
        .header("if-none-match", loader.header("etag"));
    let again = Reply::of(again).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let other = app
        .request(Method::GET, "/widget.js")
        .header("origin", "https://shop.example");
    assert_eq!(Reply::of(other).await.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn the_demo_page_carries_the_widget_as_a_shop_would_and_no_script_of_its_own() {
    let app = TestApp::start().await;
    assert_eq!(page(&app, "/demo").await.status, 404);
    for (name, language, path) in [("Палома", "ru", "/demo"), ("Harbor & Pine", "en", "/demo?lang=en")] {
        let body = json!({"name": name, "settings": {"language": language}});
        let key = app.post("/api/shops", body).await.json_with(201)["public_key"].clone();
        let demo = page(&app, path).await;
        assert_eq!(demo.status, 200);
        let keys = values(&demo.text, "data-shop-id");
        assert!(!keys.is_empty() && keys.iter().all(|shown| key == *shown), "{keys:?}");
        assert!(demo.header("content-security-policy").contains("default-src 'self'"));
        assert!(
            demo.text.contains(&format!("<html lang=\"{language}\"")),
            "{}",
            &demo.text[..200]
        );
        let sources = values(&demo.text, "src");
        assert!(sources.contains(&"/widget.js"), "{sources:?}");
        assert_eq!(
            demo.text.matches("<script").count(),
            demo.text.matches("</script>").count()
        );
        let own = sources.into_iter().chain(values(&demo.text, "href"));
        for file in own.filter(|file| file.starts_with("/demo/") || file.starts_with("/widget")) {
            assert_eq!(page(&app, file).await.status, 200, "{file}");
        }
        assert!(!demo.text.contains(" onclick=") && !demo.text.contains(" style="));
    }
}

#[tokio::test]
async fn the_api_page_works_without_the_network() {
    let app = TestApp::start().await;
    let docs = page(&app, "/api/docs/").await;
    assert_eq!(docs.status, 200);
    for file in values(&docs.text, "src").into_iter().chain(values(&docs.text, "href")) {
        assert!(!file.starts_with("http") && !file.starts_with("//"), "{file}");
        let path = format!("/api/docs/{}", file.trim_start_matches("./"));
        assert_eq!(page(&app, &path).await.status, 200, "{file}");
    }
}
