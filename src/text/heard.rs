//! How groups of letters are heard, for those who write by ear.

use crate::text::edit_cost::letter_index;
use std::sync::LazyLock;

/// Groups of letters as they are heard.
const HEARD: &[(&str, &str)] = &[
    ("ться", "ца"),
    ("тся", "ца"),
    ("цца", "ца"),
    ("тьс", "ц"),
    ("стн", "сн"),
    ("здн", "зн"),
    ("лнц", "нц"),
    ("вств", "ств"),
    ("сч", "щ"),
    ("зч", "щ"),
    ("жч", "щ"),
    ("шч", "щ"),
    ("тс", "ц"),
    ("дс", "ц"),
    ("тц", "ц"),
    ("дц", "ц"),
    ("тч", "ч"),
    ("дч", "ч"),
    ("чт", "шт"),
    ("жы", "жи"),
    ("шы", "ши"),
    ("цы", "ци"),
    ("чя", "ча"),
    ("щя", "ща"),
    ("чю", "чу"),
    ("щю", "щу"),
    ("йо", "е"),
    ("ьо", "е"),
    ("tion", "shn"),
    ("sion", "shn"),
    ("tch", "ch"),
    ("ght", "t"),
    ("ph", "f"),
    ("ck", "k"),
    ("kn", "n"),
    ("wr", "r"),
    ("wh", "w"),
    ("qu", "kw"),
    ("ea", "e"),
    ("ee", "e"),
    ("oo", "u"),
    ("ou", "u"),
];

/// For each letter the second letters of the groups that it begins, as a set of 64 bits.
static GROUPS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut seconds = vec![0; 64];
    for (group, _) in HEARD {
        let mut letters = group.chars().filter_map(letter_index);
        if let (Some(first), Some(second)) = (letters.next(), letters.next())
            && let Some(set) = seconds.get_mut(first)
        {
            *set |= 1 << second;
        }
    }
    seconds
});

/// Whether a group may begin anywhere in the word.
pub fn has_group(word: &[char]) -> bool {
    let mut first: Option<usize> = None;
    for second in word.iter().map(|letter| letter_index(*letter)) {
        let seconds = first.and_then(|first| GROUPS.get(first)).copied().unwrap_or_default();
        if second.is_some_and(|second| seconds >> second & 1 == 1) {
            return true;
        }
        first = second;
    }
    false
}

/// The word as it is heard: the same when it has no such group.
pub fn by_ear(word: &[char]) -> Vec<char> {
    let mut heard = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, others @ ..] = rest {
        let group = HEARD.iter().find(|(written, _)| {
            if !written.starts_with(*first) {
                return false;
            }
            let length = written.chars().count();
            rest.get(..length)
                .is_some_and(|start| start.iter().copied().eq(written.chars()))
        });
        match group {
            Some((written, sound)) => {
                heard.extend(sound.chars());
                rest = rest.get(written.chars().count()..).unwrap_or_default();
            }
            None => {
                heard.push(*first);
                rest = others;
            }
        }
    }
    heard
}
