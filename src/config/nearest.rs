//! The known name that a mistyped one probably meant.

/// Below this likeness a suggestion would only mislead.
const MIN_LIKENESS: f64 = 0.6;

/// The name most like `unknown`, ignoring case, `-` for `_` and the program's prefix. Ties go to the first name.
pub fn find_nearest<'a>(unknown: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = comparable(unknown);
    let mut best = None;
    let mut best_likeness = MIN_LIKENESS;
    for name in names {
        let likeness = strsim::normalized_damerau_levenshtein(&unknown, &comparable(name));
        if likeness > best_likeness {
            best = Some(name);
            best_likeness = likeness;
        }
    }
    best
}

fn comparable(name: &str) -> String {
    let name = name.to_lowercase().replace('-', "_");
    name.strip_prefix("palompy_").unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["PALOMPY_LISTEN", "PALOMPY_LOG", "OPENAI_API_KEY", "PORT"];

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        for (unknown, meant) in [
            ("PALOMPY_LISTN", "PALOMPY_LISTEN"),
            ("PALOMPY_OPENAI_API_KEY", "OPENAI_API_KEY"),
            ("openai-api-key", "OPENAI_API_KEY"),
            ("PALOMPY_PORT", "PORT"),
        ] {
            assert_eq!(find_nearest(unknown, NAMES.into_iter()), Some(meant), "{unknown}");
        }
    }

    #[test]
    fn a_name_like_no_other_gets_no_suggestion() {
        assert_eq!(find_nearest("PALOMPY_COLOR_OF_THE_SKY", NAMES.into_iter()), None);
    }
}
