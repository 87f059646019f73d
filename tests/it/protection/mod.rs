//! What guards the widget's routes, all of them: the page, the number of calls, the visitor's address.

mod handlers;
mod limits;
mod origins;

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use palompy::app::router::Access;
use palompy::app::router::ROUTES;
use reqwest::Method;
use reqwest::RequestBuilder;
use serde_json::json;
use uuid::Uuid;

/// Every route of the widget, by method and path as the table lists them.
fn widget_routes() -> impl Iterator<Item = (Method, &'static str)> {
    let widget = ROUTES.iter().filter(|(_, _, access)| *access == Access::Widget);
    widget.map(|(method, path, _)| (method.clone(), *path))
}

/// The path with the shop's key and, for everything else, an id that nothing has.
fn filled(shop: &TestShop, path: &str) -> String {
    let mut path = path.replace("{publicKey}", &shop.key);
    while let Some((before, rest)) = path.split_once('{') {
        let after = rest.split_once('}').unwrap().1;
        path = format!("{before}{}{after}", Uuid::nil());
    }
    path
}

/// A call of the route that names the shop where the route expects it, and is right in nothing else.
fn calling(app: &TestApp, shop: &TestShop, session: Uuid, method: &Method, path: &str) -> RequestBuilder {
    let path = filled(shop, path);
    match *method {
        Method::GET if path.contains(&shop.key) => app.request(Method::GET, &format!("{path}?sessionId={session}")),
        Method::GET => app.request(
            Method::GET,
            &format!("{path}?shopPublicKey={}&sessionId={session}", shop.key),
        ),
        _ => app
            .request(method.clone(), &path)
            .json(&json!({"shopPublicKey": shop.key, "sessionId": session})),
    }
}

async fn called(app: &TestApp, shop: &TestShop, method: &Method, path: &str, origin: &str) -> Reply {
    let request = calling(app, shop, Uuid::new_v4(), method, path);
    Reply::of(request.header("origin", origin)).await
}

/// A preflight of a browser for such a call.
async fn preflight(app: &TestApp, shop: &TestShop, method: &Method, path: &str, origin: &str) -> Reply {
    let request = app
        .request(Method::OPTIONS, &filled(shop, path))
        .header("origin", origin)
        .header("access-control-request-method", method.as_str())
        .header("access-control-request-headers", "content-type,x-palompy-visitor");
    Reply::of(request).await
}

/// A shop that allows one site with its subdomains, and two others.
async fn guarded_shop(app: &TestApp) -> TestShop {
    let allowed = [
        "https://shop.example",
        "https://*.shop.example",
        "http://localhost:3000",
        "https://пример.рф:8443",
    ];
    app.shop_with(json!({"allowed_origins": allowed})).await
}
