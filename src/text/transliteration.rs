//! Russian written in Latin letters, as people do it without a rule: `chehol dlya ayfona`.

/// Longest first, so that `shch` is not `sh` and `ch`. Several systems side by side (GOST 7.79, passports, chat habits).
const SYLLABLES: &[(&str, &str)] = &[
    ("shch", "щ"),
    ("sch", "щ"),
    ("tsk", "тск"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ju", "ю"),
    ("iu", "ю"),
    ("ya", "я"),
    ("ja", "я"),
    ("yo", "е"),
    ("jo", "е"),
    ("ye", "е"),
    ("iy", "ий"),
    ("yy", "ый"),
    ("ij", "ий"),
    ("yj", "ый"),
    ("ck", "к"),
    ("ph", "ф"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "й"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("y", "ы"),
    ("z", "з"),
    ("'", "ь"),
];

/// The text in Cyrillic letters, lower case. `y` after a vowel is `й`, else `ы`. What is no Latin letter stays.
pub fn to_cyrillic(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    let mut cyrillic = String::new();
    while let Some(first) = rest.chars().next() {
        let after_vowel = cyrillic.chars().last().is_some_and(|c| "аеиоуыэюя".contains(c));
        let syllable = SYLLABLES.iter().find(|(latin, _)| rest.starts_with(latin));
        let taken = match syllable {
            Some(("y", _)) if after_vowel => {
                cyrillic.push('й');
                1
            }
            Some((latin, russian)) => {
                cyrillic.push_str(russian);
                latin.len()
            }
            None => {
                cyrillic.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    cyrillic
}

#[cfg(test)]
mod tests {
    use super::to_cyrillic;

    #[test]
    fn people_are_understood_whatever_system_they_use() {
        for (latin, russian) in [
            ("skolko stoit dostavka", "сколко стоит доставка"),
            ("detskij dozhdevik", "детский дождевик"),
            ("podarochnyy sertifikat", "подарочный сертификат"),
            ("chehol dlya ayfona", "чехол для айфона"),
        ] {
            assert_eq!(to_cyrillic(latin), russian);
        }
    }
}
