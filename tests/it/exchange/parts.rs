//! Exchanges of changes only.

use crate::exchange::Site;
use crate::exchange::files::catalog;
use crate::exchange::files::offers;
use crate::exchange::last_import;

async fn site() -> Site {
    let site = Site::new().await;
    let goods = [
        ("1", "Ботинки", "Тёплые."),
        ("2", "Туфли", "Лёгкие."),
        ("3", "Сапоги", ""),
    ];
    let told = [
        ("1#40", Some("Ботинки (40)"), Some(900), Some(1)),
        ("1#41", Some("Ботинки (41)"), Some(910), Some(0)),
        ("2", Some("Туфли"), Some(700), Some(3)),
        ("3", Some("Сапоги"), Some(500), Some(3)),
    ];
    site.exchange(&[("import.xml", &catalog(false, &goods)), ("offers.xml", &offers(&told))])
        .await;
    assert_eq!(site.goods(), WHOLE);
    site
}

const WHOLE: [&str; 4] = [
    "1#40 Ботинки (40) 900 есть Тёплые.",
    "1#41 Ботинки (41) 910 нет Тёплые.",
    "2 Туфли 700 есть Лёгкие.",
    "3 Сапоги 500 есть",
];

#[tokio::test]
async fn prices_alone_change_prices_and_amounts_alone_change_stock() {
    let site = site().await;
    site.exchange(&[(
        "prices.xml",
        &offers(&[("1#41", None, Some(800), None), ("2", None, Some(650), None)]),
    )])
    .await;
    site.exchange(&[(
        "rests.xml",
        &offers(&[("1#40", None, None, Some(0)), ("2", None, None, Some(0))]),
    )])
    .await;
    let expected = [
        "1#40 Ботинки (40) 900 нет Тёплые.",
        "1#41 Ботинки (41) 800 нет Тёплые.",
        "2 Туфли 650 нет Лёгкие.",
        "3 Сапоги 500 есть",
    ];
    assert_eq!(site.goods(), expected);
    // Both are versions, and what was there before comes back.
    site.undo().await;
    site.undo().await;
    assert_eq!(site.goods(), WHOLE);
    // A change goes on from what is visible, not from what was undone.
    site.exchange(&[("rests.xml", &offers(&[("1#41", None, None, Some(7))]))])
        .await;
    assert_eq!(site.goods()[..2], [WHOLE[0], "1#41 Ботинки (41) 910 есть Тёплые."]);
    assert_eq!(site.goods()[2..], WHOLE[2..]);
}

#[tokio::test]
async fn changed_goods_keep_their_prices_new_ones_come_and_deleted_ones_go() {
    let site = site().await;
    let goods = [
        ("1", "Ботинки зимние", "Очень тёплые."),
        ("2", "", ""),
        ("4", "Кеды", ""),
    ];
    let told = [
        ("4", Some("Кеды"), Some(300), Some(1)),
        ("2", Some("Туфли"), Some(1), Some(1)),
    ];
    site.exchange(&[
        ("import0_1.xml", &catalog(true, &goods)),
        ("offers0_1.xml", &offers(&told[..1])),
    ])
    .await;
    let expected = [
        "1#40 Ботинки зимние (40) 900 есть Очень тёплые.",
        "1#41 Ботинки зимние (41) 910 нет Очень тёплые.",
        "3 Сапоги 500 есть",
        "4 Кеды 300 есть",
    ];
    assert_eq!(site.goods(), expected);
    // So do groups, articles and what tells variants apart.
    let hits = site.app.hits(&site.shop, "ботинки зимние 41").await;
    let text = hits[0]["text"].as_str().unwrap();
    assert!(
        text.contains("Категория: Обувь") && text.contains("Артикул: A-1; Размер: 41"),
        "{text}"
    );
}

#[tokio::test]
async fn a_new_size_takes_the_rest_from_its_product() {
    let site = site().await;
    let told = [
        ("1#42", Some("Ботинки (42)"), Some(950), Some(1)),
        ("2#36", None, Some(710), Some(1)),
        ("2#37", None, Some(720), Some(0)),
    ];
    site.exchange(&[("offers.xml", &offers(&told))]).await;
    let expected = [
        WHOLE[0],
        WHOLE[1],
        "1#42 Ботинки (42) 950 есть Тёплые.",
        "2#36 Туфли 710 есть Лёгкие.",
        "2#37 Туфли 720 нет Лёгкие.",
        WHOLE[3],
    ];
    assert_eq!(site.goods(), expected);
}

#[tokio::test]
async fn a_price_of_a_product_that_never_came_is_told() {
    let site = site().await;
    site.exchange(&[("prices.xml", &offers(&[("7", None, Some(1), None)]))])
        .await;
    assert_eq!(site.goods(), WHOLE);
    let import = last_import(&site).await;
    assert_eq!(import["problems"], 1, "{import}");
}

#[tokio::test]
async fn what_changes_lead_to_is_what_a_whole_exchange_says() {
    let site = site().await;
    let goods = [
        ("1", "Ботинки зимние", "Очень тёплые."),
        ("3", "", ""),
        ("4", "Кеды", "Белые."),
    ];
    let told = [
        ("1#42", Some("Ботинки зимние (42)"), Some(950), Some(1)),
        ("4", Some("Кеды"), Some(300), None),
    ];
    // Both files come before they are imported: goods whose variants are told in part.
    let one_c = site.begin(None).await;
    one_c.send("import.xml", catalog(true, &goods).as_bytes()).await;
    one_c.send("offers.xml", offers(&told).as_bytes()).await;
    assert!(
        one_c
            .import("import.xml")
            .await
            .starts_with("success\nДобавлено: 2, изменено: 2, удалено: 1,")
    );
    site.exchange(&[(
        "prices.xml",
        &offers(&[("1#41", None, Some(1), None), ("2", None, Some(650), None)]),
    )])
    .await;
    site.exchange(&[(
        "rests.xml",
        &offers(&[("1#41", None, None, Some(1)), ("4", None, None, Some(1))]),
    )])
    .await;
    let changed = site.goods();
    let goods = [
        ("1", "Ботинки зимние", "Очень тёплые."),
        ("2", "Туфли", "Лёгкие."),
        ("4", "Кеды", "Белые."),
    ];
    let told = [
        ("1#40", Some("Ботинки зимние (40)"), Some(900), Some(1)),
        ("1#41", Some("Ботинки зимние (41)"), Some(1), Some(4)),
        ("1#42", Some("Ботинки зимние (42)"), Some(950), Some(1)),
        ("2", Some("Туфли"), Some(650), Some(3)),
        ("4", Some("Кеды"), Some(300), Some(1)),
    ];
    let one_c = site.begin(None).await;
    one_c.send("import.xml", catalog(false, &goods).as_bytes()).await;
    one_c.send("offers.xml", offers(&told).as_bytes()).await;
    assert_eq!(
        one_c.import("import.xml").await,
        "success\nДобавлено: 0, изменено: 0, удалено: 0, не прочитано записей: 0.\n"
    );
    assert_eq!(site.goods(), changed);
    assert_eq!(changed.len(), 5);
}
