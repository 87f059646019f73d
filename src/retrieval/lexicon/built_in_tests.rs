//! The data itself is held to its form here.

use crate::retrieval::lexicon::FILES;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::lexicon::entries::Entry;
use crate::retrieval::lexicon::entries::parse;
use crate::retrieval::lexicon::phrases::spoken_words;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::is_cyrillic;
use std::collections::HashSet;

fn entries() -> Vec<Entry> {
    FILES.iter().flat_map(|(_, text)| parse(text)).collect()
}

#[test]
fn there_are_at_least_600_concepts_each_with_a_name_of_its_own() {
    let entries = entries();
    let names: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert!(entries.len() >= 600, "{}", entries.len());
    assert_eq!(names.len(), entries.len());
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    assert!(names.iter().all(|name| is_name(name)), "a line without ? or =");
}

#[test]
fn every_concept_speaks_both_languages() {
    for entry in entries() {
        let all: Vec<_> = entry.said.iter().chain(&entry.meant).collect();
        let is_russian = |phrase: &&String| phrase.chars().any(is_cyrillic);
        let russian = all.iter().filter(|phrase| is_russian(phrase)).count();
        assert!(russian > 0 && russian < all.len(), "{}", entry.name);
        assert!(!entry.said.is_empty() && !entry.meant.is_empty(), "{}", entry.name);
    }
}

#[test]
fn no_phrase_stands_twice_in_one_list() {
    for entry in entries() {
        for list in [&entry.said, &entry.meant] {
            let distinct: HashSet<_> = list.iter().collect();
            assert_eq!(distinct.len(), list.len(), "{}: {list:?}", entry.name);
        }
    }
}

#[test]
fn no_phrase_is_made_of_words_that_mean_nothing() {
    let mut empty = Vec::new();
    for entry in entries() {
        for phrase in entry.said.iter().chain(&entry.meant) {
            let words = spoken_words(phrase);
            if words.len() > 7 || words.iter().all(|word| is_stop_word(word)) {
                empty.push(format!("{}: {phrase}", entry.name));
            }
        }
    }
    assert!(empty.is_empty(), "{empty:#?}");
}

#[test]
fn the_files_are_in_the_order_of_the_alphabet_and_none_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/lexicon");
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
}

#[test]
fn words_of_everyday_speech_are_words() {
    let lexicon = Lexicon::built_in();
    assert!(lexicon.knows_term("торб") && lexicon.knows_term("кровн"));
    assert!(!lexicon.knows_term("доставкка"));
}
