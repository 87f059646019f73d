//! What a page draws, reduced to its text: operators that only draw are dropped, and those for text are kept when their operands are
//! sound.

use pdf_extract::Dictionary;
use pdf_extract::Document;
use pdf_extract::Object;
use pdf_extract::content::Content;
use pdf_extract::content::Operation;
use std::collections::BTreeSet;

/// Names that the content of a page or form may use.
#[derive(Debug, Default)]
pub struct Names {
    /// `None` when they come from whoever draws the form.
    fonts: Option<BTreeSet<Vec<u8>>>,
    forms: BTreeSet<Vec<u8>>,
    knows_forms: bool,
}

impl Names {
    pub fn of(document: &Document, resources: Option<&Dictionary>) -> Names {
        let Some(resources) = resources else {
            return Names::default();
        };
        let inner = |key: &[u8]| resources.get_deref(key, document).ok()?.as_dict().ok();
        let fonts = inner(b"Font").into_iter().flat_map(Dictionary::iter);
        let fonts = fonts.filter(|(_, font)| {
            let font = document
                .dereference(font)
                .ok()
                .and_then(|(_, font)| font.as_dict().ok());
            font.is_some_and(|font| font.has(b"Subtype"))
        });
        let objects = inner(b"XObject").into_iter().flat_map(Dictionary::iter);
        let forms = objects.filter(|(_, object)| is_form(document, object));
        Names {
            fonts: Some(fonts.map(|(name, _)| name.clone()).collect()),
            forms: forms.map(|(name, _)| name.clone()).collect(),
            knows_forms: true,
        }
    }

    fn has_font(&self, name: &[u8]) -> bool {
        self.fonts.as_ref().is_none_or(|fonts| fonts.contains(name))
    }

    fn has_form(&self, name: &[u8]) -> bool {
        self.knows_forms && self.forms.contains(name)
    }
}

pub fn is_form(document: &Document, object: &Object) -> bool {
    let stream = document
        .dereference(object)
        .ok()
        .and_then(|(_, object)| object.as_stream().ok());
    stream.is_some_and(|stream| matches!(stream.dict.get(b"Subtype").and_then(Object::as_name), Ok(b"Form")))
}

/// The content with what concerns text only; empty when it cannot be read.
pub fn only_text(content: &[u8], names: &Names) -> Vec<u8> {
    let Ok(content) = Content::decode(content) else {
        return Vec::new();
    };
    let mut kept = Vec::new();
    let mut has_font = false;
    let mut states = Vec::new();
    for operation in content.operations {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "q" => {
                states.push(has_font);
                kept.push(operation);
            }
            "Q" => {
                if let Some(state) = states.pop() {
                    has_font = state;
                    kept.push(operation);
                }
            }
            "Tf" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                let is_sound = operands.get(1).is_some_and(is_number) && operands.len() == 2;
                // What follows a font that cannot be read must not be read with the one before.
                has_font = is_sound && name.is_some_and(|name| names.has_font(name));
                if has_font {
                    kept.push(operation);
                }
            }
            "Do" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                if name.is_some_and(|name| names.has_form(name)) {
                    kept.push(operation);
                }
            }
            "Tj" | "TJ" | "'" | "\"" if !has_font => {}
            "Tj" if is_text(operands, 0) => kept.push(operation),
            "TJ" if operands.first().is_some_and(|list| list.as_array().is_ok()) => kept.push(operation),
            // The library knows neither of the two that go to the next line first.
            "'" if is_text(operands, 0) => {
                kept.push(Operation::new("T*", Vec::new()));
                kept.push(Operation::new("Tj", operation.operands));
            }
            "\"" if is_text(operands, 2) && operands.iter().take(2).all(is_number) => {
                let mut operands = operation.operands.into_iter();
                for operator in ["Tw", "Tc"] {
                    kept.push(Operation::new(operator, operands.by_ref().take(1).collect()));
                }
                kept.push(Operation::new("T*", Vec::new()));
                kept.push(Operation::new("Tj", operands.collect()));
            }
            operator if operand_count(operator) == Some(operands.len()) && operands.iter().all(is_number) => {
                kept.push(operation);
            }
            _ => {}
        }
    }
    Content { operations: kept }.encode().unwrap_or_default()
}

/// Of operators for text whose operands are all numbers.
fn operand_count(operator: &str) -> Option<usize> {
    Some(match operator {
        "BT" | "ET" | "T*" => 0,
        "Tc" | "Tw" | "Tz" | "TL" | "Ts" => 1,
        "Td" | "TD" => 2,
        "Tm" | "cm" => 6,
        _ => return None,
    })
}

fn is_number(object: &Object) -> bool {
    object.as_float().is_ok()
}

fn is_text(operands: &[Object], at: usize) -> bool {
    operands.len() == at + 1 && operands.get(at).is_some_and(|text| text.as_str().is_ok())
}
