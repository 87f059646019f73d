//! What a text file is written in, and reading it as UTF-8.

use chardetng::EncodingDetector;
use chardetng::Iso2022JpDetection;
use chardetng::Utf8Detection;
use encoding_rs::CoderResult;
use encoding_rs::Decoder;
use encoding_rs::Encoding;
use encoding_rs::UTF_8;
use encoding_rs::WINDOWS_1251;
use std::io::Read;
use std::io::Result;

/// Enough to meet letters that are not Latin in a file that has some, and the declaration of XML or HTML.
const HEAD_BYTES: usize = 64 * 1024;

/// Finds out what a text is written in from its beginning: a byte order mark, then what the text declares of itself in XML or HTML,
/// then UTF-8 if it can be that, else the Russian encoding whose letters make the likeliest words, Windows-1251 when none does.
pub fn detect(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if is_utf16(head, 1) {
        return encoding_rs::UTF_16LE;
    }
    if is_utf16(head, 0) {
        return encoding_rs::UTF_16BE;
    }
    match declared(head) {
        // Many programs declare UTF-8 by habit and write something else; the bytes are right.
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if is_utf8(head) => UTF_8,
        _ => guessed(head),
    }
}

/// By the frequencies of letters, as browsers do it, for texts of Russian sites.
fn guessed(head: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let guess = detector.guess(Some(b"ru"), Utf8Detection::Deny);
    match guess.name() {
        "KOI8-R" | "KOI8-U" | "IBM866" | "ISO-8859-5" => guess,
        _ => WINDOWS_1251,
    }
}

/// Every other byte of a text in UTF-16 is a zero for Latin letters and a four for Cyrillic ones, which no other text has.
fn is_utf16(head: &[u8], zero_at: usize) -> bool {
    let sample: Vec<&[u8]> = head.chunks_exact(2).take(64).collect();
    let is_high = |pair: &&&[u8]| matches!(pair.get(zero_at), Some(0 | 4));
    let zeros = sample.iter().filter(is_high).count();
    let others = sample.iter().filter(|pair| pair.get(1 - zero_at) == Some(&0)).count();
    sample.len() >= 4 && zeros * 2 > sample.len() && others == 0
}

/// One damaged letter in a hundred is no reason against UTF-8, and no other encoding makes so many pairs by chance; a character that
/// the end of the head cuts in two is none either.
fn is_utf8(head: &[u8]) -> bool {
    let beyond_ascii = |text: &str| text.chars().filter(|c| !c.is_ascii()).count();
    let (mut letters, mut errors) = (0, 0);
    let mut chunks = head.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        letters += beyond_ascii(chunk.valid());
        let is_cut =
            chunks.peek().is_none() && std::str::from_utf8(chunk.invalid()).is_err_and(|e| e.error_len().is_none());
        errors += usize::from(!chunk.invalid().is_empty() && !is_cut);
    }
    errors == 0 || letters >= 100 * errors
}

/// The label of `encoding="…"` or `charset=…` in the first kilobyte.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let start: String = head.iter().take(1024).map(|byte| char::from(*byte)).collect();
    let start = start.to_ascii_lowercase();
    if !start.trim_start().starts_with('<') {
        return None;
    }
    let after = ["encoding=", "charset="]
        .into_iter()
        .find_map(|name| start.split_once(name).map(|(_, rest)| rest))?;
    let label = after.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')));
    Encoding::for_label(label.get(..end.unwrap_or(label.len()))?.as_bytes())
}

