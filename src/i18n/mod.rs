//! Every sentence that a person sees, in Russian and English. Both catalogs hold the same keys with the same placeholders.

use crate::domain::language::Language;
use crate::domain::problem::Problem;
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Catalog = BTreeMap<String, String>;

static RUSSIAN: LazyLock<Catalog> = LazyLock::new(|| parse(include_str!("ru.toml")));
static ENGLISH: LazyLock<Catalog> = LazyLock::new(|| parse(include_str!("en.toml")));

/// The sentence of `key` with each `{name}` replaced by its value. An unknown key gives the key itself, which a test prevents.
pub fn sentence(language: Language, key: &str, values: &[(&str, String)]) -> String {
    let catalog = match language {
        Language::Ru => &*RUSSIAN,
        Language::En => &*ENGLISH,
    };
    let mut text = catalog.get(key).cloned().unwrap_or_else(|| key.to_owned());
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// What is wrong, without the place.
pub fn problem(language: Language, problem: &Problem) -> String {
    sentence(language, problem.key, &problem.values)
}

/// The language that a browser or a client prefers among ours, English when it names none of them.
pub fn preferred(accept_language: Option<&str>) -> Language {
    let tags = accept_language.unwrap_or_default().split(',');
    tags.filter_map(|tag| Language::parse(tag.split(';').next().unwrap_or_default().trim()))
        .next()
        .unwrap_or(Language::En)
}

/// The catalogs are part of the program and a test reads them; a damaged one shows keys instead of sentences.
fn parse(text: &str) -> Catalog {
    toml::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Catalog;
    use super::ENGLISH;
    use super::RUSSIAN;
    use super::preferred;
    use crate::domain::language::Language;

    /// The names in braces; braces of JSON hold no name.
    fn placeholders(text: &str) -> Vec<&str> {
        let inside = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let mut names: Vec<&str> = inside
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_catalogs_hold_the_same_keys_and_placeholders() {
        let shape = |catalog: &Catalog| {
            let pairs = catalog
                .iter()
                .map(|(key, text)| (key.clone(), placeholders(text).join(",")));
            pairs.collect::<Vec<_>>()
        };
        assert!(RUSSIAN.len() > 20);
        assert_eq!(shape(&RUSSIAN), shape(&ENGLISH));
    }

    #[test]
    fn the_first_known_language_is_preferred() {
        assert_eq!(preferred(Some("de-DE,ru;q=0.8,en;q=0.5")), Language::Ru);
        assert_eq!(preferred(None), Language::En);
    }
}
