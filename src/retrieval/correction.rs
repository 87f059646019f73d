//! What a single word of a question may stand for. Corrections are candidates with weights: they must earn their score in the
//! shop's texts, and a word that the shop has is never corrected away.

use crate::embed::builtin::dictionary::rarity;
use crate::retrieval::vocabulary::Candidate;
use crate::retrieval::vocabulary::Vocabulary;
use crate::retrieval::vocabulary::near_in_dictionary;
use crate::text::edit_cost::edit_cost;
use crate::text::sound::consonant_count;
use crate::text::sound::english_in_cyrillic;
use crate::text::sound::sound_code;
use crate::text::stem::stem;
use crate::text::tokenize::is_cyrillic;
use crate::text::transliteration::to_cyrillic;

/// Alternatives kept for one word.
const MAX_ALTERNATIVES: usize = 4;
/// An alternative so much less likely than the best one is dropped.
const LEAST_SHARE: f64 = 0.15;
/// How much a unit of edit cost speaks against a candidate, how much the cost for each letter takes off the weight of the best, and
/// how much a unit of cost does where there is no choice to make.
const COST_AGAINST: f64 = 3.0;
const COST_SHARE_AGAINST: f64 = 2.0;
const WEIGHT_PER_COST: f64 = 0.2;
const LEAST_WEIGHT: f64 = 0.4;
/// How much edit cost a letter of the stem allows, how much any word, and the fewest letters that a stem must have.
const COST_PER_LETTER: f32 = 0.25;
const MOST_COST: f32 = 2.4;
const LEAST_LETTERS: usize = 3;
/// How much being one of the shop's own words speaks for a candidate, and each doubling of the chunks that hold it.
const SHOP_WORD: f64 = 1.0;
const PER_DOUBLING: f64 = 0.15;
const MOST_DOUBLINGS: f64 = 8.0;
/// So much costlier than the cheapest, no candidate of the same list keeps `LEAST_SHARE`: it would have to be more likely by
/// `COST_AGAINST` for each unit, less the logarithm of that share (1.9), and priors differ by 1.05 at most.
const COST_SPAN: f32 = 1.0;
/// A word of the dictionary gets alternatives only when it is this rare and one of the shop's is this near.
const RARE: f32 = 0.8;
const NEAR_A_RARE_WORD: f32 = 0.5;
const RARE_WORD_WEIGHT: f64 = 0.4;
/// The weight of a word that sounds the same in the other script, before what differs is taken off.
const OTHER_SCRIPT_WEIGHT: f64 = 0.9;
/// The cost at which two spellings are one sound.
const SAME_SOUND: f32 = 0.2;
/// Costs up to which a correction is believed, for each letter: the shop's own words are meant more often.
const BELIEVED_SHOP_COST: f32 = 0.15;
const BELIEVED_DICTIONARY_COST: f32 = 0.12;
/// What a short word of the shop may cost beyond that.
const BELIEVED_SHORT_COST: f32 = 0.25;
/// A word of the shop at this cost is meant; the dictionary need not be asked.
const CLEAR_COST: f32 = 0.5;
/// The dictionary has a word near to everything; only those this near are considered.
const DICTIONARY_LIMIT: f32 = 1.2;

/// A term that a word may stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub term: String,
    /// A spelling that has this term.
    pub form: String,
    /// Above 0, up to 1.
    pub weight: f64,
    /// Whether it may replace the word where only one can stand.
    pub is_believed: bool,
}

/// What a word stands for besides itself, likeliest first. `word` is normalized, no stop word, and has no digit.
///
/// For a word of the shop these are only words of the same sound in the other script.
pub fn alternatives(word: &str, vocabulary: &Vocabulary) -> Vec<Alternative> {
    let term = stem(word);
    let mut found = Vec::new();
    if !vocabulary.holds(&term) {
        found = match rarity(&term) {
            Some(rarity) => near_a_rare_word(word, rarity, vocabulary),
            None => corrections(word, vocabulary),
        };
    }
    for alternative in in_the_other_script(word, vocabulary) {
        if found.iter().all(|known| known.term != alternative.term) {
            found.push(alternative);
        }
    }
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
    found.truncate(MAX_ALTERNATIVES);
    found
}

