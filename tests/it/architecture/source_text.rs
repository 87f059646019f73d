//! Rust source text reduced to what the rules look at: comments and the insides of literals become spaces, byte by byte,
//! so that an offset in the reduced text is the same place in the file.

/// The code of a Rust file without comments and the insides of literals.
pub fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (start, end) = match &bytes[at..] {
            [b'/', b'/', ..] => (at, line_end(bytes, at)),
            [b'/', b'*', ..] => (at, block_comment_end(bytes, at)),
            [b'"', ..] => (at + 1, string_end(bytes, at)),
            [b'r', b'"' | b'#', ..] if !is_in_word(bytes, at) || is_after_string_prefix(bytes, at) => {
                match raw_string(bytes, at) {
                    Some(inside) => inside,
                    None => (at, at),
                }
            }
            [b'\'', ..] => char_literal(bytes, at),
            _ => (at, at),
        };
        for byte in &mut code[start.min(end)..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at) + 1;
    }
    String::from_utf8(code).unwrap()
}

/// Every place where `name` stands as a whole word.
pub fn word_offsets<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let after = code.as_bytes().get(at + name.len());
        !is_in_word(code.as_bytes(), *at) && !after.is_some_and(|byte| is_word(*byte))
    })
}

/// The word that follows `at`, past spaces, or "" if something else does.
pub fn word_at(code: &str, at: usize) -> &str {
    let rest = code[at..].trim_start();
    let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
    &rest[..end]
}

pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_in_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_word(bytes[at - 1])
}

/// Whether the `r` at `at` belongs to `br` or `cr`.
fn is_after_string_prefix(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'b' | b'c') && !is_in_word(bytes, at - 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| at + length)
}

fn block_comment_end(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0;
    let mut end = at;
    while end < bytes.len() {
        match &bytes[end..] {
            [b'/', b'*', ..] => {
                depth += 1;
                end += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                end += 2;
                if depth == 0 {
                    return end;
                }
            }
            _ => end += 1,
        }
    }
    bytes.len()
}

/// Where the closing quote of the string stands that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    end.min(bytes.len())
}

fn raw_string(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let start = at + 1 + hashes + 1;
    if bytes.get(start - 1) != Some(&b'"') {
        // A raw identifier, such as r#type.
        return None;
    }
    let closing: Vec<u8> = [b'"'].into_iter().chain(std::iter::repeat_n(b'#', hashes)).collect();
    let length = bytes[start..]
        .windows(closing.len())
        .position(|window| window == closing);
    let end = length.map_or(bytes.len(), |length| start + length);
    Some((start, end))
}

/// The inside of a character literal; nothing for a lifetime.
fn char_literal(bytes: &[u8], at: usize) -> (usize, usize) {
    let longest = bytes.len().min(at + 12);
    if bytes.get(at + 1) == Some(&b'\\') {
        let closing = (at + 3..longest).find(|end| bytes[*end] == b'\'');
        return (at + 1, closing.unwrap_or(at + 1));
    }
    // One character is at most four bytes, and only its first byte is not a continuation.
    let closing = (at + 2..longest.min(at + 6)).find(|end| bytes[*end] == b'\'');
    match closing {
        Some(end) if bytes[at + 2..end].iter().all(|byte| byte & 0xC0 == 0x80) => (at + 1, end),
        _ => (at, at),
    }
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = concat!(
        "a // crate::x\n/* crate::y /* nested */ */ b \"crate::z \\\" \" c r#\"crate::\" \"# d ",
        "'\"' '\\'' 'ж' &'static str br\"crate::q\" r#type e"
    );
    let code = code_of(text);
    assert_eq!(code.len(), text.len());
    let words: Vec<_> = code.split_whitespace().collect();
    let expected = [
        "a", "b", "\"", "\"", "c", "r#\"", "\"#", "d", "'", "'", "'", "'", "'", "'", "&'static", "str",
    ];
    assert_eq!(words[..expected.len()], expected);
    assert_eq!(words[expected.len()..], ["br\"", "\"", "r#type", "e"]);
}
