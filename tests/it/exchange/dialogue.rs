//! Whole exchanges.

use crate::exchange::Site;
use crate::exchange::files::catalog;
use crate::exchange::files::classifier;
use crate::exchange::files::in_windows_1251;
use crate::exchange::files::offers;
use crate::exchange::files::zipped;
use crate::exchange::last_import;
use crate::sources::counts;
use serde_json::json;

const GOODS: [(&str, &str, &str); 3] = [
    ("1", "Ботинки", "Тёплые."),
    ("2", "Туфли", ""),
    ("3", "Сапоги", "Высокие."),
];

#[tokio::test]
async fn an_older_1c_sends_its_files_in_parts_and_one_import_reads_them() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    let import = in_windows_1251(&catalog(false, &GOODS));
    let offers = in_windows_1251(&offers(&[
        ("1", None, Some(900), Some(2)),
        ("2", None, Some(700), Some(0)),
    ]));
    for part in import.chunks(300) {
        one_c.send("import.xml", part).await;
    }
    one_c.send("offers.xml", &offers).await;
    assert_eq!(
        one_c.import("import.xml").await,
        "success\nДобавлено: 3, изменено: 0, удалено: 0, не прочитано записей: 0.\n"
    );
    let expected = ["1 Ботинки 900 есть Тёплые.", "2 Туфли 700 нет", "3 Сапоги - ? Высокие."];
    assert_eq!(site.goods(), expected);
    assert_eq!(one_c.import("offers.xml").await, "success\n");
    let imports = site.versions().await;
    assert_eq!(
        (imports.len(), &imports[0]["by"], &imports[0]["origin"]),
        (1, &json!("1C"), &json!("import.xml, offers.xml"))
    );
}

#[tokio::test]
async fn an_archive_in_parts_with_pictures_is_read_where_it_is() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    let (import, offers) = (catalog(false, &GOODS), offers(&[("1", None, Some(900), Some(2))]));
    let archive = zipped(&[
        ("webdata/import0_1.xml", import.as_bytes()),
        ("webdata/import_files/ab/x.jpg", b"\xff\xd8\xff"),
        ("../../offers0_1.xml", offers.as_bytes()),
    ]);
    for part in archive.chunks(200) {
        one_c.send("v8_1C.zip", part).await;
    }
    assert!(
        one_c
            .import("import0_1.xml")
            .await
            .starts_with("success\nДобавлено: 3,")
    );
    assert_eq!(one_c.import("offers0_1.xml").await, "success\n");
    assert_eq!(site.goods()[0], "1 Ботинки 900 есть Тёплые.");
    assert_eq!(site.versions().await.len(), 1);
}

#[tokio::test]
async fn a_part_that_comes_again_counts_once_and_a_file_that_begins_again_begins_anew() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    let text = catalog(false, &GOODS);
    let parts: Vec<&[u8]> = text.as_bytes().chunks(250).collect();
    // The third part is sent twice, and after the fifth all begins again.
    let order = (0..3)
        .chain([2, 3, 4, 4])
        .chain(0..parts.len())
        .chain([parts.len() - 1]);
    for number in order {
        one_c.send("import.xml", parts[number]).await;
    }
    assert!(one_c.import("import.xml").await.starts_with("success\nДобавлено: 3,"));
    // So does a file that was imported.
    one_c.send("import.xml", catalog(false, &GOODS[..2]).as_bytes()).await;
    assert!(
        one_c
            .import("import.xml")
            .await
            .starts_with("success\nДобавлено: 0, изменено: 0, удалено: 1,")
    );
}

#[tokio::test]
async fn a_product_that_a_second_whole_exchange_does_not_name_goes() {
    let site = Site::new().await;
    let prices = |price| {
        offers(&[
            ("1", None, Some(price), Some(1)),
            ("2", None, Some(price), Some(1)),
            ("3", None, Some(price), None),
        ])
    };
    site.exchange(&[("import.xml", &catalog(false, &GOODS)), ("offers.xml", &prices(100))])
        .await;
    // Between the two files the goods keep their prices.
    let one_c = site.begin(None).await;
    one_c.send("import.xml", catalog(false, &GOODS[..2]).as_bytes()).await;
    assert!(
        one_c
            .import("import.xml")
            .await
            .starts_with("success\nДобавлено: 0, изменено: 0, удалено: 1,")
    );
    assert_eq!(site.goods(), ["1 Ботинки 100 есть Тёплые.", "2 Туфли 100 есть"]);
    // Of offers in the same exchange all count.
    one_c
        .send("offers.xml", offers(&[("1", None, Some(200), Some(0))]).as_bytes())
        .await;
    assert!(one_c.import("offers.xml").await.starts_with("success\n"));
    assert_eq!(site.goods(), ["1 Ботинки 200 нет Тёплые.", "2 Туфли - ?"]);
}

