//! What a message tells about its writer: contacts, an order number, what is wanted. Found by rule and checked, never guessed.

mod intent;
mod introduced;
mod order;
pub mod phone;
pub mod said_by;

use crate::domain::lead::CollectedData;
use crate::text::contacts::intent::intent_of;
use crate::text::contacts::intent::preferred_contact_of;
use crate::text::contacts::introduced::introduced_name;
use crate::text::contacts::order::order_number;
use crate::text::contacts::phone::phones;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    )
    .ok()
});

const MAX_PAGE_CHARS: usize = 500;

/// What the message tells. The intent is one of the closed list by what is said, and `None` when nothing is plain; what alone
/// would be no lead (an intent, a way of contact) is told all the same, for the caller to weigh.
pub fn contacts_of(message: &str) -> CollectedData {
    CollectedData {
        name: introduced_name(message),
        email: emails(message).into_iter().next().map(|(_, email)| email),
        phone: phones(message).into_iter().next().map(|(_, phone)| phone),
        intent: intent_of(message),
        order_number: order_number(message),
        preferred_contact: preferred_contact_of(message),
        notes: None,
    }
}

/// Whether the text is an e-mail address and nothing else; then in lower case.
pub fn parse_email(written: &str) -> Option<String> {
    let written = written.trim();
    let (range, email) = emails(written).into_iter().next()?;
    (range == (0..written.len())).then_some(email)
}

/// A web page's address without its query and fragment, which often hold a visitor's own data; `None` for anything else.
pub fn page_address(url: &str) -> Option<String> {
    let url = url.trim();
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    let page = url.split(['?', '#']).next().unwrap_or_default();
    (is_page && page.chars().count() <= MAX_PAGE_CHARS && !page.contains(char::is_whitespace)).then(|| page.to_owned())
}

/// The message without phone numbers and addresses, which are no words of the question; as it is when nothing else is in it.
pub fn without_contacts(message: &str) -> String {
    let rest = replaced(message, " ", " ");
    if rest.trim().is_empty() {
        message.to_owned()
    } else {
        rest
    }
}

/// Whether something in the message may be a contact that no rule here reads: a name in a messenger, a number in an unusual form.
pub fn hints_at_contact(message: &str) -> bool {
    static HINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:^|[\s(:])@[a-z0-9_]{4,}|t\.me/|wa\.me/|собака\s|(?:тел|телефон[a-zа-яё]*|номер[a-zа-яё]*|phone|number|call me|звон[a-zа-яё]*|перезвон[a-zа-яё]*)[^0-9]{0,20}\+?[0-9][0-9\s().-]{5,}").ok()
    });
    preferred_contact_of(message).is_some() || HINT.as_ref().is_some_and(|hint| hint.is_match(message))
}

/// The message with these words in place of phone numbers and e-mail addresses.
pub fn replaced(message: &str, for_phone: &str, for_email: &str) -> String {
    let mut places: Vec<(Range<usize>, &str)> = Vec::new();
    places.extend(phones(message).into_iter().map(|(range, _)| (range, for_phone)));
    places.extend(emails(message).into_iter().map(|(range, _)| (range, for_email)));
    places.sort_by_key(|(range, _)| range.start);
    let mut rest = String::with_capacity(message.len());
    let mut end = 0;
    for (range, word) in places {
        // A number inside an address is gone with it.
        if range.start < end {
            continue;
        }
        rest.push_str(message.get(end..range.start).unwrap_or_default());
        rest.push_str(word);
        end = range.end;
    }
    rest.push_str(message.get(end..).unwrap_or_default());
    rest
}

/// The e-mail addresses of a text in lower case with their places, in order.
fn emails(text: &str) -> Vec<(Range<usize>, String)> {
    let Some(pattern) = EMAIL.as_ref() else {
        return Vec::new();
    };
    let found = pattern.find_iter(text).filter(|found| {
        let left = text.get(..found.start()).unwrap_or_default();
        let before = left.chars().next_back();
        let word = left.rsplit(char::is_whitespace).next().unwrap_or_default();
        let after = text.get(found.end()..).and_then(|after| after.chars().next());
        // "иван@mail.ru" written with Cyrillic letters is no address, and part of one would be somebody else's.
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '@' | '/' | '%'))
            && !word.contains("//")
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '@')
            && !found.as_str().contains("..")
            && found.as_str().len() <= 254
    });
    found
        .map(|found| (found.range(), found.as_str().to_lowercase()))
        .collect()
}

#[cfg(test)]
mod tests;
