//! What stands inside a paragraph.

use crate::knowledge::parsing::xml::Element;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    Footnote,
    Endnote,
}

/// The text that a reader of the paragraph sees, line breaks included.
#[derive(Debug, Default)]
pub struct Inline {
    pub text: String,
    /// References to notes, by their ids.
    pub notes: Vec<(NoteKind, String)>,
}

impl Inline {
    /// Adds what is inside `element`.
    pub fn read(&mut self, element: &Element) {
        for child in &element.children {
            self.read_one(child);
        }
    }

    fn read_one(&mut self, element: &Element) {
        match element.name.as_str() {
            "t" => self.text.push_str(&element.text),
            "tab" => self.text.push('\t'),
            "br" | "cr" => self.text.push('\n'),
            "noBreakHyphen" => self.text.push('-'),
            "footnoteReference" => self.note(NoteKind::Footnote, element),
            "endnoteReference" => self.note(NoteKind::Endnote, element),
            // Properties, what was deleted or moved away, and the instructions of fields, whose results stand beside them.
            "pPr" | "rPr" | "sdtPr" | "del" | "moveFrom" | "delText" | "instrText" | "delInstrText" | "rt" => {}
            "r" if is_hidden(element) => {}
            // The same content in several forms for programs of different age.
            "AlternateContent" => {
                let form = element.child("Choice").or_else(|| element.child("Fallback"));
                form.into_iter().for_each(|form| self.read(form));
            }
            // In a text box.
            "p" => {
                self.text.push('\n');
                self.read(element);
                self.text.push('\n');
            }
            _ => self.read(element),
        }
    }

    fn note(&mut self, kind: NoteKind, element: &Element) {
        self.notes
            .extend(element.attribute("id").map(|id| (kind, id.to_owned())));
    }
}

fn is_hidden(run: &Element) -> bool {
    let vanish = run.child("rPr").and_then(|properties| properties.child("vanish"));
    vanish.is_some_and(is_on)
}

/// A property without a value is on.
pub fn is_on(property: &Element) -> bool {
    !matches!(property.attribute("val"), Some("0" | "false" | "off"))
}
