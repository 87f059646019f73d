//! How columns become domain values. A value that cannot be read is an internal error, never a guess.

use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::store::error::StoreResult;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::types::FromSqlError;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The columns that `document` reads, in its order.
macro_rules! document_columns {
    () => {
        "d.id, d.source_type, d.source_id, d.title, d.url, d.product"
    };
}
pub(super) use document_columns;

pub(super) fn document(row: &Row<'_>, first: usize) -> rusqlite::Result<Document> {
    let product: Option<String> = row.get(first + 5)?;
    Ok(Document {
        id: DocumentId(row.get(first)?),
        key: SourceKey {
            source_type: parsed(row, first + 1, SourceType::parse)?,
            source_id: row.get(first + 2)?,
        },
        title: row.get(first + 3)?,
        url: row.get(first + 4)?,
        product: product.map(|text| json(&text)).transpose()?,
    })
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    parsed(row, column, |text| text.parse().ok())
}

/// A time as the tables hold it: RFC 3339 in UTC with milliseconds, so that text order is time order.
pub(super) fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    parsed(row, column, |text| text.parse().ok())
}

pub(super) fn optional_timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(unreadable)).transpose()
}

pub(super) fn language(row: &Row<'_>, column: usize) -> rusqlite::Result<Language> {
    parsed(row, column, Language::parse)
}

pub(super) fn parsed<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unreadable(format!("column {column} holds {text:?}")))
}

pub(super) fn json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(unreadable)
}

/// Where a chunk begins; null is nowhere in particular.
pub(super) fn place(row: &Row<'_>, column: usize) -> rusqlite::Result<ChunkPlace> {
    let text: Option<String> = row.get(column)?;
    text.map_or(Ok(ChunkPlace::default()), |text| json(&text))
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(crate::store::error::StoreError::internal)
}

/// Fails with not found unless the shop exists.
pub(super) fn require_shop(conn: &Connection, shop: ShopId) -> StoreResult<()> {
    conn.prepare_cached("select 1 from shops where id = ?1")?
        .query_row([shop.0], |_| Ok(()))?;
    Ok(())
}

pub(super) fn optional<T>(result: rusqlite::Result<T>) -> StoreResult<Option<T>> {
    Ok(result.optional()?)
}

fn unreadable(error: impl std::fmt::Display) -> rusqlite::Error {
    rusqlite::Error::from(FromSqlError::Other(error.to_string().into()))
}
