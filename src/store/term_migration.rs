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
    let (terms, chunks) = instances(conn)?;
    for (chunk, mut instances) in chunks {
        instances.sort_unstable();
        let mut fields = [const { Vec::new() }; 5];
        for Instance { field, term, .. } in instances {
            if let (Some(field), Some(term)) = (fields.get_mut(usize::from(field)), terms.get(term as usize)) {
                field.push(term.as_str());
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

/// Where a term stands in a chunk, in the order of its text. A large shop has millions.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Instance {
    field: u8,
    position: u32,
    term: u32,
}

/// By chunk.
type Instances = HashMap<i64, Vec<Instance>>;

/// All terms, and the instances of each chunk.
fn instances(conn: &Connection) -> rusqlite::Result<(Vec<String>, Instances)> {
    let mut terms: Vec<String> = Vec::new();
    let mut chunks = Instances::new();
    let mut statement = conn.prepare("select doc, col, \"offset\", term from temp.term_instances")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let field = match row.get_ref(1)?.as_str()? {
            "title" => 0,
            "keywords" => 2,
            _ => 4,
        };
        let term = row.get_ref(3)?.as_str()?;
        // Instances come by term.
        if terms.last().map(String::as_str) != Some(term) {
            terms.push(term.to_owned());
        }
        chunks.entry(row.get(0)?).or_default().push(Instance {
            field,
            position: row.get(2)?,
            term: terms.len() as u32 - 1,
        });
    }
    Ok((terms, chunks))
}
