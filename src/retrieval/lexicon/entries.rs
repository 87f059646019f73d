//! Reads the lexicon's files. `data/lexicon/README.md` describes their form.

/// One concept: what people say and what the texts of shops write instead, both in any language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub said: Vec<String>,
    pub meant: Vec<String>,
}

/// The concepts of one file in its order. A line of another form than described is left out; a test holds that there is none.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (said, meant) = (line.strip_prefix("? "), line.strip_prefix("= "));
        match (said, meant, entries.last_mut()) {
            (Some(said), _, Some(entry)) => entry.said.extend(phrases(said)),
            (_, Some(meant), Some(entry)) => entry.meant.extend(phrases(meant)),
            _ => entries.push(Entry {
                name: line.to_owned(),
                said: Vec::new(),
                meant: Vec::new(),
            }),
        }
    }
    entries
}

fn phrases(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split(',')
        .map(str::trim)
        .filter(|phrase| !phrase.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_concept_has_a_name_and_two_lists() {
        let entries = parse("# note\nwaterproof\n? промокает, gets wet\n= водостойкий,waterproof\n");
        let entry = entries.first().unwrap();
        assert_eq!(entry.name, "waterproof");
        assert_eq!(entry.said, ["промокает", "gets wet"]);
        assert_eq!(entry.meant, ["водостойкий", "waterproof"]);
    }
}
