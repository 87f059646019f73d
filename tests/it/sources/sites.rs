//! Sites: which pages are asked for, what becomes of them, and what stays known when they cannot be had.

use crate::sources::counts;
use crate::sources::create;
use crate::sources::ended;
use crate::sources::test_site::TestSite;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use serde_json::Value;
use serde_json::json;

/// A source of the site in a shop of its own.
struct SiteSource {
    app: TestApp,
    shop: TestShop,
    path: String,
}

impl SiteSource {
    async fn new(location: Value) -> SiteSource {
        let app = TestApp::start_with(|config| config.source_private_hosts = Some("127.0.0.1".to_owned())).await;
        let shop = app.shop().await;
        let source = create(&app, &shop, "сайт", location).await;
        let path = format!("/api/shops/{}/sources/{}/sync", shop.id, source["id"]);
        SiteSource { app, shop, path }
    }

    /// The import, as it ended.
    async fn sync(&self) -> Value {
        let queued = self.app.post(&self.path, json!({})).await.json_with(202);
        ended(&self.app, self.shop.id, &queued).await
    }

    /// The problems of an import, as one text.
    async fn problems(&self, import: &Value) -> String {
        let path = format!("/api/shops/{}/imports/{}", self.shop.id, import["id"]);
        self.app.get(&path).await.json_with(200)["problems"].to_string()
    }

