//! Tokens that quantities are read from: runs of digits, runs of letters, single marks.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Digits,
    Letters,
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// The byte where it begins.
    pub start: usize,
    pub kind: Kind,
    /// Whether white space stands before it; the first token counts as spaced.
    pub is_spaced: bool,
}

impl Token<'_> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub fn is_mark(&self, marks: &str) -> bool {
        self.kind == Kind::Mark && marks.contains(self.text)
    }
}

pub fn tokens(normalized: &str) -> Vec<Token<'_>> {
    let kind_of = |c: char| match c {
        c if c.is_ascii_digit() => Kind::Digits,
        c if c.is_alphabetic() => Kind::Letters,
        _ => Kind::Mark,
    };
    let mut found = Vec::new();
    let mut is_spaced = true;
    let mut rest = normalized.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            is_spaced = true;
            continue;
        }
        let kind = kind_of(first);
        let mut end = start + first.len_utf8();
        while let Some((at, c)) = rest.peek().copied() {
            if kind == Kind::Mark || c.is_whitespace() || kind_of(c) != kind {
                break;
            }
            end = at + c.len_utf8();
            rest.next();
        }
        let text = normalized.get(start..end).unwrap_or_default();
        found.push(Token {
            text,
            start,
            kind,
            is_spaced,
        });
        is_spaced = false;
    }
    found
}
