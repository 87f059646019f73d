//! `palompy admin shop`.

use crate::cli::arguments::ShopCommand;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use serde_json::Value;
use serde_json::json;

pub async fn shop(client: &Client, command: ShopCommand) -> Result<(), Failure> {
    match command {
        ShopCommand::Create { name, language } => {
            let body = json!({"name": name, "settings": {"language": language}}).to_string();
            print_shop(&client.post("/api/shops", body.into_bytes()).await?);
        }
        ShopCommand::List => list(&client.get("/api/shops").await?, "shops")
            .iter()
            .for_each(print_shop),
    }
    Ok(())
}

/// Id, public key and name, separated by tabs.
fn print_shop(shop: &Value) {
    let id = shop.get("id").and_then(Value::as_i64).unwrap_or_default();
    print_line(format!("{id}\t{}\t{}", text(shop, "public_key"), text(shop, "name")));
}