/// Gives UTF-8 without a byte order mark, whatever the bytes inside are written in. What cannot be decoded becomes U+FFFD.
pub struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    /// Read and not decoded yet, from `input_at` on.
    input: Vec<u8>,
    input_at: usize,
    /// Decoded and not handed out yet, from `output_at` on.
    output: Vec<u8>,
    output_at: usize,
    is_at_end: bool,
    is_finished: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// Reads the beginning to find out the encoding.
    pub fn of(mut inner: R) -> Result<Utf8Reader<R>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        inner.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let encoding = detect(&head);
        Ok(Utf8Reader {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoding,
            input: head,
            input_at: 0,
            output: Vec::new(),
            output_at: 0,
            is_at_end: false,
            is_finished: false,
        })
    }

    /// What the bytes are written in.
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Decodes until there is something to hand out or nothing is left.
    fn fill(&mut self) -> Result<()> {
        while self.output_at == self.output.len() && !self.is_finished {
            if self.input_at == self.input.len() && !self.is_at_end {
                self.input.resize(HEAD_BYTES, 0);
                let count = self.inner.read(&mut self.input)?;
                self.input.truncate(count);
                self.input_at = 0;
                self.is_at_end = count == 0;
            }
            self.output.resize(HEAD_BYTES, 0);
            let waiting = self.input.get(self.input_at..).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(waiting, &mut self.output, self.is_at_end);
            self.input_at += read;
            self.output.truncate(written);
            self.output_at = 0;
            self.is_finished = self.is_at_end && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.fill()?;
        let mut ready = self.output.get(self.output_at..).unwrap_or_default();
        let count = ready.read(buffer)?;
        self.output_at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::Utf8Reader;
    use super::detect;
    use encoding_rs::Encoding;
    use std::io::Read;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Utf8Reader::of(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_text_is_read_whatever_it_is_written_in() {
        let text = "<a>Чайник «Заря», 2 л</a>\n".repeat(9_000);
        let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            windows.to_vec(),
            marked(b"\xff\xfe", &utf16),
        ] {
            assert!(read(&bytes) == text);
        }
    }

    #[test]
    fn a_declaration_counts_unless_the_bytes_say_otherwise() {
        let koi8 = b"<?xml version=\"1.0\" encoding=\"koi8-r\"?><a>\xd7</a>";
        assert_eq!(detect(koi8), Encoding::for_label(b"koi8-r").unwrap());
        assert!(read(koi8).ends_with("<a>в</a>"));
        let lying = b"<?xml version=\"1.0\" encoding=\"utf-8\"?><a>\xd7\xe0\xe9</a>";
        assert_eq!(detect(lying), encoding_rs::WINDOWS_1251);
    }

    #[test]
    fn a_letter_cut_by_the_end_of_the_head_is_whole() {
        let text = format!("a{}", "я".repeat(40_000));
        assert!(read(text.as_bytes()) == text);
        assert_eq!(detect(&text.as_bytes()[..64 * 1024]), encoding_rs::UTF_8);
    }

    const RUSSIAN: [&str; 8] = [
        "Доставка",
        "Оплата и доставка",
        "Чайник «Заря»",
        "Чайник;1990;синий",
        "Возврат товара возможен в течение четырнадцати дней.",
        "Артикул;Название;Цена\nPL-1;Лампа настольная;500\n",
        "ВОЗВРАТ И ОБМЕН ТОВАРА",
        "# Самовывоз\r\n\r\nСклад работает с 9 до 18, кроме выходных.\r\nПозвоните заранее: +7 495 000-00-00.\r\n",
    ];

    #[test]
    fn russian_text_of_one_line_is_read_in_every_encoding_of_old_programs() {
        for label in ["windows-1251", "koi8-r", "ibm866", "utf-8"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            for text in RUSSIAN {
                let text = if label == "windows-1251" || label == "utf-8" {
                    text.to_owned()
                } else {
                    text.replace(['«', '»'], "\"")
                };
                let (bytes, _, _) = encoding.encode(&text);
                assert_eq!(read(&bytes), text, "{label}");
            }
        }
    }

    #[test]
    fn utf16_without_its_mark_is_read() {
        for text in RUSSIAN {
            let units = text.encode_utf16();
            let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
            assert_eq!((read(&little), read(&big)), (text.to_owned(), text.to_owned()));
        }
    }

    #[test]
    fn a_damaged_letter_does_not_make_rubbish_of_the_rest() {
        let mut bytes = "Возврат товара возможен. ".repeat(50).into_bytes();
        bytes.insert(200, 0xff);
        assert_eq!(detect(&bytes), encoding_rs::UTF_8);
        assert!(read(&bytes).ends_with("Возврат товара возможен. "));
    }
}