/// The highest edit cost at which a word is still the same word: by the letters of its stem, because endings are alike anyway.
pub fn cost_limit(word: &str) -> f32 {
    let letters = stem(word).chars().count();
    if letters < LEAST_LETTERS {
        return 0.0;
    }
    (letters as f32 * COST_PER_LETTER).min(MOST_COST)
}

/// The cheapest cost of reading an unknown word as one that the shop or the language has.
pub fn nearest_cost(word: &str, vocabulary: &Vocabulary) -> Option<f32> {
    let limit = cost_limit(word);
    let first = |near: Vec<Candidate>| near.first().map(|near| near.cost);
    first(vocabulary.near(word, limit, 0.0))
        .or_else(|| first(near_in_dictionary(word, limit.min(DICTIONARY_LIMIT), 0.0)))
}

fn corrections(word: &str, vocabulary: &Vocabulary) -> Vec<Alternative> {
    let limit = cost_limit(word);
    let mut near = vocabulary.near(word, limit, COST_SPAN);
    if near.first().is_none_or(|first| first.cost > CLEAR_COST) {
        for candidate in near_in_dictionary(word, limit.min(DICTIONARY_LIMIT), COST_SPAN) {
            if near.iter().all(|known| known.term != candidate.term) {
                near.push(candidate);
            }
        }
    }
    let letters = stem(word).chars().count().max(1) as f32;
    let mut scored: Vec<(f64, Candidate)> = near.into_iter().map(|near| (likelihood(&near), near)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.term.cmp(&b.1.term)));
    let Some(best) = scored.first().map(|(score, _)| *score) else {
        return Vec::new();
    };
    let weighted = scored.into_iter().map(|(score, candidate)| {
        let share = (score - best).exp();
        let certainty = (1.0 - COST_SHARE_AGAINST * f64::from(candidate.cost / letters)).max(LEAST_WEIGHT);
        let is_believed = is_believed(&candidate, letters);
        let mut found = alternative(candidate, share * certainty);
        found.is_believed = is_believed;
        (share, found)
    });
    let likely = weighted.take_while(|(share, _)| *share >= LEAST_SHARE);
    likely
        .map(|(_, alternative)| alternative)
        .take(MAX_ALTERNATIVES)
        .collect()
}

/// Whether a correction is near enough to stand instead of the word, whose stem has so many letters. A rare word of the
/// dictionary is not likelier than a new one.
fn is_believed(candidate: &Candidate, letters: f32) -> bool {
    if candidate.chunks > 0 {
        return candidate.cost <= BELIEVED_SHOP_COST * letters + BELIEVED_SHORT_COST;
    }
    let is_common = rarity(&candidate.term).is_some_and(|rarity| rarity < RARE);
    is_common && candidate.cost <= BELIEVED_DICTIONARY_COST * letters
}

/// The logarithm of how likely the candidate is meant, up to a constant.
fn likelihood(candidate: &Candidate) -> f64 {
    let prior = if candidate.chunks > 0 {
        SHOP_WORD + PER_DOUBLING * (1.0 + f64::from(candidate.chunks)).log2().min(MOST_DOUBLINGS)
    } else {
        1.0 - f64::from(rarity(&candidate.term).unwrap_or(1.0)).min(1.0)
    };
    prior - COST_AGAINST * f64::from(candidate.cost)
}

/// The dictionary has rare words and names that are also slips for common ones.
fn near_a_rare_word(word: &str, rarity: f32, vocabulary: &Vocabulary) -> Vec<Alternative> {
    if rarity < RARE {
        return Vec::new();
    }
    let limit = cost_limit(word).min(NEAR_A_RARE_WORD);
    let near = vocabulary.near(word, limit, f32::INFINITY).into_iter();
    near.map(|candidate| {
        let weight = RARE_WORD_WEIGHT * (1.0 - WEIGHT_PER_COST * f64::from(candidate.cost));
        alternative(candidate, weight)
    })
    .collect()
}

