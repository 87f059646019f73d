//! A PDF before it is read: what has nothing to do with text is taken out, and what the library reads wrongly is written so that it reads
//! it rightly. Most of its panics come from drawing, which nobody needs here.

use crate::knowledge::parsing::documents::pdf::content::Names;
use crate::knowledge::parsing::documents::pdf::content::only_text;
use crate::knowledge::parsing::documents::pdf::fonts::leave_out_unknown_fonts;
use crate::knowledge::parsing::documents::pdf::fonts::write_widths_singly;
use crate::knowledge::parsing::documents::pdf::forms::simplify_forms;
use pdf_extract::Dictionary;
use pdf_extract::Document;
use pdf_extract::Object;
use pdf_extract::ObjectId;
use pdf_extract::Stream;

/// Nodes between a page and the root of its tree; a damaged file may have a circle of them.
const MAX_ANCESTORS: usize = 32;
/// Paper, when a page does not say; only differences between places count.
const A4: [i64; 4] = [0, 0, 595, 842];

/// Returns how many fonts the library cannot read; text in them is left out.
pub fn prepare(document: &mut Document) -> usize {
    write_widths_singly(document);
    let unknown_fonts = leave_out_unknown_fonts(document);
    simplify_forms(document);
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for page in pages {
        let content = document.get_page_content(page).unwrap_or_default();
        let resources = inherited(document, page, b"Resources").and_then(|object| object.as_dict().ok().cloned());
        let names = Names::of(document, resources.as_ref());
        let text = only_text(&content, &names);
        let media_box = media_box(document, page);
        let content = document.add_object(Stream::new(Dictionary::new(), text));
        if let Ok(dictionary) = document.get_dictionary_mut(page) {
            dictionary.set("Contents", Object::Reference(content));
            dictionary.set("MediaBox", media_box);
            dictionary.remove(b"ArtBox");
        }
    }
    unknown_fonts
}

/// Whether a picture is drawn on the page, as on a scanned one.
pub fn has_picture(document: &Document, page: ObjectId) -> bool {
    let resources = inherited(document, page, b"Resources").and_then(|object| object.as_dict().ok());
    let objects = resources.and_then(|resources| resources.get_deref(b"XObject", document).ok()?.as_dict().ok());
    let mut objects = objects.into_iter().flat_map(Dictionary::iter);
    objects.any(|(_, object)| {
        let stream = document
            .dereference(object)
            .ok()
            .and_then(|(_, object)| object.as_stream().ok());
        let kind = stream.and_then(|stream| stream.dict.get(b"Subtype").and_then(Object::as_name).ok());
        // A form may frame a picture.
        matches!(kind, Some(b"Image" | b"Form"))
    })
}

/// A value of the page, or of the nearest node above that has it.
fn inherited<'a>(document: &'a Document, page: ObjectId, key: &[u8]) -> Option<&'a Object> {
    let mut node = document.get_dictionary(page).ok()?;
    for _ in 0..MAX_ANCESTORS {
        if let Ok(value) = node.get_deref(key, document) {
            return Some(value);
        }
        node = node.get_deref(b"Parent", document).ok()?.as_dict().ok()?;
    }
    None
}

fn media_box(document: &Document, page: ObjectId) -> Object {
    let found = inherited(document, page, b"MediaBox").and_then(|object| object.as_array().ok());
    let numbers: Option<Vec<f32>> = found.map(|numbers| {
        let numbers = numbers.iter().filter_map(|number| document.dereference(number).ok());
        numbers.filter_map(|(_, number)| number.as_float().ok()).collect()
    });
    match numbers.filter(|numbers| numbers.len() == 4) {
        Some(numbers) => Object::Array(numbers.into_iter().map(Object::Real).collect()),
        None => Object::Array(A4.into_iter().map(Object::Integer).collect()),
    }
}
