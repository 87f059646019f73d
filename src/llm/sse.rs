//! Makes the bytes of a stream safe for async-openai, whose event parser panics at a byte order mark, keeps a line of any
//! length, stops at invalid UTF-8, fails on empty events and writes unreadable ones, words and all, to the log.

use crate::llm::chunk::Chunk;
use crate::llm::chunk::END_MARK;
use crate::llm::chunk::RUBBISH_MARK;

const MAX_LINE_BYTES: usize = 256 * 1024;
/// Far more than any answer: a model that never stops must not fill the memory.
const MAX_STREAM_BYTES: usize = 4 * 1024 * 1024;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Turns bytes as they arrive into whole lines, of which only chunks and the blank lines between them remain.
#[derive(Default)]
pub struct ChunkLines {
    line: Vec<u8>,
    stream_bytes: usize,
    /// The last byte was a carriage return, so that a line feed belongs to it.
    is_after_return: bool,
    is_refused: bool,
}

impl ChunkLines {
    /// What the parser may see of everything up to these bytes; often nothing yet. After a refusal, nothing ever.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let mut accepted = String::new();
        self.stream_bytes = self.stream_bytes.saturating_add(bytes.len());
        for &byte in bytes {
            if self.is_refused {
                break;
            }
            match byte {
                b'\n' if self.is_after_return => {}
                b'\n' | b'\r' => self.end_line(&mut accepted),
                _ => self.line.push(byte),
            }
            self.is_after_return = byte == b'\r';
            if self.line.len() > MAX_LINE_BYTES {
                self.refuse(&mut accepted);
            }
        }
        if self.stream_bytes > MAX_STREAM_BYTES && !self.is_refused {
            self.refuse(&mut accepted);
        }
        accepted
    }

    fn end_line(&mut self, accepted: &mut String) {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_start_matches(BYTE_ORDER_MARK).trim_end();
        if line.is_empty() {
            accepted.push('\n');
        }
        // Comments, event names, ids and retry times mean nothing to us.
        let Some(payload) = line.strip_prefix("data:").map(str::trim) else {
            return;
        };
        match payload {
            "" => {}
            "[DONE]" => accepted.push_str(&format!("\ndata: {END_MARK}\n\ndata: [DONE]\n")),
            _ if serde_json::from_str::<Chunk>(payload).is_ok() => accepted.push_str(&format!("data: {payload}\n")),
            _ => self.refuse(accepted),
        }
    }

    fn refuse(&mut self, accepted: &mut String) {
        self.is_refused = true;
        self.line = Vec::new();
        accepted.push_str(&format!("\ndata: {RUBBISH_MARK}\n\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::ChunkLines;
    use super::MAX_LINE_BYTES;
    use super::MAX_STREAM_BYTES;
    use crate::llm::chunk::RUBBISH_MARK;

    /// The accepted lines when the bytes come one by one, and all at once.
    fn accepted(bytes: &[u8]) -> Vec<String> {
        let mut slow = ChunkLines::default();
        let one_by_one: String = bytes.iter().map(|byte| slow.push(&[*byte])).collect();
        assert_eq!(one_by_one, ChunkLines::default().push(bytes));
        let lines = one_by_one.lines().filter(|line| !line.is_empty());
        lines.map(|line| line.trim_start_matches("data: ").to_owned()).collect()
    }

    #[test]
    fn every_line_end_a_mark_and_comments_are_understood() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = "\u{feff}data: {\"a\":\"я\"}||: ping||data:||event: x|data:{\"b\":2}||".replace('|', end);
            assert_eq!(accepted(stream.as_bytes()), [r#"{"a":"я"}"#, r#"{"b":2}"#]);
        }
    }

    #[test]
    fn invalid_utf_8_loses_a_letter_not_the_answer() {
        assert_eq!(accepted(b"data: {\"a\":\"x\xff\"}\n\n"), ["{\"a\":\"x\u{fffd}\"}"]);
    }

    #[test]
    fn what_is_no_json_ends_the_stream() {
        assert_eq!(accepted(b"data: {\"a\n\ndata: {}\n\n"), [RUBBISH_MARK]);
    }

    #[test]
    fn html_says_nothing() {
        assert!(accepted(b"<!doctype html>\n<p>data: {}</p>\n").is_empty());
    }

    #[test]
    fn lines_and_streams_without_end_are_refused() {
        let mut lines = ChunkLines::default();
        assert_eq!(lines.push(&vec![b'x'; MAX_LINE_BYTES]), "");
        assert!(lines.push(b"x").contains(RUBBISH_MARK));
        assert_eq!(lines.push(b"data: {}\n\n"), "");

        let mut lines = ChunkLines::default();
        let line = b"data: {\"choices\":[]}\n\n";
        let mut accepted = String::new();
        for _ in 0..=MAX_STREAM_BYTES / line.len() {
            accepted = lines.push(line);
        }
        assert!(accepted.ends_with(&format!("data: {RUBBISH_MARK}\n\n")));
    }
}
