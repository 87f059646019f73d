//! Names, only as their bearers introduce themselves.

use regex::Regex;
use std::sync::LazyLock;

/// "меня зовут Анна Петрова", "моё имя — Олег", "my name is John Smith". Each word begins with a capital, or the message is all in
/// small letters and one word follows.
static INTRODUCED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^\p{L}])(?i:меня\s+зовут|зовут\s+меня|мо[её]\s+имя|my\s+name\s+is|my\s+name['’]s|name['’]s)\s*(?:[-–—:]\s*)?(\p{L}[\p{L}'’-]*(?:[ \t]+\p{Lu}[\p{L}'’-]*){0,2})",
    )
    .ok()
});
/// "это Анна", "с уважением, Анна Петрова" say it less surely: a capital is asked for.
static SIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[.!?\n]\s*)(?i:с\s+уважением|best\s+regards|kind\s+regards|regards|sincerely)[,\s]+(\p{Lu}[\p{L}'’-]+(?:[ \t]+\p{Lu}[\p{L}'’-]+){0,2})\s*[.!]?\s*$").ok()
});
/// What follows "меня зовут" and is no name.
const NO_NAMES: &[&str] = &[
    "как",
    "не",
    "никак",
    "так",
    "просто",
    "а",
    "и",
    "в",
    "на",
    "по",
    "для",
    "это",
    "кто",
    "что",
    "вы",
    "ваш",
    "ваша",
    "the",
    "a",
    "an",
    "not",
    "on",
    "in",
    "what",
    "spelled",
    "wrong",
    "missing",
    "correct",
    "обычно",
    "все",
    "там",
];
const LONGEST: usize = 60;

/// The name with which the writer introduces himself; a name written in small letters gets its capitals.
pub fn introduced_name(message: &str) -> Option<String> {
    let found = INTRODUCED
        .as_ref()?
        .captures(message)
        .or_else(|| SIGNED.as_ref()?.captures(message))?;
    let name = found.get(1)?.as_str().trim_end_matches(['-', '\'', '’']);
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_name = |word: &&str| word.chars().count() >= 2 && !NO_NAMES.contains(&word.to_lowercase().as_str());
    let is_all = words.iter().all(is_name) && !words.is_empty() && name.chars().count() <= LONGEST;
    is_all.then(|| words.iter().map(|word| capitalized(word)).collect::<Vec<_>>().join(" "))
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
