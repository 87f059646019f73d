//! Markdown (CommonMark with tables), with or without a YAML header.

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::plain::read_text;
use crate::knowledge::parsing::documents::table::Table;
use crate::knowledge::parsing::markup::plain_text;
use crate::knowledge::parsing::sink::Sink;
use pulldown_cmark::Event;
use pulldown_cmark::HeadingLevel;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

/// Pushes one document, and questions of its tables as entries of their own.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let text = read_text(input, limits)?;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader {
        draft: Draft::new(limits),
        ..Reader::default()
    };
    for event in Parser::new_ext(&text, options) {
        reader.read(event);
    }
    reader.end_block();
    reader.draft.finish(input, sink)
}

#[derive(Default)]
struct Reader {
    draft: Draft,
    /// Of the block that is being read.
    text: String,
    html: String,
    /// Numbers of the next entries, `None` for lists of bullets, outermost first.
    lists: Vec<Option<u64>>,
    mark: Option<String>,
    table: Table,
    row: Vec<String>,
    is_metadata: bool,
    /// Inside what is crossed out, or describes a picture.
    unread: usize,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) if self.is_metadata => self.read_metadata(&text),
            Event::Text(_) if self.unread > 0 => {}
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text.push_str(&text);
            }
            Event::Html(html) => self.html.push_str(&html),
            Event::InlineHtml(html) if html.to_ascii_lowercase().starts_with("<br") => self.text.push('\n'),
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Rule => self.end_block(),
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { id, .. } => {
                self.end_block();
                self.draft.anchor(id.as_deref());
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}.", *number - 1)
                    }
                    _ => "-".to_owned(),
                });
            }
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::Table(_) => self.end_block(),
            Tag::Strikethrough | Tag::Image { .. } => self.unread += 1,
            Tag::MetadataBlock(_) => self.is_metadata = true,
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                self.draft.heading(depth(level), &text);
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.end_block();
                self.mark = None;
            }
            TagEnd::Paragraph | TagEnd::BlockQuote(_) | TagEnd::CodeBlock => self.end_block(),
            TagEnd::HtmlBlock => {
                self.text = plain_text(&std::mem::take(&mut self.html));
                self.end_block();
            }
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead => self.table.push(std::mem::take(&mut self.row), true),
            TagEnd::TableRow => self.table.push(std::mem::take(&mut self.row), false),
            TagEnd::Table => self.draft.table(&std::mem::take(&mut self.table)),
            TagEnd::Strikethrough | TagEnd::Image => self.unread = self.unread.saturating_sub(1),
            TagEnd::MetadataBlock(_) => self.is_metadata = false,
            _ => {}
        }
    }

    fn end_block(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        match self.mark.take() {
            Some(mark) => self.draft.paragraph(&format!("{mark} {}", text.trim_start())),
            None => self.draft.paragraph(&text),
        }
    }

    fn read_metadata(&mut self, yaml: &str) {
        let title = yaml.lines().find_map(|line| line.strip_prefix("title:"));
        if let Some(title) = title.map(|title| title.trim().trim_matches(['"', '\''])) {
            self.draft.title = Some(title.to_owned());
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
