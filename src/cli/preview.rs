//! `palompy import --preview`: the documents and chunks that a file would become.

use crate::cli::arguments::ImportOptions;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::cli::sources::find;
use crate::cli::sources::mapping;
use crate::cli::sources::number;
use crate::cli::sources::print_problems;
use crate::domain::language::Language;
use crate::i18n::sentence;
use serde_json::Value;
use std::path::Path;

/// Prints what the file would become as a part of the source that the options name; a file that cannot be used is a failure.
pub async fn preview_file(
    client: &Client,
    options: &ImportOptions,
    file: &Path,
    language: Language,
) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let mut fields = Vec::new();
    if let Some(name) = &options.source
        && let Some(id) = find(client, options.shop, name).await?
    {
        fields.push(("source", id.to_string()));
    }
    if let Some(kind) = &options.kind {
        fields.push(("kind", kind.clone()));
    }
    if !options.map.is_empty() {
        let mapping = Value::Object(mapping(&options.map, language)?);
        fields.push(("mapping", mapping.to_string()));
    }
    fields.push(("path", std::path::absolute(file)?.display().to_string()));
    let path = format!("/api/shops/{}/sources/preview", options.shop);
    let preview = client.post_form(&path, &fields).await?;
    let error = text(&preview, "error");
    if !error.is_empty() {
        return Err(Failure::new(format!("{shown}: {error}")));
    }
    for document in list(&preview, "documents") {
        print_document(document, &preview, language);
    }
    print_problems(&preview);
    let kinds = list(&preview, "files").iter().map(|file| text(file, "kind"));
    let values = [
        ("file", shown),
        ("kind", kinds.collect()),
        ("documents", number(&preview, "documents_total")),
        ("shown", list(&preview, "documents").len().to_string()),
        ("problems", number(&preview, "problems_total")),
    ];
    print_line(sentence(language, "cli_preview_file", &values));
    Ok(())
}

fn print_document(document: &Value, preview: &Value, language: Language) {
    let values = [
        ("type", text(document, "source_type").to_owned()),
        ("id", text(document, "source_id").to_owned()),
        ("title", text(document, "title").to_owned()),
        ("chunks", number(document, "chunks_total")),
    ];
    print_line(sentence(language, "cli_preview_document", &values));
    if let Some(row) = document.get("product").filter(|row| !row.is_null()) {
        print_line(format!("  {row}"));
    }
    for (at, chunk) in list(document, "chunks").iter().enumerate() {
        let unit = match text(preview, "size_unit") {
            "words" => "cli_preview_words",
            _ => "cli_preview_tokens",
        };
        let headings: Vec<&str> = list(chunk, "headings").iter().filter_map(Value::as_str).collect();
        let page = number(chunk, "page");
        let page = if page.is_empty() {
            page
        } else {
            sentence(language, "cli_preview_page", &[("page", page)])
        };
        let place = [page, text(chunk, "anchor").to_owned(), headings.join(" › ")];
        let place: String = place
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| format!(" · {part}"))
            .collect();
        let values = [
            ("number", (at + 1).to_string()),
            ("size", number(chunk, "size")),
            ("most", number(preview, "chunk_size")),
            ("unit", sentence(language, unit, &[])),
            ("place", place),
        ];
        print_line(sentence(language, "cli_preview_chunk", &values));
        for line in text(chunk, "text").lines() {
            print_line(format!("    {line}"));
        }
    }
}