#[tokio::test]
async fn a_newer_1c_sends_packets_and_nothing_goes_before_it_says_that_this_is_all() {
    let site = Site::new().await;
    site.exchange(&[("import.xml", &catalog(false, &[GOODS[0], ("9", "Галоши", "")]))])
        .await;
    let one_c = site.begin(Some("3.1")).await;
    let prices = offers(&[("1", None, Some(900), None), ("2", None, Some(700), None)]);
    let rests = offers(&[("1", None, None, Some(0)), ("2", None, None, Some(5))]);
    for (name, text, done) in [
        ("import___1.xml", classifier(), "Добавлено: 0, изменено: 0, удалено: 0,"),
        (
            "import0_1.xml",
            catalog(false, &GOODS[..1]),
            "Добавлено: 0, изменено: 0, удалено: 0,",
        ),
        (
            "import0_2.xml",
            catalog(false, &GOODS[1..2]),
            "Добавлено: 1, изменено: 0, удалено: 0,",
        ),
        ("prices0_1.xml", prices, "Добавлено: 0, изменено: 2, удалено: 0,"),
        ("rests0_1.xml", rests, "Добавлено: 0, изменено: 2, удалено: 0,"),
    ] {
        one_c.send(name, text.as_bytes()).await;
        let answer = one_c.import(name).await;
        assert!(answer.starts_with(&format!("success\n{done}")), "{name}: {answer}");
    }
    let expected = ["1 Ботинки 900 нет Тёплые.", "2 Туфли 700 есть"];
    assert_eq!(site.goods()[..2], expected);
    assert_eq!(site.goods().len(), 3);
    let ended = one_c.until_told("type=catalog&mode=deactivate&timestamp=1").await;
    assert!(
        ended.starts_with("success\nДобавлено: 0, изменено: 0, удалено: 1,"),
        "{ended}"
    );
    assert_eq!(site.goods(), expected);
    assert_eq!(one_c.until_told("type=catalog&mode=complete").await, "success\n");
    assert_eq!(counts(&last_import(&site).await), [0, 0, 2, 1]);
}

#[tokio::test]
async fn a_1c_that_also_wants_orders_finds_none() {
    let site = Site::new().await;
    let one_c = site.begin(None).await;
    assert!(one_c.ask("type=sale&mode=checkauth").await.starts_with("success\n"));
    assert_eq!(one_c.ask("type=sale&mode=init").await, "zip=no\nfile_limit=1000000\n");
    let orders = one_c.ask("type=sale&mode=query").await;
    assert!(
        orders.starts_with("<?xml") && orders.contains("<КоммерческаяИнформация"),
        "{orders}"
    );
    assert!(one_c.ask("type=sale&mode=success").await.starts_with("success\n"));
    assert!(
        one_c
            .post("type=sale&mode=file&filename=orders.xml", b"<x/>")
            .await
            .starts_with("success\n")
    );
    assert!(
        one_c
            .ask("type=sale&mode=import&filename=orders.xml")
            .await
            .starts_with("success\n")
    );
}

#[tokio::test]
async fn exchanges_at_the_same_time_do_not_mix() {
    let site = Site::new().await;
    let (first, second) = (site.begin(None).await, site.begin(None).await);
    first.send("import.xml", catalog(true, &GOODS[..1]).as_bytes()).await;
    second.send("import.xml", catalog(true, &GOODS[1..]).as_bytes()).await;
    let answers = tokio::join!(first.import("import.xml"), second.import("import.xml"));
    assert!(answers.0.starts_with("success\nДобавлено: 1,"), "{answers:?}");
    assert!(answers.1.starts_with("success\nДобавлено: 2,"), "{answers:?}");
    assert_eq!(site.goods().len(), 3);
}
