//! XML as a stream of elements: whoever reads a feed walks over the outer elements and takes the inner ones whole, one at a time.
//! Entities of a document's own are never expanded and nothing outside the file is read.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::BytesRef;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;

/// One tag or one stretch of text; a longer one is no feed, and the reader would keep it whole.
const MAX_EVENT_BYTES: u64 = 16 * 1024 * 1024;

/// An element with what stands inside it. Names are without their prefixes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Its own text, with that of CDATA sections, as it stands there.
    pub text: String,
    /// In the order of the file.
    pub children: Vec<Element>,
    /// Of its opening tag, from 1.
    pub line: u64,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of this name, trimmed; a blank one counts as absent.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).and_then(Element::own_text)
    }

    /// Its text, trimmed; `None` when it is blank.
    pub fn own_text(&self) -> Option<&str> {
        let text = self.text.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// Reads one document from its start.
pub struct XmlReader<R> {
    reader: Reader<Lines<BufReader<R>>>,
    buffer: Vec<u8>,
    depth: usize,
    max_depth: usize,
    max_text_chars: usize,
}

impl XmlReader<Box<dyn Read>> {
    pub fn open(input: &Input<'_>, limits: &Limits) -> Result<XmlReader<Box<dyn Read>>, ParseError> {
        Ok(XmlReader::new(Box::new(input.text()?), limits))
    }
}

impl<R: Read> XmlReader<R> {
    /// `text` is UTF-8, whatever its declaration says.
    pub fn new(text: R, limits: &Limits) -> XmlReader<R> {
        let mut reader = Reader::from_reader(Lines::new(BufReader::new(text)));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // Shops write "M&M's" as it is; the text is clear all the same.
        config.allow_dangling_amp = true;
        XmlReader {
            reader,
            buffer: Vec::new(),
            depth: 0,
            max_depth: limits.max_depth,
            max_text_chars: limits.max_text_chars,
        }
    }

    /// The next element that opens, without what is inside it; `None` at the end of the document.
    pub fn next_opening(&mut self) -> Result<Option<Element>, ParseError> {
        loop {
            match self.next_part()? {
                Part::Opening(element) => return Ok(Some(element)),
                Part::Text(_) | Part::Closing => {}
                Part::End if self.depth == 0 => return Ok(None),
                Part::End => return Err(self.refused("problem_feed_cut")),
            }
        }
    }

    /// Reads what is inside the element that `next_opening` has just returned, up to its end.
    pub fn complete(&mut self, opened: Element) -> Result<Element, ParseError> {
        let mut chars = 0;
        let mut parents: Vec<Element> = Vec::new();
        let mut current = opened;
        loop {
            match self.next_part()? {
                Part::Opening(element) => parents.push(std::mem::replace(&mut current, element)),
                Part::Text(text) => {
                    chars += text.chars().count();
                    if chars > self.max_text_chars {
                        let problem = self.problem("problem_feed_entry_too_long");
                        return Err(ParseError::Refused(problem.with("limit", self.max_text_chars)));
                    }
                    current.text.push_str(&text);
                }
                Part::Closing => match parents.pop() {
                    None => return Ok(current),
                    Some(mut parent) => {
                        parent.children.push(current);
                        current = parent;
                    }
                },
                Part::End => return Err(self.refused("problem_feed_cut")),
            }
        }
    }

    /// The next opening or closing tag or stretch of text, for documents whose text and elements stand beside each other.
    pub fn next_part(&mut self) -> Result<Part, ParseError> {
        loop {
            self.buffer.clear();
            let lines = self.reader.get_mut();
            lines.since_event = 0;
            let line = lines.line;
            let part = match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(tag)) => Part::Opening(element(&tag, line)),
                Ok(Event::End(_)) => Part::Closing,
                Ok(Event::Text(text)) => Part::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
                Ok(Event::CData(text)) => Part::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
                Ok(Event::GeneralRef(reference)) => Part::Text(resolved(&reference)),
                Ok(Event::Eof) => Part::End,
                Ok(Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_)) => continue,
                Err(error) => {
                    let problem = self.problem("problem_feed_xml");
                    return Err(ParseError::Refused(problem.with("detail", error)));
                }
            };
            match &part {
                Part::Opening(_) => self.depth += 1,
                Part::Closing => self.depth = self.depth.saturating_sub(1),
                Part::Text(_) | Part::End => {}
            }
            if self.depth > self.max_depth {
                let problem = self.problem("problem_feed_depth");
                return Err(ParseError::Refused(problem.with("limit", self.max_depth)));
            }
            return Ok(part);
        }
    }

    fn refused(&self, key: &'static str) -> ParseError {
        ParseError::Refused(self.problem(key))
    }

    fn problem(&self, key: &'static str) -> ImportProblem {
        ImportProblem::new(SourcePlace::line(self.reader.get_ref().line), key)
    }
}