    /// The addresses of what is found for a question.
    async fn urls(&self, question: &str) -> Vec<String> {
        let hits = self.app.hits(&self.shop, question).await;
        hits.iter()
            .map(|hit| hit["url"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

const DELIVERY: &str = "<h1>Доставка</h1><p>Курьер привозит заказы по Казани за один день, это стоит 250 рублей.</p>";
const RETURNS: &str = "<h1>Возврат</h1><p>Вернуть товар можно за четырнадцать дней, если сохранился чек.</p>";

#[tokio::test]
async fn pages_are_found_by_links_and_sitemaps_within_the_rules() {
    let site = TestSite::start().await;
    site.rules(&format!("Disallow: /cart\nSitemap: {}\n", site.url("/maps/all.xml")));
    site.page(
        "/",
        "",
        "<a href='/delivery?utm_source=menu#top'>Доставка</a><a href='/cart'>Корзина</a><a href='/old'>Старое</a>\
         <a rel='nofollow' href='/secret'>Нет</a><a href='https://other.example/'>Чужое</a><a href='/photo.jpg'>Фото</a>\
         <a href='/private'>Личное</a><a href='/admin/x'>Вход</a><p>Лавка посуды в Казани, чайники и сковороды.</p>",
    );
    site.page("/delivery", "<link rel=canonical href='/help/delivery'>", DELIVERY);
    site.page("/help/delivery", "", DELIVERY);
    site.page(
        "/private",
        "<meta name=robots content='noindex'>",
        "<p>Черновик про пеликанов.</p><a href='/deep'>Ещё</a>",
    );
    site.page("/deep", "", "<p>Про уход за чугунными сковородами и казанами.</p>");
    site.put("/old", 301, &[("location", "/returns")], b"");
    let map = format!(
        "<sitemapindex><sitemap><loc>{}</loc></sitemap></sitemapindex>",
        site.url("/maps/one.xml")
    );
    site.put("/maps/all.xml", 200, &[], map.as_bytes());
    let map = format!("<urlset><url><loc>{}</loc></url></urlset>", site.url("/returns"));
    site.put("/maps/one.xml", 200, &[], map.as_bytes());
    site.page("/returns", "", RETURNS);
    let location = json!({"type": "site", "url": site.url("/"), "exclude": ["/admin/*"]});
    let source = SiteSource::new(location).await;
    let import = source.sync().await;
    assert_eq!(import["status"], "done", "{import}");
    assert_eq!(
        site.asked(),
        [
            "/",
            "/deep",
            "/delivery",
            "/maps/all.xml",
            "/maps/one.xml",
            "/old",
            "/private",
            "/returns",
            "/returns",
            "/robots.txt",
            "/sitemap.xml 404"
        ]
    );
    // The page that leads to a page without an index, the rules of returns, of delivery, and the deep one.
    assert_eq!(counts(&import), [4, 0, 0, 0]);
    assert_eq!(
        source.urls("сколько стоит доставка курьером").await[0],
        site.url("/help/delivery")
    );
    assert!(!source.urls("пеликаны").await.contains(&site.url("/private")));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again_and_what_fails_for_a_day_stays_known() {
    let site = TestSite::start().await;
    site.page(
        "/",
        "",
        "<a href='/delivery'>Доставка</a><a href='/returns'>Возврат</a><p>Лавка посуды в Казани.</p>",
    );
    site.page("/delivery", "", DELIVERY);
    site.page("/returns", "", RETURNS);
    let source = SiteSource::new(json!({"type": "site", "url": site.url("/")})).await;
    assert_eq!(counts(&source.sync().await), [3, 0, 0, 0]);
    site.asked();
    let same = source.sync().await;
    assert_eq!(
        (&same["status"], counts(&same)[0], counts(&same)[1]),
        (&json!("done"), 0, 0)
    );
    assert_eq!(
        site.asked(),
        [
            "/ 304",
            "/delivery 304",
            "/returns 304",
            "/robots.txt",
            "/sitemap.xml 404"
        ]
    );
    site.put("/delivery", 503, &[], b"");
    let failing = source.sync().await;
    assert_eq!(
        (&failing["status"], failing["removed"].as_u64()),
        (&json!("done"), Some(0)),
        "{failing}"
    );
    let problems = source.problems(&failing).await;
    assert!(problems.contains("503") && problems.contains("/delivery"), "{problems}");
    assert_eq!(source.urls("доставка курьером").await[0], site.url("/delivery"));
    site.put("/delivery", 410, &[], b"");
    assert_eq!(counts(&source.sync().await)[3], 1);
    assert!(!source.urls("доставка курьером").await.contains(&site.url("/delivery")));
    site.put("/robots.txt", 500, &[], b"");
    let refused = source.sync().await;
    assert_eq!(refused["status"], "failed");
    assert!(refused["error"].as_str().unwrap().contains("robots.txt"), "{refused}");
    assert!(source.urls("вернуть товар").await.contains(&site.url("/returns")));
}

#[tokio::test]
async fn what_stands_on_every_page_is_left_out_and_a_product_page_is_its_product() {
    let site = TestSite::start().await;
    let strip = "<div>Только сегодня пеликаны бесплатно всем покупателям нашей лавки</div>";
    for number in 1..=6 {
        let links: String = (1..=6).map(|to| format!("<a href='/p{to}'>{to}</a>")).collect();
        let own = ["чайники", "сковороды", "казаны", "ножи", "доски", "миски"][number - 1];
        site.page(
            &format!("/p{number}"),
            "",
            &format!("{links}<p>Здесь рассказано про {own} и уход за ними.</p>{strip}"),
        );
    }
    site.page(
        "/p6",
        "<script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":[\"Product\"],\"name\":\"Чайник «Заря»\",\
         \"sku\":\"Z-7\",\"brand\":{\"@type\":\"Brand\",\"name\":\"Заря\"},\"image\":{\"name\":\"Чайник\",\"url\":\"https://s.example/z.jpg\"},\"offers\":[{\"price\":\"2 500\",\"availability\":\"SoldOut\"},{\"@type\":\"Offer\",\
         \"price\":\"1 990,00\",\"priceCurrency\":\"RUB\",\"availability\":\"https://schema.org/InStock\"}]}]}</script>",
        &format!("<h1>Чайник «Заря»</h1><p>Свистит, когда закипит вода, и не ржавеет десятки лет подряд.</p>{strip}"),
    );
    let source = SiteSource::new(json!({"type": "site", "url": site.url("/p1")})).await;
    assert_eq!(counts(&source.sync().await), [6, 0, 0, 0]);
    let hits = source.app.hits(&source.shop, "Z-7").await;
    let cards = source.app.ask(&source.shop, "Z-7").await["cards"].clone();
    assert_eq!(cards[0]["image"], "https://s.example/z.jpg", "{cards}");
    assert_eq!(
        (&hits[0]["source_type"], &hits[0]["price"]),
        (&json!("product"), &json!(1990.0)),
        "{hits:?}"
    );
    assert_eq!(
        hits.iter()
            .filter(|hit| hit["title"].as_str().unwrap().contains("Заря"))
            .count(),
        1
    );
    let texts = json!(source.app.hits(&source.shop, "пеликаны бесплатно").await).to_string();
    assert!(!texts.contains("пеликаны бесплатно всем"), "{texts}");
}

#[tokio::test]
async fn an_endless_site_ends_at_its_limits_and_says_so() {
    let site = TestSite::start().await;
    let days: String = (0..80)
        .map(|day| format!("<a href='/calendar?day={day}'>{day}</a>"))
        .collect();
    site.page(
        "/",
        "",
        &format!("{days}<a href='/one'>1</a><a href='/app'>2</a><p>Лавка посуды в Казани и Самаре.</p>"),
    );
    site.page(
        "/one",
        "",
        "<a href='/two'>2</a><p>Первая страница про чугунную посуду.</p>",
    );
    site.page(
        "/two",
        "",
        "<a href='/three'>3</a><p>Вторая страница про медную посуду.</p>",
    );
    site.page("/three", "", "<p>Третья.</p>");
    site.page("/app", "", "<div id='root'></div><script src='/app.js'></script>");
    let location = json!({"type": "site", "url": site.url("/"), "max_depth": 2, "exclude": []});
    let source = SiteSource::new(location).await;
    let import = source.sync().await;
    let problems = source.problems(&import).await;
    assert!(
        problems.contains("max_depth") && problems.contains("/calendar"),
        "{problems}"
    );
    assert!(
        problems.contains("JavaScript") && problems.contains("/app"),
        "{problems}"
    );
    assert!(!site.asked().iter().any(|path| path.starts_with("/three")));
    let short =
        SiteSource::new(json!({"type": "site", "url": site.url("/"), "max_pages": 2, "include": ["/o*"]})).await;
    let import = short.sync().await;
    assert_eq!(counts(&import), [1, 0, 0, 0], "{}", short.problems(&import).await);
}

#[tokio::test]
async fn copies_of_pages_go_with_their_source_and_with_its_shop() {
    let site = TestSite::start().await;
    site.page("/", "", "<p>Лавка посуды в Казани, чайники и сковороды.</p>");
    let source = SiteSource::new(json!({"type": "site", "url": site.url("/")})).await;
    let other = create(
        &source.app,
        &source.shop,
        "ещё",
        json!({"type": "site", "url": site.url("/")}),
    )
    .await;
    let other_path = format!("/api/shops/{}/sources/{}", source.shop.id, other["id"]);
    let queued = source
        .app
        .post(&format!("{other_path}/sync"), json!({}))
        .await
        .json_with(202);
    ended(&source.app, source.shop.id, &queued).await;
    source.sync().await;
    let copies = || {
        std::fs::read_dir(source.app.folder.path().join("data/sites"))
            .unwrap()
            .count()
    };
    assert_eq!(copies(), 2);
    assert_eq!(source.app.delete(&other_path).await.status, 204);
    assert_eq!(copies(), 1);
    let path = format!("/api/shops/{}", source.shop.id);
    assert_eq!(source.app.delete(&path).await.status, 204);
    source.app.resume_in_background();
    until("copies to be gone", async || (copies() == 0).then_some(())).await;
}

#[tokio::test]
async fn a_site_that_may_not_be_read_is_refused_with_its_reason() {
    let site = TestSite::start().await;
    site.page("/", "", "<p>Лавка</p>");
    site.rules("Disallow: /\n");
    for (rules, start, word) in [
        ("Disallow: /\n", "/", "robots.txt"),
        ("", "/nothing", "404"),
        ("", "/away", "http"),
    ] {
        site.rules(rules);
        site.put("/away", 302, &[("location", "http://169.254.169.254/")], b"");
        let source = SiteSource::new(json!({"type": "site", "url": site.url(start)})).await;
        let refused = source.sync().await;
        assert_eq!(refused["status"], "failed", "{start}");
        assert!(refused["error"].as_str().unwrap().contains(word), "{refused}");
    }
}

#[tokio::test]
async fn the_bounds_of_a_site_are_checked_all_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let location =
        json!({"type": "site", "url": "https://s.example/", "include": ["help"], "max_pages": 0, "max_depth": 99});
    let body = json!({"name": "сайт", "location": location});
    let answer = app.post(&format!("/api/shops/{}/sources", shop.id), body).await;
    let problems = answer.json_with(422).to_string();
    for path in ["location.include[0]", "location.max_pages", "location.max_depth"] {
        assert!(problems.contains(path), "{path}: {problems}");
    }
}
