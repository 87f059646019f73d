//! Keeps a model's text to what it may say: citations of fragments that exist, links that a source has, no images. Works on a
//! stream: what could still become a citation or a link is held back until it is clear.

use crate::domain::chat::Checked;
use crate::domain::generation::Fragment;
use std::collections::BTreeSet;

/// A bracket that does not close within this many bytes is plain text.
const MAX_LABEL_BYTES: usize = 300;
/// An address longer than this is cut; no source has one.
const MAX_URL_BYTES: usize = 2_048;

pub struct AnswerFilter {
    known: BTreeSet<usize>,
    urls: BTreeSet<String>,
    held: String,
    cited: BTreeSet<usize>,
    /// Links alone.
    counts: Checked,
}

/// What stands at the beginning of a text.
enum Piece<'a> {
    /// Characters that mean nothing special; this many bytes.
    Plain(usize),
    /// `[label]`.
    Bracket { label: &'a str, length: usize },
    /// `[label](address)`.
    Link {
        label: &'a str,
        url: &'a str,
        length: usize,
    },
    /// An address written out, without the punctuation after it.
    Url { url: &'a str },
    /// It depends on what follows.
    Undecided,
}

impl AnswerFilter {
    pub fn new(fragments: &[Fragment]) -> AnswerFilter {
        AnswerFilter {
            known: fragments.iter().map(|fragment| fragment.n).collect(),
            urls: fragments
                .iter()
                .flat_map(|fragment| urls_in(&fragment.text).chain(fragment.document.url.as_deref()))
                .map(str::to_owned)
                .collect(),
            held: String::new(),
            cited: BTreeSet::new(),
            counts: Checked::default(),
        }
    }

    /// Takes a delta and gives what can be shown now; often a little less or a little more than the delta.
    pub fn push(&mut self, delta: &str) -> String {
        self.held.push_str(delta);
        self.take(false)
    }

    /// Gives what was held back. Call it once, at the end.
    pub fn finish(&mut self) -> String {
        self.take(true)
    }

    /// The fragments cited so far, in order.
    pub fn cited(&self) -> Vec<usize> {
        self.cited.iter().copied().collect()
    }

    /// The links so far, and how many of them no source has.
    pub fn counts(&self) -> Checked {
        self.counts
    }

    fn is_known(&mut self, url: &str) -> bool {
        let is_known = self.urls.contains(url);
        self.counts.claims += 1;
        self.counts.dropped += u32::from(!is_known);
        is_known
    }

    fn take(&mut self, is_last: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let mut shown = String::with_capacity(held.len());
        let mut rest = held.as_str();
        while !rest.is_empty() {
            let length = match first_piece(rest, is_last) {
                Piece::Undecided => break,
                Piece::Plain(length) => {
                    shown.push_str(rest.get(..length).unwrap_or_default());
                    length
                }
                Piece::Bracket { label, length } => {
                    shown.push_str(&self.citation(label));
                    length
                }
                Piece::Link { label, url, length } => {
                    shown.push_str(&self.link(label, url));
                    length
                }
                Piece::Url { url } => {
                    shown.push_str(if self.is_known(url) { url } else { "" });
                    url.len()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        self.held = rest.to_owned();
        shown
    }

    /// `[1]`, `[1, 2]` and `[Фрагмент 1]` become `[1]`, `[1][2]`, `[1]`; numbers of no fragment vanish; other brackets stay.
    fn citation(&mut self, label: &str) -> String {
        let words: Vec<&str> = label.split([',', ';', ' ']).filter(|word| !word.is_empty()).collect();
        let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
        let is_other =
            |word: &&str| word.parse::<usize>().is_err() && !LABEL_WORDS.contains(&word.to_lowercase().as_str());
        if numbers.is_empty() || words.iter().any(is_other) {
            return format!("[{}]", self.without_foreign_urls(label));
        }
        let mut shown = String::new();
        for n in numbers.into_iter().filter(|n| self.known.contains(n)) {
            self.cited.insert(n);
            shown.push_str(&format!("[{n}]"));
        }
        shown
    }

    /// A link of a source stays; of any other only its text does.
    fn link(&mut self, label: &str, url: &str) -> String {
        if self.is_known(url) {
            format!("[{label}]({url})")
        } else {
            self.without_foreign_urls(label)
        }
    }

    /// A label can be an address itself; no piece of one is a bracket.
    fn without_foreign_urls(&self, label: &str) -> String {
        let mut kept = label.to_owned();
        for url in urls_in(label).filter(|url| !self.urls.contains(*url)) {
            kept = kept.replace(url, "");
        }
        kept
    }
}

/// The addresses written out in a text.
fn urls_in(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (length, found) = match url(rest, true) {
                Piece::Url { url } => (url.len(), Some(url)),
                _ => (rest.chars().next().map_or(1, char::len_utf8), None),
            };
            rest = rest.get(length..).unwrap_or_default();
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

const LABEL_WORDS: [&str; 6] = ["фрагмент", "фрагменты", "fragment", "fragments", "и", "and"];
const URL_BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// Decides the beginning of a text that is not empty. The answer never depends on how much of the text is there yet, except
/// that it may be undecided until `is_last`.
fn first_piece(text: &str, is_last: bool) -> Piece<'_> {
    let plain = text.find(['[', '!', 'h', 'H', 'w', 'W']).unwrap_or(text.len());
    if plain > 0 {
        return Piece::Plain(plain);
    }
    match text.as_bytes().first() {
        Some(b'[') => bracket(text, is_last),
        Some(b'!') => match text.get(1..2) {
            None if text.len() == 1 && !is_last => Piece::Undecided,
            // An image: its mark goes, and what remains is a link.
            Some("[") => image(text, is_last),
            _ => Piece::Plain(1),
        },
        _ => url(text, is_last),
    }
}

/// `![label](address)` shows its label only, whatever the address is.
fn image(text: &str, is_last: bool) -> Piece<'_> {
    match bracket(text.get(1..).unwrap_or_default(), is_last) {
        Piece::Link { label, length, .. } => Piece::Link {
            label,
            url: "",
            length: length + 1,
        },
        Piece::Undecided => Piece::Undecided,
        _ => Piece::Plain(1),
    }
}

fn bracket(text: &str, is_last: bool) -> Piece<'_> {
    let inner = text.get(1..).unwrap_or_default();
    let undecided = if is_last { Piece::Plain(1) } else { Piece::Undecided };
    let Some(end) = inner.find(['[', ']', '\n']) else {
        return if inner.len() > MAX_LABEL_BYTES {
            Piece::Plain(1)
        } else {
            undecided
        };
    };
    let (label, after) = inner.split_at(end);
    if end > MAX_LABEL_BYTES || !after.starts_with(']') {
        return Piece::Plain(1);
    }
    let length = 1 + end + 1;
    let bracket = Piece::Bracket { label, length };
    let address = match text.get(length..) {
        None | Some("") => return if is_last { bracket } else { Piece::Undecided },
        Some(after) => match after.strip_prefix('(') {
            Some(address) => address,
            None => return bracket,
        },
    };
    match address.find([')', '\n', ' ']) {
        Some(end) if address.get(end..end + 1) == Some(")") && end <= MAX_URL_BYTES => Piece::Link {
            label,
            url: address.get(..end).unwrap_or_default(),
            length: length + 1 + end + 1,
        },
        None if !is_last && address.len() <= MAX_URL_BYTES => Piece::Undecided,
        _ => bracket,
    }
}

fn url(text: &str, is_last: bool) -> Piece<'_> {
    let begins = |beginning: &str| {
        text.get(..beginning.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    let may_begin = |beginning: &str| {
        beginning
            .get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    if !URL_BEGINNINGS.iter().any(|beginning| begins(beginning)) {
        let is_open = !is_last && URL_BEGINNINGS.iter().any(|beginning| may_begin(beginning));
        return if is_open { Piece::Undecided } else { Piece::Plain(1) };
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '"' | '«' | '»' | '*');
    let length = match text.find(ends) {
        Some(length) => length,
        None if is_last || text.len() > MAX_URL_BYTES => text.len(),
        None => return Piece::Undecided,
    };
    let written = text.get(..length).unwrap_or_default();
    Piece::Url {
        url: written.trim_end_matches(['.', ',', ';', ':', '!', '?']),
    }
}

#[cfg(test)]
mod tests {
    use super::AnswerFilter;
    use crate::domain::generation::Fragment;
    use crate::domain::id::DocumentId;
    use crate::domain::knowledge::ChunkPlace;
    use crate::domain::knowledge::Document;
    use crate::domain::knowledge::SourceKey;
    use crate::domain::knowledge::SourceType;
    use proptest::prelude::*;

    fn fragments() -> Vec<Fragment> {
        (1..=2)
            .map(|n| Fragment {
                n,
                document: Document {
                    id: DocumentId(1),
                    key: SourceKey {
                        source_type: SourceType::Product,
                        source_id: n.to_string(),
                    },
                    title: "Рюкзак".to_owned(),
                    url: Some(format!("https://shop.example/{n}")),
                    product: None,
                },
                text: "Отследить: https://shop.example/track.".to_owned(),
                place: ChunkPlace::default(),
                variants: Vec::new(),
                is_price_old: false,
            })
            .collect()
    }

    fn filtered(text: &str, step: usize) -> (String, Vec<usize>) {
        let mut filter = AnswerFilter::new(&fragments());
        let chars: Vec<char> = text.chars().collect();
        let mut shown = String::new();
        for piece in chars.chunks(step.max(1)) {
            shown.push_str(&filter.push(&piece.iter().collect::<String>()));
        }
        shown.push_str(&filter.finish());
        (shown, filter.cited())
    }

    #[test]
    fn what_no_source_has_is_dropped_however_it_is_cut() {
        let cases = [
            ("Есть [1] и [7].", "Есть [1] и .", vec![1]),
            ("Есть [Фрагмент 1], [1, 2]", "Есть [1], [1][2]", vec![1, 2]),
            ("Вот https://evil.example/x сайт", "Вот  сайт", vec![]),
            ("Вот https://shop.example/1.", "Вот https://shop.example/1.", vec![]),
            (
                "[тут](https://evil.example) и [там](https://shop.example/2)",
                "тут и [там](https://shop.example/2)",
                vec![],
            ),
            ("![x](https://evil.example/p.png)!", "x!", vec![]),
            ("![x](https://shop.example/1)", "x", vec![]),
            ("[[1]", "[[1]", vec![1]),
            ("[https://evil.example/x]", "[]", vec![]),
            ("[https://evil.example/x](https://evil.example/x)", "", vec![]),
            (
                "смотри https://shop.example/track.",
                "смотри https://shop.example/track.",
                vec![],
            ),
            ("цена [примерно] 5 [", "цена [примерно] 5 [", vec![]),
            ("www.evil.example", "", vec![]),
        ];
        for (text, shown, cited) in cases {
            for step in [1, 2, 3, 7, 100] {
                assert_eq!(
                    filtered(text, step),
                    (shown.to_owned(), cited.clone()),
                    "{text} by {step}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn cutting_never_changes_the_answer(text in r"[а-яa-z0-9 \[\]\(\)!:/.]{0,60}|(\[1\]|https://shop.example/1|www\.x\.y| |!|\[){0,12}", step in 1usize..9) {
            prop_assert_eq!(filtered(&text, step), filtered(&text, 10_000));
        }
    }
}
