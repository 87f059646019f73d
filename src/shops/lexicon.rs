//! What an owner may add to the lexicon: the limits, and all problems at once.

use crate::domain::lexicon::LexiconEntry;
use crate::domain::problem::Problem;
use crate::http::error::ApiError;
use crate::text::tokenize::words;

const MAX_ENTRIES: usize = 500;
const MAX_PHRASES: usize = 30;
const MAX_PHRASE_CHARS: usize = 100;

/// The entries with white space around phrases gone; a path such as `entries[2].say[0]` tells where a problem is.
pub fn checked(entries: Vec<LexiconEntry>) -> Result<Vec<LexiconEntry>, ApiError> {
    let mut problems = Vec::new();
    if entries.len() > MAX_ENTRIES {
        problems.push(too_many("entries".to_owned(), entries.len(), MAX_ENTRIES));
        return Err(ApiError::invalid(problems));
    }
    let mut trimmed = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        trimmed.push(LexiconEntry {
            say: checked_phrases(entry.say, &format!("entries[{index}].say"), &mut problems),
            mean: checked_phrases(entry.mean, &format!("entries[{index}].mean"), &mut problems),
        });
    }
    if problems.is_empty() {
        Ok(trimmed)
    } else {
        Err(ApiError::invalid(problems))
    }
}

fn checked_phrases(phrases: Vec<String>, path: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    if phrases.is_empty() {
        problems.push(Problem::new(path, "problem_empty"));
    }
    if phrases.len() > MAX_PHRASES {
        problems.push(too_many(path.to_owned(), phrases.len(), MAX_PHRASES));
        return phrases;
    }
    for (index, phrase) in phrases.iter().enumerate() {
        let length = phrase.trim().chars().count();
        if words(phrase).next().is_none() {
            problems.push(Problem::new(format!("{path}[{index}]"), "problem_empty"));
        } else if length > MAX_PHRASE_CHARS {
            let problem = Problem::new(format!("{path}[{index}]"), "problem_too_long");
            problems.push(problem.with("length", length).with("limit", MAX_PHRASE_CHARS));
        }
    }
    phrases.into_iter().map(|phrase| phrase.trim().to_owned()).collect()
}

fn too_many(path: String, length: usize, limit: usize) -> Problem {
    Problem::new(path, "problem_too_many")
        .with("length", length)
        .with("limit", limit)
}

#[cfg(test)]
mod tests {
    use super::checked;
    use crate::domain::lexicon::LexiconEntry;

    fn entry(say: &[&str], mean: &[&str]) -> LexiconEntry {
        let owned = |list: &[&str]| list.iter().map(|phrase| (*phrase).to_owned()).collect();
        LexiconEntry {
            say: owned(say),
            mean: owned(mean),
        }
    }

    fn paths(entries: Vec<LexiconEntry>) -> Vec<String> {
        let problems = checked(entries).unwrap_err().problems;
        problems.into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn phrases_lose_the_white_space_around_them() {
        let kept = checked(vec![entry(&[" шуршик "], &["фольга"])]).unwrap();
        assert_eq!(kept, [entry(&["шуршик"], &["фольга"])]);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let long = "щ".repeat(101);
        let entries = vec![entry(&[], &["фольга"]), entry(&["а", "…"], &[&long])];
        assert_eq!(
            paths(entries),
            ["entries[0].say", "entries[1].say[1]", "entries[1].mean[0]"]
        );
        assert_eq!(paths(vec![entry(&["а"], &["б"]); 501]), ["entries"]);
        assert_eq!(paths(vec![entry(&["а"; 31], &["б"])]), ["entries[0].say"]);
    }
}
