//! ODT: OpenDocument text in a ZIP archive (ISO/IEC 26300). Deleted text, comments and indexes are passed over.

mod lists;
mod text;

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Archive;
use crate::knowledge::parsing::documents::archive::Xml;
use crate::knowledge::parsing::documents::archive::text_of_first;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::odt::lists::ListStyles;
use crate::knowledge::parsing::documents::odt::text::Text;
use crate::knowledge::parsing::sink::Sink;

/// Pushes the document, and questions of its tables as entries of their own.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut archive = Archive::open(input, limits)?;
    if archive.read_xml("META-INF/manifest.xml", is_encrypted)? == Some(true) {
        return Err(ParseError::refused("problem_document_password"));
    }
    let mut styles = ListStyles::default();
    archive.read_xml("styles.xml", |xml| styles.read(xml))?;
    archive.read_xml("content.xml", |xml| styles.read(xml))?;
    let mut draft = Draft::new(limits);
    draft.title = archive
        .read_xml("meta.xml", |xml| text_of_first(xml, "title"))?
        .flatten();
    let mut text = Text::new(draft, styles);
    if archive.read_xml("content.xml", |xml| text.read(xml))?.is_none() {
        return Err(ParseError::refused("problem_document_no_main_part"));
    }
    text.into_draft().finish(input, sink)
}

fn is_encrypted(xml: &mut Xml<'_>) -> Result<bool, ParseError> {
    while let Some(element) = xml.next_opening()? {
        if element.name == "encryption-data" {
            return Ok(true);
        }
    }
    Ok(false)
}
