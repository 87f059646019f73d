//! What goes wrong, and what 1C is told then.

use crate::exchange::Site;
use crate::exchange::files::catalog;
use crate::exchange::files::zipped;
use crate::exchange::last_import;
use crate::exchange::sent_by;
use crate::exchange::told;
use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use reqwest::Method;
use serde_json::json;

const GOODS: [(&str, &str, &str); 3] = [("1", "Ботинки", ""), ("2", "Туфли", ""), ("3", "Сапоги", "")];

#[tokio::test]
async fn a_wrong_password_opens_nothing_and_says_what_to_do() {
    let site = Site::new().await;
    let path = site.path("/exchange?type=catalog&mode=checkauth");
    let request = site.app.request(Method::GET, &path).basic_auth("1c", Some("wrong"));
    let answer = told(request).await;
    assert!(
        answer.starts_with("failure\n") && answer.contains("токен API"),
        "{answer}"
    );
    for mode in [
        "checkauth",
        "init",
        "file&filename=import.xml",
        "import&filename=import.xml",
        "complete",
    ] {
        let path = site.path(&format!("/exchange?type=catalog&mode={mode}"));
        let reply = sent_by(&site.app, Method::POST, &path, "wrong").await;
        assert_eq!(
            (reply.status, reply.header("www-authenticate")),
            (401, "Basic realm=\"Palompy\"")
        );
        for cookie in [
            "",
            "palompy_exchange=",
            "palompy_exchange=../..",
            "palompy_exchange=wrong",
        ] {
            let request = site.app.request(Method::GET, &path).header("cookie", cookie);
            assert_eq!(Reply::of(request).await.status, 401, "{mode} {cookie}");
        }
    }
}

