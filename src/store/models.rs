//! Which model each shop's knowledge is embedded with.

use crate::domain::embedding::AssignedModel;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::ModelSource;
use crate::domain::embedding::SpaceKey;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::to_json;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;
use serde::Deserialize;
use serde::Serialize;

/// The row of `settings` that holds an assignment.
const EMBEDDING: &str = "embedding";

/// An assignment as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct AssignmentRow {
    pub model: String,
    pub space: i64,
    /// Whether other spaces may hold vectors of the shop.
    pub has_strays: bool,
}

impl Store {
    /// The shop's model and space; `None` until its first import.
    pub async fn shop_model(&self, shop: ShopId) -> StoreResult<Option<AssignedModel>> {
        self.read(move |conn| assigned_model(conn, shop)).await
    }

    /// Every assignment, by shop.
    pub async fn list_shop_models(&self) -> StoreResult<Vec<(ShopId, AssignedModel)>> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("select shop_id, value from settings where key = ?1 order by shop_id")?;
            let rows = statement.query_map([EMBEDDING], |row| {
                let value: String = row.get(1)?;
                Ok((ShopId(row.get(0)?), json::<AssignmentRow>(&value)?))
            })?;
            let mut assigned = Vec::new();
            for row in rows {
                let (shop, row) = row?;
                let model = AssignedModel {
                    source: source(&row.model)?,
                    space: space(conn, row.space)?,
                };
                assigned.push((shop, model));
            }
            Ok(assigned)
        })
        .await
    }

    /// Gives the shop its model when it has none yet, and returns the one that it has.
    pub async fn assign_model(&self, shop: ShopId, model: AssignedModel) -> StoreResult<AssignedModel> {
        self.write(move |conn| {
            if let Some(row) = assignment(conn, shop)? {
                return Ok(AssignedModel {
                    source: source(&row.model)?,
                    space: space(conn, row.space)?,
                });
            }
            let row = AssignmentRow {
                model: model.source.to_string(),
                space: model.space.id.0,
                has_strays: false,
            };
            write_assignment(conn, shop, &row)?;
            Ok(model)
        })
        .await
    }

    /// Shops with documents and without a model, each with the space that most of its visible documents are in; ties go to the
    /// newer space. Databases of before models were assigned have such shops.
    pub async fn list_unassigned_shops(&self) -> StoreResult<Vec<(ShopId, EmbeddingSpace)>> {
        self.read(|conn| {
            let mut statement = conn.prepare(
                "select d.shop_id, s.id, s.model, s.revision, s.dimensions from documents d
                 join embedding_spaces s on s.id = d.space_id
                 where d.state = 'live' and d.shop_id not in (select shop_id from settings where key = ?1)
                 group by d.shop_id, s.id order by d.shop_id, count(*) desc, s.id desc",
            )?;
            let rows = statement.query_map([EMBEDDING], |row| Ok((ShopId(row.get(0)?), space_columns(row, 1)?)))?;
            let mut shops = rows.collect::<Result<Vec<_>, _>>()?;
            shops.dedup_by_key(|(shop, _)| *shop);
            Ok(shops)
        })
        .await
    }
}

pub(super) fn assigned_model(conn: &Connection, shop: ShopId) -> StoreResult<Option<AssignedModel>> {
    let Some(row) = assignment(conn, shop)? else {
        return Ok(None);
    };
    Ok(Some(AssignedModel {
        source: source(&row.model)?,
        space: space(conn, row.space)?,
    }))
}

pub(super) fn assignment(conn: &Connection, shop: ShopId) -> StoreResult<Option<AssignmentRow>> {
    let mut statement = conn.prepare_cached("select value from settings where shop_id = ?1 and key = ?2")?;
    let row = statement.query_row(params![shop.0, EMBEDDING], |row| {
        let value: String = row.get(0)?;
        json(&value)
    });
    optional(row)
}

pub(super) fn write_assignment(conn: &Connection, shop: ShopId, row: &AssignmentRow) -> StoreResult<()> {
    conn.prepare_cached(
        "insert into settings (shop_id, key, value) values (?1, ?2, ?3)
         on conflict (shop_id, key) do update set value = excluded.value",
    )?
    .execute(params![shop.0, EMBEDDING, to_json(row)?])?;
    Ok(())
}

pub(super) fn source(text: &str) -> StoreResult<ModelSource> {
    ModelSource::parse(text).ok_or_else(|| StoreError::Internal(format!("{text:?} names no model")))
}

fn space(conn: &Connection, id: i64) -> StoreResult<EmbeddingSpace> {
    let mut statement =
        conn.prepare_cached("select id, model, revision, dimensions from embedding_spaces where id = ?1")?;
    Ok(statement.query_row([id], |row| space_columns(row, 0))?)
}

/// The columns id, model, revision and dimensions from `first` on.
fn space_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<EmbeddingSpace> {
    Ok(EmbeddingSpace {
        id: SpaceId(row.get(first)?),
        key: SpaceKey {
            model: row.get(first + 1)?,
            revision: row.get(first + 2)?,
            dimensions: row.get::<_, u32>(first + 3)? as usize,
        },
    })
}
