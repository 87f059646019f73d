//! Forms, which pages and other forms draw: reduced to their text as pages are, and emptied where they draw themselves or each other without end.

use crate::knowledge::parsing::documents::pdf::content::Names;
use crate::knowledge::parsing::documents::pdf::content::is_form;
use crate::knowledge::parsing::documents::pdf::content::only_text;
use pdf_extract::Dictionary;
use pdf_extract::Document;
use pdf_extract::Object;
use pdf_extract::ObjectId;
use std::collections::BTreeMap;

/// Forms drawn by one form, those drawn by the forms it draws included. The library would draw them all, each time.
const MAX_DRAWN: usize = 1_000;
/// Forms inside each other.
const MAX_DEPTH: usize = 16;

pub fn simplify_forms(document: &mut Document) {
    let forms: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| is_form(document, object))
        .map(|(id, _)| *id)
        .collect();
    let drawn: BTreeMap<ObjectId, Vec<ObjectId>> = forms.iter().map(|id| (*id, drawn_by(document, *id))).collect();
    let sound = sound_forms(&drawn);
    for id in forms {
        let text = match document.get_object(id).and_then(Object::as_stream) {
            Ok(stream) if sound.contains_key(&id) => {
                let content = match stream.filters() {
                    Ok(_) => stream.decompressed_content().unwrap_or_default(),
                    Err(_) => stream.content.clone(),
                };
                let resources = stream.dict.get_deref(b"Resources", document).ok();
                let names = Names::of(document, resources.and_then(|resources| resources.as_dict().ok()));
                only_text(&content, &names)
            }
            _ => Vec::new(),
        };
        if let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) {
            stream.set_plain_content(text);
        }
    }
}

fn drawn_by(document: &Document, form: ObjectId) -> Vec<ObjectId> {
    let stream = document.get_object(form).and_then(Object::as_stream).ok();
    let resources = stream.and_then(|stream| stream.dict.get_deref(b"Resources", document).ok()?.as_dict().ok());
    let objects = resources.and_then(|resources| resources.get_deref(b"XObject", document).ok()?.as_dict().ok());
    let objects = objects.into_iter().flat_map(Dictionary::iter);
    let forms = objects.filter(|(_, object)| is_form(document, object));
    forms.filter_map(|(_, object)| object.as_reference().ok()).collect()
}

/// Forms that end, with how many they draw: first those that draw none, then those that only draw known ones, and so on.
fn sound_forms(drawn: &BTreeMap<ObjectId, Vec<ObjectId>>) -> BTreeMap<ObjectId, usize> {
    let mut sound: BTreeMap<ObjectId, usize> = BTreeMap::new();
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for (id, inner) in drawn.iter().filter(|(id, _)| !sound.contains_key(*id)) {
            let counts: Option<Vec<usize>> = inner.iter().map(|id| sound.get(id).copied()).collect();
            let count = counts.map(|counts| counts.iter().sum::<usize>() + 1);
            next.extend(count.filter(|count| *count <= MAX_DRAWN).map(|count| (*id, count)));
        }
        if next.is_empty() {
            break;
        }
        sound.extend(next);
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::sound_forms;
    use std::collections::BTreeMap;

    #[test]
    fn forms_that_draw_each_other_are_found() {
        let drawn: BTreeMap<_, _> = [
            ((1, 0), vec![(2, 0)]),
            ((2, 0), vec![]),
            ((3, 0), vec![(4, 0)]),
            ((4, 0), vec![(3, 0)]),
            ((5, 0), vec![(3, 0)]),
            ((6, 0), vec![(6, 0)]),
        ]
        .into();
        let sound: Vec<_> = sound_forms(&drawn).into_keys().collect();
        assert_eq!(sound, [(1, 0), (2, 0)]);
    }
}
