//! The terms of a database of schema 1 stood in full-text tables, one for each shop; from schema 2 on each chunk has a row.

use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::params;
use rusqlite_migration::HookResult;
use std::collections::HashMap;

/// Moves the terms of all shops into `chunk_terms` and drops the full-text tables. Keywords become attributes, titles names: they
/// weigh the same.
pub(super) fn move_terms(tx: &Transaction<'_>) -> HookResult {
    let mut statement = tx.prepare("select id from shops order by id")?;
    let shops = statement.query_map([], |row| row.get(0))?;
    for shop in shops.collect::<Result<Vec<i64>, _>>()? {
        move_terms_of(tx, shop)?;
    }
    // What had no term in any field.
    tx.execute(
        "insert into chunk_terms select id, '' from knowledge_chunks where id not in (select chunk_id from chunk_terms)",
        [],
    )?;
    Ok(())
}

fn move_terms_of(conn: &Connection, shop: i64) -> rusqlite::Result<()> {
    conn.execute_batch(&format!(
        "create virtual table temp.term_instances using fts5vocab(main, chunk_terms_{shop}, instance)"
    ))?;
    for (chunk, mut terms) in instances(conn)? {
        terms.sort_unstable();
        let mut fields = [const { Vec::new() }; 5];
        for (field, _, term) in terms {
            if let Some(field) = fields.get_mut(field) {
                field.push(term);
            }
        }
        conn.prepare_cached(
            "insert into chunk_terms select id, ?2 from knowledge_chunks where id = ?1 and shop_id = ?3",
        )?
        .execute(params![chunk, fields.map(|terms| terms.join(" ")).join("\n"), shop])?;
    }
    conn.execute_batch(&format!(
        "drop table temp.term_instances; drop table chunk_term_counts_{shop}; drop table chunk_terms_{shop};"
    ))
}

/// By chunk: field, position and term of each instance.
fn instances(conn: &Connection) -> rusqlite::Result<HashMap<i64, Vec<(usize, i64, String)>>> {
    let mut chunks: HashMap<i64, Vec<(usize, i64, String)>> = HashMap::new();
    let mut statement = conn.prepare("select doc, col, \"offset\", term from temp.term_instances")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let field = match row.get_ref(1)?.as_str()? {
            "title" => 0,
            "keywords" => 2,
            _ => 4,
        };
        chunks
            .entry(row.get(0)?)
            .or_default()
            .push((field, row.get(2)?, row.get(3)?));
    }
    Ok(chunks)
}
