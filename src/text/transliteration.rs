//! Russian written in Latin letters, as people do it without a rule: `chehol dlya ayfona`.

/// Longest first, so that `shch` is not `sh` and `ch`. Several systems side by side (GOST 7.79, passports, chat habits).
const SYLLABLES: &[(&str, &str)] = &[
    ("shch", "щ"),
    ("sch", "щ"),
    ("iya", "ия"),
    ("iyu", "ию"),
    ("iye", "ие"),
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

/// Latin letters and groups that people also use for other Russian letters than `to_cyrillic` takes them for.
const OTHER_READINGS: &[(&str, &[&str])] = &[
    ("shch", &["шч"]),
    ("sch", &["сч", "ш"]),
    ("ch", &["х", "к"]),
    ("sh", &["щ", "сх"]),
    ("ts", &["тс"]),
    ("kh", &["кх"]),
    ("ya", &["ья", "иа"]),
    ("ia", &["я", "ия"]),
    ("ja", &["джа"]),
    ("yu", &["ью"]),
    ("ju", &["жу", "джу"]),
    ("yo", &["йо", "е"]),
    ("jo", &["джо", "жо"]),
    ("iy", &["ый"]),
    ("ij", &["ый"]),
    ("yj", &["ий"]),
    ("i", &["ы", "й"]),
    ("y", &["и", "й", "ы", "у", "ь"]),
    ("e", &["э", "ё"]),
    ("c", &["ц", "с"]),
    ("h", &["ш", "г", ""]),
    ("j", &["ж", "дж", "ь"]),
    ("u", &["ю", "ы"]),
    ("w", &["ш", "щ", "у"]),
    ("x", &["х"]),
    ("q", &["я"]),
    ("z", &["ж", "ц", "с"]),
    ("v", &["ж"]),
    ("a", &["я"]),
    ("o", &["е"]),
    ("4", &["ч"]),
    ("6", &["ш"]),
];
/// Readings tried for one word.
const MAX_READINGS: usize = 40;

/// What a Latin word may be in Cyrillic letters, likeliest first, each once: the plain reading, one letter read otherwise, the
/// same letter read otherwise throughout.
pub fn cyrillic_readings(word: &str) -> Vec<String> {
    let lower = word.to_lowercase();
    let mut readings = vec![to_cyrillic(&lower)];
    let push = |reading: String, readings: &mut Vec<String>| {
        if readings.len() < MAX_READINGS && !readings.contains(&reading) {
            readings.push(reading);
        }
    };
    for softened in softened(&lower) {
        push(to_cyrillic(&softened), &mut readings);
    }
    for (latin, others) in OTHER_READINGS {
        let places: Vec<usize> = lower.match_indices(latin).map(|(place, _)| place).collect();
        for other in *others {
            let replaced = |places: &[usize]| {
                let mut mixed = lower.clone();
                for place in places.iter().rev() {
                    mixed.replace_range(*place..place + latin.len(), other);
                }
                to_cyrillic(&mixed)
            };
            push(replaced(&places), &mut readings);
            if places.len() > 1 {
                for place in &places {
                    push(replaced(&[*place]), &mut readings);
                }
            }
        }
    }
    readings
}

/// The word with the soft signs that people leave out: at the end, after `l` before a consonant, and both.
fn softened(word: &str) -> Vec<String> {
    const SOFT_ENDINGS: &str = "tlnrsdvm";
    let mut inside = String::with_capacity(word.len() + 2);
    let mut rest = word.chars().peekable();
    while let Some(letter) = rest.next() {
        inside.push(letter);
        if letter == 'l' && rest.peek().is_some_and(|next| !"aeiouyjl'".contains(*next)) {
            inside.push('\'');
        }
    }
    let mut softened = Vec::new();
    if inside != word {
        softened.push(inside.clone());
    }
    if word.ends_with(|last| SOFT_ENDINGS.contains(last)) {
        softened.push(format!("{word}'"));
        if inside != word {
            softened.push(format!("{inside}'"));
        }
    }
    softened
}

/// A Cyrillic word in plain Latin letters, as an article number is spelled out: `пл` is `pl`.
pub fn to_latin(word: &str) -> String {
    const LETTERS: &[(char, &str)] = &[
        ('а', "a"),
        ('б', "b"),
        ('в', "v"),
        ('г', "g"),
        ('д', "d"),
        ('е', "e"),
        ('ж', "j"),
        ('з', "z"),
        ('и', "i"),
        ('й', "y"),
        ('к', "k"),
        ('л', "l"),
        ('м', "m"),
        ('н', "n"),
        ('о', "o"),
        ('п', "p"),
        ('р', "r"),
        ('с', "s"),
        ('т', "t"),
        ('у', "u"),
        ('ф', "f"),
        ('х', "h"),
        ('ц', "c"),
        ('ш', "sh"),
        ('ы', "y"),
        ('э', "e"),
        ('ю', "yu"),
        ('я', "ya"),
    ];
    let mut latin = String::with_capacity(word.len());
    for c in word.to_lowercase().chars() {
        match LETTERS.iter().find(|(russian, _)| *russian == c) {
            Some((_, letters)) => latin.push_str(letters),
            None => latin.push(c),
        }
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::cyrillic_readings;
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

    #[test]
    fn a_word_is_read_in_several_ways() {
        for (latin, russian) in [
            ("4asy", "часы"),
            ("rubawka", "рубашка"),
            ("cvetok", "цветок"),
            ("xolodilnik", "холодилник"),
            ("skolko", "сколько"),
            ("alyuminiya", "алюминия"),
            ("odejalo", "одеяло"),
            ("kurtki", "куртки"),
            ("noutbuk", "ноутбук"),
        ] {
            assert!(
                cyrillic_readings(latin).contains(&russian.to_owned()),
                "{latin}: {:?}",
                cyrillic_readings(latin)
            );
        }
    }
}
