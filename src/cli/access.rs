//! `palompy admin token`.

use crate::cli::arguments::TokenCommand;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use serde_json::Value;
use serde_json::json;

pub async fn token(client: &Client, command: TokenCommand, language: Language) -> Result<(), Failure> {
    match command {
        TokenCommand::Create { name, shop } => {
            let body = json!({"name": name, "shop_id": shop}).to_string();
            let made = client.post("/api/tokens", body.into_bytes()).await?;
            // The secret alone on standard output, so that a script can take it.
            eprintln!("{}", sentence(language, "cli_token_shown_once", &[]));
            print_line(text(&made, "token"));
        }
        TokenCommand::List => {
            let answer = client.get("/api/tokens").await?;
            for token in list(&answer, "tokens") {
                let id = token.get("id").and_then(Value::as_i64).unwrap_or_default();
                let shop = token
                    .get("shop_id")
                    .and_then(Value::as_i64)
                    .map_or("*".to_owned(), |shop| shop.to_string());
                let used = token.get("last_used_at").and_then(Value::as_str).unwrap_or("-");
                print_line(format!(
                    "{id}\t{}\tshop {shop}\t{}\t{used}",
                    text(token, "name"),
                    text(token, "created_at")
                ));
            }
        }
        TokenCommand::Revoke { id } => {
            client.delete(&format!("/api/tokens/{id}")).await?;
        }
    }
    Ok(())
}
