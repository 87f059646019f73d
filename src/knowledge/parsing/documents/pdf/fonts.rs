//! Fonts of a PDF before it is read: those that the library would give up on are found, and what it reads wrongly is written differently.

use crate::knowledge::parsing::documents::pdf::lines::PageReader;
use pdf_extract::Dictionary;
use pdf_extract::Document;
use pdf_extract::Object;
use pdf_extract::ObjectId;
use pdf_extract::Stream;
use pdf_extract::output_doc_page;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// Widths of one font; a font has that many glyphs at most.
const MAX_WIDTHS: usize = 65_536;

/// Takes their kind from fonts that cannot be read, after which `Names` knows them no more; returns how many.
pub fn leave_out_unknown_fonts(document: &mut Document) -> usize {
    let fonts: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| object.as_dict().is_ok_and(is_drawn_with))
        .map(|(id, _)| *id)
        .collect();
    for id in &fonts {
        if let Ok(font) = document.get_dictionary_mut(*id) {
            forget_unknown_encoding(font);
        }
    }
    let unknown = unknown_fonts(document, &fonts);
    for id in &unknown {
        if let Ok(font) = document.get_dictionary_mut(*id) {
            font.remove(b"Subtype");
        }
    }
    unknown.len()
}

/// A font that a page can choose, and no part of another one.
fn is_drawn_with(font: &Dictionary) -> bool {
    let kind = font.get(b"Subtype").and_then(Object::as_name);
    font.has_type(b"Font") && !matches!(kind, Err(_) | Ok(b"CIDFontType0" | b"CIDFontType2"))
}

/// The library knows three names of encodings and panics on others; without a name it takes the font's own, which is most often right.
fn forget_unknown_encoding(font: &mut Dictionary) {
    let is_simple = !matches!(font.get(b"Subtype").and_then(Object::as_name), Ok(b"Type0"));
    let is_unknown = match font.get(b"Encoding").and_then(Object::as_name) {
        Ok(name) => !matches!(name, b"MacRomanEncoding" | b"MacExpertEncoding" | b"WinAnsiEncoding"),
        Err(_) => false,
    };
    if is_simple && is_unknown {
        font.remove(b"Encoding");
    }
}

/// Tries each font on a page of its own that only chooses it.
fn unknown_fonts(document: &mut Document, fonts: &[ObjectId]) -> Vec<ObjectId> {
    let Ok(root) = document.trailer.get(b"Root").cloned() else {
        return Vec::new();
    };
    let content = document.add_object(Stream::new(Dictionary::new(), b"BT /F 1 Tf ET".to_vec()));
    let page = document.add_object(Dictionary::new());
    let mut tree = Dictionary::new();
    tree.set("Type", Object::Name(b"Pages".to_vec()));
    tree.set("Kids", Object::Array(vec![Object::Reference(page)]));
    tree.set("Count", Object::Integer(1));
    let tree = document.add_object(tree);
    let mut catalog = Dictionary::new();
    catalog.set("Pages", Object::Reference(tree));
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", Object::Reference(catalog));
    let mut unknown = Vec::new();
    for id in fonts {
        document
            .objects
            .insert(page, Object::Dictionary(trial_page(content, *id)));
        let tried = catch_unwind(AssertUnwindSafe(|| {
            output_doc_page(document, &mut PageReader::default(), 1)
        }));
        if !matches!(tried, Ok(Ok(()))) {
            unknown.push(*id);
        }
    }
    document.trailer.set("Root", root);
    unknown
}

fn trial_page(content: ObjectId, font: ObjectId) -> Dictionary {
    let mut fonts = Dictionary::new();
    fonts.set("F", Object::Reference(font));
    let mut resources = Dictionary::new();
    resources.set("Font", Object::Dictionary(fonts));
    let mut page = Dictionary::new();
    page.set("Type", Object::Name(b"Page".to_vec()));
    page.set("MediaBox", Object::Array(vec![Object::Integer(0); 4]));
    page.set("Resources", Object::Dictionary(resources));
    page.set("Contents", Object::Reference(content));
    page
}

/// `pdf-extract` 0.12.1 reads `first last width` of a font's widths as if all three were the first number, so that words fall apart.
/// Each is written as `first [width width …]`, which it reads rightly.
pub fn write_widths_singly(document: &mut Document) {
    let fonts: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| {
            object
                .as_dict()
                .is_ok_and(|font| font.has(b"W") && font.has(b"CIDSystemInfo"))
        })
        .map(|(id, _)| *id)
        .collect();
    for id in fonts {
        let widths = document
            .get_dictionary(id)
            .ok()
            .and_then(|font| single_widths(document, font));
        if let Ok(font) = document.get_dictionary_mut(id) {
            match widths {
                Some(widths) => font.set("W", Object::Array(widths)),
                None => {
                    font.remove(b"W");
                }
            }
            if font.get(b"DW").is_ok_and(|width| width.as_i64().is_err()) {
                font.remove(b"DW");
            }
        }
    }
}

/// `None` for widths that follow no rule.
fn single_widths(document: &Document, font: &Dictionary) -> Option<Vec<Object>> {
    let resolved = |object: &Object| document.dereference(object).ok().map(|(_, object)| object.clone());
    let written = font.get_deref(b"W", document).ok()?.as_array().ok()?;
    let mut written = written.iter();
    let mut widths = Vec::new();
    let mut count = 0;
    while let Some(first) = written.next() {
        let first = whole(&resolved(first)?)?;
        match resolved(written.next()?)? {
            Object::Array(list) => {
                let list: Vec<Object> = list.iter().filter_map(resolved).filter(is_number).collect();
                count += list.len();
                widths.extend([Object::Integer(first), Object::Array(list)]);
            }
            last => {
                let width = resolved(written.next()?).filter(is_number)?;
                let length = usize::try_from(whole(&last)? - first + 1).ok()?.min(MAX_WIDTHS);
                count += length;
                widths.extend([Object::Integer(first), Object::Array(vec![width; length])]);
            }
        }
        if count > 2 * MAX_WIDTHS {
            return None;
        }
    }
    Some(widths)
}

fn whole(object: &Object) -> Option<i64> {
    let number = object.as_i64().ok().or_else(|| Some(object.as_float().ok()? as i64))?;
    (0..=MAX_WIDTHS as i64).contains(&number).then_some(number)
}

fn is_number(object: &Object) -> bool {
    object.as_float().is_ok()
}