#[tokio::test]
async fn a_token_opens_its_own_shop_only_and_a_cookie_its_own_source() {
    let site = Site::new().await;
    let other = site.app.shop().await;
    let made = site
        .app
        .post("/api/tokens", json!({"name": "1c", "shop_id": other.id}))
        .await;
    let token = made.json_with(201)["token"].as_str().unwrap().to_owned();
    let path = site.path("/exchange?type=catalog&mode=checkauth");
    assert_eq!(
        sent_by(&site.app, Method::GET, &path, &token).await.error(404),
        "not_found"
    );
    let foreign = format!(
        "/api/shops/{}/sources/{}/exchange?mode=checkauth",
        other.id, site.source
    );
    assert_eq!(
        sent_by(&site.app, Method::GET, &foreign, &token).await.error(404),
        "not_found"
    );
    assert_eq!(sent_by(&site.app, Method::GET, &path, ADMIN_TOKEN).await.status, 200);
    let one_c = site.begin(None).await;
    for path in [
        &foreign,
        "/api/shops/1/sources/4711/exchange?mode=init",
        "/api/shops/x/sources/y/exchange?mode=init",
    ] {
        let request = site
            .app
            .request(Method::GET, path)
            .header("cookie", one_c.cookie.as_str());
        assert_eq!(Reply::of(request).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_cookie_opens_nothing_once_its_token_is_revoked() {
    let site = Site::new().await;
    let shop = site.shop.id;
    let made = site
        .app
        .post("/api/tokens", json!({"name": "1c", "shop_id": shop}))
        .await
        .json_with(201);
    let token = made["token"].as_str().unwrap();
    let path = site.path("/exchange?type=catalog&mode=checkauth");
    let request = site.app.request(Method::GET, &path).basic_auth("1c", Some(token));
    let answer = told(request).await;
    let lines: Vec<&str> = answer.lines().collect();
    let cookie = format!("{}={}", lines[1], lines[2]);
    let status = async || {
        let path = site.path("/exchange?type=catalog&mode=init");
        let request = site.app.request(Method::GET, &path).header("cookie", &cookie);
        Reply::of(request).await.status
    };
    assert_eq!(status().await, 200);
    // Beginning anew must not lose by which token it began.
    assert_eq!(status().await, 200);
    let revoked = site.app.delete(&format!("/api/tokens/{}", made["id"])).await;
    assert_eq!((revoked.status, status().await), (204, 401));
}

#[tokio::test]
async fn a_password_without_a_cookie_goes_on_with_the_same_exchange() {
    let site = Site::new().await;
    let call = async |query: &str, body: &str| {
        let request = site
            .app
            .request(Method::POST, &site.path(&format!("/exchange?type=catalog&{query}")));
        told(request.basic_auth("", Some(ADMIN_TOKEN)).body(body.to_owned())).await
    };
    assert!(call("mode=init", "").await.starts_with("zip=yes\n"));
    assert_eq!(
        call("mode=file&filename=import.xml", &catalog(false, &GOODS)).await,
        "success\n"
    );
    assert!(
        call("mode=import&filename=import.xml", "")
            .await
            .starts_with("success\nДобавлено: 3,")
    );
}

#[tokio::test]
async fn names_never_leave_the_folder_and_pictures_are_let_go() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    let text = catalog(false, &GOODS);
    one_c.send("..%2F..%2F..%2Fimport.xml", text.as_bytes()).await;
    one_c.send("..%5C..%5Cx.xml", text.as_bytes()).await;
    one_c.send("import_files/ab/x.jpg", &[0; 5000]).await;
    one_c.send("%2Fetc%2Fpasswd", b"root").await;
    assert_eq!(one_c.import("import_files/ab/x.jpg").await, "success\n");
    let mut names = Vec::new();
    let mut folders = vec![site.app.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.path().display().to_string().contains("exchanges") {
                names.push(entry.file_name().into_string().unwrap());
            }
        }
    }
    names.sort();
    assert_eq!(names, ["0", "1", "session.json"]);
    for name in ["", "import_files/", &"x".repeat(300)] {
        let answer = one_c
            .post(&format!("type=catalog&mode=file&filename={name}"), b"<x/>")
            .await;
        assert!(answer.starts_with("failure\nИмя файла"), "{answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_failure_with_its_reason_and_changes_nothing() {
    let site = Site::new().await;
    site.exchange(&[("import.xml", &catalog(false, &GOODS))]).await;
    let one_c = site.begin(None).await;
    let answer = one_c.import("offers.xml").await;
    assert!(
        answer.starts_with("failure\nФайл offers.xml не был получен."),
        "{answer}"
    );
    let text = catalog(false, &GOODS[..1]);
    one_c.send("import.xml", &text.as_bytes()[..text.len() - 60]).await;
    let answer = one_c.import("import.xml").await;
    assert!(
        answer.starts_with("failure\n") && answer.contains("import.xml"),
        "{answer}"
    );
    let one_c = site.begin(None).await;
    one_c
        .send("v8.zip", &zipped(&[("import.xml", text.as_bytes())])[..100])
        .await;
    assert!(
        one_c
            .import("import.xml")
            .await
            .starts_with("failure\nv8.zip: архив не распаковывается")
    );
    assert!(one_c.ask("type=catalog&mode=dance").await.starts_with("failure\n"));
    assert_eq!(site.goods().len(), 3);
}

#[tokio::test]
async fn an_exchange_that_waits_for_a_yes_says_so_until_somebody_decides() {
    let site = Site::new().await;
    site.exchange(&[("import.xml", &catalog(false, &GOODS))]).await;
    let one_c = site.begin(None).await;
    one_c.send("import.xml", catalog(false, &GOODS[..1]).as_bytes()).await;
    for _ in 0..2 {
        let answer = one_c.import("import.xml").await;
        assert!(
            answer.starts_with("failure\n") && answer.contains("ждёт решения"),
            "{answer}"
        );
    }
    assert_eq!(site.goods().len(), 3);
    let import = last_import(&site).await["id"].clone();
    let approve = format!("/api/shops/{}/imports/{import}/approve", site.shop.id);
    site.app.post(&approve, json!({})).await.json_with(202);
    assert!(
        one_c
            .import("import.xml")
            .await
            .starts_with("success\nДобавлено: 0, изменено: 0, удалено: 2,")
    );
    assert_eq!(site.goods(), ["1 Ботинки - ?"]);
}

#[tokio::test]
async fn a_source_of_another_kind_takes_no_exchange_and_neither_does_one_that_is_gone() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    let path = site.path("");
    site.app.patch(&path, json!({"kind": "csv"})).await.json_with(200);
    let answer = one_c.ask("type=catalog&mode=init").await;
    assert!(
        answer.starts_with("failure\nЭтот источник не принимает обмен"),
        "{answer}"
    );
    assert_eq!(site.app.delete(&path).await.status, 204);
    let gone = site.path("/exchange?mode=init");
    let request = site
        .app
        .request(Method::GET, &gone)
        .header("cookie", one_c.cookie.as_str());
    assert_eq!(Reply::of(request).await.status, 401);
    assert_eq!(
        sent_by(&site.app, Method::GET, &gone, ADMIN_TOKEN).await.error(404),
        "not_found"
    );
}

#[tokio::test]
async fn an_exchange_grows_up_to_a_limit() {
    let site = Site::with(|config| config.max_upload_bytes = 100_000).await;
    let one_c = site.begin(None).await;
    one_c.send("import.xml", &[b'x'; 60_000]).await;
    for part in [50_000, 110_000] {
        let answer = one_c
            .post("type=catalog&mode=file&filename=import.xml", &vec![b'y'; part])
            .await;
        assert!(
            answer.starts_with("failure\nФайлы обмена больше 100000 байт."),
            "{answer}"
        );
    }
    one_c.send("picture.jpg", &[b'z'; 90_000]).await;
    assert!(one_c.import("import.xml").await.starts_with("failure\n"));
}
