//! The lexicons that owners keep for their shops, ready to be asked.

use crate::domain::id::ShopId;
use crate::domain::lexicon::LexiconEntry;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::lexicon::entries::Entry;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Shops whose lexicons are kept; past this, all are dropped and made again when asked for.
const SHOPS_KEPT: usize = 200;
/// An owner means what they write, but a word said still counts for more than one meant.
const OWN_WEIGHT: f64 = 0.95;

type Kept = HashMap<ShopId, (Vec<LexiconEntry>, Arc<Lexicon>)>;

/// Made again whenever the stored entries are others than they were. Cheap to clone.
#[derive(Clone, Default)]
pub struct OwnLexicons {
    kept: Arc<Mutex<Kept>>,
}

impl OwnLexicons {
    /// The shop's own lexicon of these stored entries; `None` when its owner has written nothing.
    pub async fn find(&self, shop: ShopId, stored: Vec<LexiconEntry>) -> anyhow::Result<Option<Arc<Lexicon>>> {
        if stored.is_empty() {
            return Ok(None);
        }
        if let Some((entries, kept)) = self.lock().get(&shop)
            && *entries == stored
        {
            return Ok(Some(kept.clone()));
        }
        let entries = stored.clone();
        let made = tokio::task::spawn_blocking(move || Arc::new(own_lexicon(&entries))).await;
        let lexicon = made.context("making a shop's lexicon panicked")?;
        let mut kept = self.lock();
        if kept.len() >= SHOPS_KEPT {
            kept.clear();
        }
        kept.insert(shop, (stored, lexicon.clone()));
        Ok(Some(lexicon))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn own_lexicon(stored: &[LexiconEntry]) -> Lexicon {
    let entries = stored.iter().map(|entry| Entry {
        name: String::new(),
        said: entry.say.clone(),
        meant: entry.mean.clone(),
    });
    Lexicon::new(&entries.collect::<Vec<_>>(), OWN_WEIGHT)
}