/// Brands and borrowed words: "филипс" is `philips`, and the other way around. A word that is right as it is must sound the same
/// in nearly every letter; short words of two languages sound alike by chance.
fn in_the_other_script(word: &str, vocabulary: &Vocabulary) -> Vec<Alternative> {
    let is_russian = word.chars().any(is_cyrillic);
    let term = stem(word);
    let is_loose = !vocabulary.knows(&term) || is_russian && !vocabulary.holds(&term);
    let (least_consonants, limit) = if is_loose {
        (2, 0.25 * word.chars().count() as f32)
    } else {
        (3, SAME_SOUND)
    };
    let mut found = Vec::new();
    let mut codes = vec![sound_code(word), sound_code(&term)];
    codes.dedup();
    for code in codes {
        if consonant_count(code) < least_consonants {
            continue;
        }
        for candidate in vocabulary.sounding(code) {
            if candidate.term.chars().any(is_cyrillic) == is_russian {
                continue;
            }
            let (russian, latin) = if is_russian {
                (word, candidate.form.as_str())
            } else {
                (candidate.form.as_str(), word)
            };
            if let Some(cost) = sound_cost(russian, latin, limit) {
                let weight = OTHER_SCRIPT_WEIGHT - WEIGHT_PER_COST * f64::from(cost);
                found.push(alternative(candidate, weight));
            }
        }
    }
    found
}

/// How far a Russian word is from the sound or the letters of a Latin one, its endings left out; `None` above `limit`.
fn sound_cost(russian: &str, latin: &str, limit: f32) -> Option<f32> {
    let forms = [russian.to_owned(), stem(russian).into_owned()];
    let readings = [english_in_cyrillic(latin), to_cyrillic(latin)];
    let pairs = forms
        .iter()
        .flat_map(|form| readings.iter().map(move |reading| (form, reading)));
    let costs = pairs.filter_map(|(form, reading)| edit_cost(form, reading, limit));
    costs.min_by(f32::total_cmp)
}

fn alternative(candidate: Candidate, weight: f64) -> Alternative {
    Alternative {
        term: candidate.term,
        form: candidate.form,
        weight,
        is_believed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::alternatives;
    use crate::retrieval::vocabulary::Vocabulary;
    use crate::text::terms::terms;
    use proptest::prelude::*;

    fn shop() -> Vocabulary {
        let text = "Самокат детский, шлем защитный, велосипед Schwinn, коляска прогулочная, кофемолка, сковорода, bicycle helmet, \
                    stroller, philips, щетка зубная, удлинитель";
        let counted = terms(text).into_iter().map(|term| (term, 3)).collect();
        Vocabulary::new(counted, &[text.to_owned()], &[])
    }

    fn first(word: &str) -> Option<String> {
        Some(alternatives(word, &shop()).into_iter().next()?.form)
    }

    #[test]
    fn a_misspelt_word_stands_for_the_shops_own() {
        for (typed, meant) in [
            ("сомакат", "самокат"),
            ("калязка", "коляска"),
            ("велосепет", "велосипед"),
            ("кофимолка", "кофемолка"),
            ("скаварада", "сковорода"),
            ("удленитель", "удлинитель"),
            ("щотка", "щетка"),
            ("bycicle", "bicycle"),
            ("helmit", "helmet"),
            ("stroler", "stroller"),
            ("филлипс", "philips"),
        ] {
            assert_eq!(first(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn a_right_word_that_the_shop_lacks_is_not_turned_into_one_that_it_has() {
        for word in ["палатка", "телескоп", "щенок", "teapot", "curtain", "стол", "колонка"]
        {
            let weights: Vec<f64> = alternatives(word, &shop()).iter().map(|found| found.weight).collect();
            assert!(
                weights.iter().all(|weight| *weight <= 0.4),
                "{word}: {:?}",
                alternatives(word, &shop())
            );
        }
    }

    proptest! {
        #[test]
        fn weights_fall_and_lie_between_0_and_1(word in "[а-яa-z]{1,12}") {
            let found = alternatives(&word, &shop());
            prop_assert!(found.iter().all(|found| found.weight > 0.0 && found.weight <= 1.0));
            prop_assert!(found.windows(2).all(|pair| pair[0].weight >= pair[1].weight));
        }

        #[test]
        fn a_word_of_the_shop_is_never_corrected(word in prop::sample::select(vec!["самокат", "шлем", "коляски", "helmet", "stroller", "щетками"])) {
            prop_assert!(alternatives(word, &shop()).is_empty());
        }
    }
}
