//! `kill -9` in the middle of an exchange of 1C, which goes on with the same cookie.

use crate::exchange::OneC;
use crate::exchange::files::catalog;
use crate::exchange::files::offers;
use crate::exchange::goods;
use crate::program::Server;
use crate::program::database;
use crate::program::folder;
use crate::support::until;
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn an_exchange_goes_on_after_the_program_was_killed() {
    let folder = folder();
    let mut server = Server::start(folder.path());
    let shop = server.shop().await;
    let source = json!({"name": "1С", "kind": "commerceml", "location": {"type": "upload"}});
    let path = format!("/api/shops/{}/sources", shop.id);
    let source = server.post(&path, &source).await.json_with(201)["id"].clone();
    let http = server.http.clone();
    let mut one_c = OneC::begin(&format!("{}{path}/{source}/exchange", server.url), &http, None).await;
    let names: Vec<String> = (100..400).map(|number| number.to_string()).collect();
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), "Ботинки", "")).collect();
    let text = catalog(false, &all);
    for (number, part) in text.as_bytes().chunks(text.len() / 4 + 1).enumerate() {
        one_c.send("import.xml", part).await;
        if number == 1 {
            server.kill();
            server = Server::start(folder.path());
            one_c.move_to(&format!("{}{path}/{source}/exchange", server.url));
            // 1C does not know whether this part came.
            one_c.send("import.xml", part).await;
        }
    }
    one_c
        .send("offers.xml", offers(&[("100", None, Some(9), Some(1))]).as_bytes())
        .await;
    // The import begins, and 1C goes away before it has an answer.
    let query = "type=catalog&mode=import&filename=import.xml";
    tokio::select! {
        answer = one_c.ask(query) => panic!("it was done at once: {answer}"),
        () = begun(folder.path()) => {}
    }
    server.kill();
    server = Server::start(folder.path());
    one_c.move_to(&format!("{}{path}/{source}/exchange", server.url));
    let answer = one_c.import("import.xml").await;
    assert!(answer.starts_with("success\n"), "{answer}");
    assert_eq!(one_c.import("offers.xml").await, "success\n");
    let goods = goods(&database(folder.path()));
    assert_eq!((goods.len(), goods[0].as_str()), (300, "100 Ботинки 9 есть"));
}

/// Until an import is noted.
async fn begun(folder: &Path) {
    until("an import", async || {
        let count: i64 = database(folder)
            .query_row("select count(*) from imports", [], |row| row.get(0))
            .unwrap();
        (count > 0).then_some(())
    })
    .await;
}
