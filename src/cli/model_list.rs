//! `palompy models list`: what is installed and used, and what can be had.

use crate::app::models::Offer;
use crate::app::models::offers;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use serde_json::Value;

/// Prints the models of the answer of `/api/models`, then those that are recommended, or all when asked for.
pub fn print_list(answer: &Value, all: bool, language: Language) {
    print_line(sentence(language, "cli_models_here", &[]));
    for model in list(answer, "models") {
        print_line(format!("  {}", known_line(model, language)));
    }
    let heading = if all {
        "cli_models_all"
    } else {
        "cli_models_recommended"
    };
    print_line(sentence(language, heading, &[]));
    if !all {
        print_line(format!("  1 GB: {}", sentence(language, "cli_models_for_1_gb", &[])));
    }
    let mut offers: Vec<Offer> = offers()
        .into_iter()
        .filter(|offer| all || offer.recommended_for_gb.is_some())
        .collect();
    if !all {
        offers.sort_by_key(|offer| offer.recommended_for_gb);
    }
    for offer in &offers {
        print_line(format!("  {}", offer_line(offer, language)));
    }
}

fn known_line(model: &Value, language: Language) -> String {
    let flag = |name: &str| model.get(name).and_then(Value::as_bool).unwrap_or_default();
    let mut notes = Vec::new();
    for (name, key) in [("default", "cli_model_is_default"), ("loaded", "cli_model_is_loaded")] {
        if flag(name) {
            notes.push(sentence(language, key, &[]));
        }
    }
    if !flag("present") {
        notes.push(sentence(language, "cli_model_is_missing", &[]));
    }
    let shops: Vec<String> = list(model, "shops").iter().map(Value::to_string).collect();
    if !shops.is_empty() {
        notes.push(sentence(language, "cli_model_shops", &[("shops", shops.join(", "))]));
    }
    format!("{}\t{}", text(model, "model"), notes.join("; "))
}

fn offer_line(offer: &Offer, language: Language) -> String {
    let mut notes = Vec::new();
    if let Some(dimensions) = offer.dimensions {
        notes.push(sentence(
            language,
            "cli_model_dimensions",
            &[("count", dimensions.to_string())],
        ));
    }
    if offer.is_reranker {
        notes.push(sentence(language, "cli_model_is_reranker", &[]));
    }
    if let Some(size) = offer.download_mb {
        notes.push(format!("{size} MB"));
    }
    notes.extend(offer.languages.clone());
    notes.extend(offer.licence.clone());
    let memory = offer
        .recommended_for_gb
        .map(|memory| format!("{memory} GB: "))
        .unwrap_or_default();
    format!("{memory}{}\t{}", offer.name, notes.join("; "))
}
