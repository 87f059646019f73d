//! Plain text: paragraphs, as blank lines divide them. Nothing in it is taken for a heading.

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::sink::Sink;
use std::io::Read;

/// Pushes one document.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let text = read_text(input, limits)?;
    let mut draft = Draft::new(limits);
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            draft.paragraph(&paragraph.join("\n"));
            paragraph.clear();
        } else {
            paragraph.push(line);
        }
    }
    draft.finish(input, sink)
}

/// The whole text of a file that may have as many letters as a document, and tags around them.
pub fn read_text(input: &Input<'_>, limits: &Limits) -> Result<String, ParseError> {
    // Four bytes to a character, and as much again of marks; what comes later is over the limit of a document anyway.
    let limit = limits.max_text_chars as u64 * 8;
    let mut bytes = Vec::new();
    let mut text = input.text()?.take(limit);
    text.read_to_end(&mut bytes).map_err(ParseError::failed)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        // The limit cut a letter in two.
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}