/// An empty element opens and closes.
pub enum Part {
    Opening(Element),
    Text(String),
    Closing,
    End,
}

fn element(tag: &BytesStart<'_>, line: u64) -> Element {
    let mut attributes = tag.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let value = attribute.normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_html5_entity);
        let value = value.map_or_else(|_| attribute.value.clone().into_owned(), |value| value.into_owned());
        (attribute.key.local_name().as_ref().to_owned(), value)
    });
    Element {
        name: tag.local_name().as_ref().to_owned(),
        attributes: attributes.collect(),
        line,
        ..Element::default()
    }
}

/// The characters of a reference; one that only the document itself explains stays as it is written.
fn resolved(reference: &BytesRef<'_>) -> String {
    let name = reference.xml_content(XmlVersion::Implicit1_0);
    match reference.resolve_char_ref() {
        Ok(Some(character)) => character.to_string(),
        _ => resolve_html5_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned),
    }
}

/// Counts lines as they are read, and ends a reading that does not come to the end of a tag.
struct Lines<R> {
    inner: R,
    /// The line that is being read, from 1.
    line: u64,
    since_event: u64,
}

impl<R> Lines<R> {
    fn new(inner: R) -> Lines<R> {
        Lines {
            inner,
            line: 1,
            since_event: 0,
        }
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut ready = self.fill_buf()?;
        let count = ready.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.since_event > MAX_EVENT_BYTES {
            return Err(std::io::Error::other("one tag or text is larger than 16 MB"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(ready) = self.inner.fill_buf() {
            let passed = ready.get(..amount).unwrap_or_default();
            self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        self.since_event += amount as u64;
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::XmlReader;
    use crate::knowledge::parsing::Limits;
    use crate::knowledge::parsing::ParseError;

    fn reader(text: &str) -> XmlReader<&[u8]> {
        XmlReader::new(text.as_bytes(), &Limits::default())
    }

    fn refusal(text: &str) -> (String, u64) {
        let mut reader = reader(text);
        loop {
            match reader.next_opening() {
                Ok(Some(_)) => {}
                Err(ParseError::Refused(problem)) => return (problem.key.into_owned(), problem.place.line.unwrap()),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn text_is_whole_whatever_it_is_written_with() {
        let text = "<?xml version='1.0' encoding='windows-1251'?><!DOCTYPE a [<!ENTITY own 'x'>]>\n<g:a xmlns:g='u' b='&quot;1&quot;'>\
                    M&M &amp; &laquo;Ко&raquo;<!-- no --><![CDATA[ <b>&amp;</b>]]>&#1078;&own;\n<c/><c>2</c></g:a>";
        let mut reader = reader(text);
        let opened = reader.next_opening().unwrap().unwrap();
        assert_eq!((opened.name.as_str(), opened.line), ("a", 2));
        let whole = reader.complete(opened).unwrap();
        assert_eq!(whole.attribute("b"), Some("\"1\""));
        assert_eq!(whole.own_text(), Some("M&M & «Ко» <b>&amp;</b>ж&own;"));
        assert_eq!(whole.children_named("c").count(), 2);
        assert_eq!(whole.text_of("c"), None);
        assert!(reader.next_opening().unwrap().is_none());
    }

    #[test]
    fn damage_is_told_with_its_line() {
        assert_eq!(refusal("<a>\n<b>\n"), ("problem_feed_cut".into(), 3));
        assert_eq!(refusal("<a>\n</b>"), ("problem_feed_xml".into(), 2));
        assert_eq!(refusal(&"<a>\n".repeat(100)), ("problem_feed_depth".into(), 65));
    }
}
