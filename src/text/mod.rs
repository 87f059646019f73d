//! Pure functions on text: normal form, words, stems, languages, identifiers, sentences. Knows nothing of shops.

pub mod colloquial;
pub mod contacts;
pub mod csv;
pub mod edit_cost;
pub mod heard;
pub mod identifier;
pub mod language;
pub mod layout;
pub mod normalize;
pub mod quantity;
pub mod sentence;
pub mod sound;
pub mod stem;
pub mod stop_words;
pub mod terms;
pub mod tokenize;
pub mod transliteration;
pub mod word_forms;
