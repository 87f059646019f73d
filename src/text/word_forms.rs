//! Forms of one word whose stems differ: irregular ones, and what stemming tears apart ("обмен" and "обменять").
//!
//! Only questions use it, so that neither the index nor the embeddings depend on it.

use crate::text::stem::stem;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Each line is one word. What means nearly the same but is another word belongs to the lexicon.
const FORMS: &[&str] = &[
    "деньги денег деньгами",
    "человек человека люди людей людям",
    "ребенок ребенка дети детей детям",
    "день дня дней дни",
    "год года лет",
    "хороший лучше лучший",
    "плохой хуже худший",
    "большой больше побольше",
    "маленький меньше поменьше",
    "дешевый дешевле подешевле",
    "дорогой дороже подороже",
    "легкий легче полегче",
    "короткий короче покороче",
    "тонкий тоньше потоньше",
    "обмен обменять обменяю обменивать обменяете",
    "отмена отменить отменю отменять",
    "замена заменить заменю заменять",
    "оплата оплатить оплачу оплачивать",
    "платить плачу платеж",
    "возврат возвращать возвращаете",
    "вернуть верну вернете вернут",
    "доставка доставить доставляете доставлять доставят",
    "купить куплю покупать покупка",
    "заказ заказать закажу заказывать",
    "отправка отправить отправлю отправлять отправляете",
    "получить получу получать получение",
    "упаковка упаковать упакуете упаковываете",
    "примерить примерка примерять примерю",
    "стирать стирка постирать стираю",
    "чистить чистка почистить чищу",
    "заряжать зарядка зарядить заряжу зарядить",
    "хранить хранение храню",
    "подарить подарок дарить подарю",
    "весить вес весит",
    "гарантия гарантийный",
    "скидка скинуть скидывать",
    "ломаться сломаться сломался сломана поломка",
    "снять сниму снимать",
    "найти найду нахожу",
    "child children",
    "knife knives",
    "shelf shelves",
    "scarf scarves",
    "loaf loaves",
    "leaf leaves",
    "foot feet",
    "tooth teeth",
    "mouse mice",
    "man men",
    "woman women",
    "buy bought buyer",
    "pay paid payment",
    "send sent",
    "sell sold",
    "take took taken",
    "break broke broken",
    "wear wore worn",
    "give gave given",
    "choose chose chosen choice",
    "keep kept",
    "make made",
    "lose lost",
    "freeze froze frozen",
    "deliver delivery delivered",
    "refund refunded",
    "good better best",
    "cheap cheaper cheapest",
    "big bigger biggest",
    "small smaller smallest",
    "heavy heavier heaviest",
    "light lighter lightest",
];

#[derive(Default)]
struct Words {
    /// The stems of each word's forms.
    stems: Vec<Vec<String>>,
    /// The word that has a stem; a stem of two words belongs to the first.
    by_stem: HashMap<String, usize>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    for (index, forms) in FORMS.iter().enumerate() {
        let mut stems: Vec<String> = Vec::new();
        for form in forms.split(' ') {
            let stem = stem(form).into_owned();
            if !stems.contains(&stem) {
                words.by_stem.entry(stem.clone()).or_insert(index);
                stems.push(stem);
            }
        }
        words.stems.push(stems);
    }
    words
});

/// The stems that other forms of the word have, in a fixed order.
pub fn other_stems(word: &str) -> Vec<String> {
    let own = stem(word);
    let mut stems: Vec<String> = WORDS
        .by_stem
        .get(own.as_ref())
        .and_then(|index| WORDS.stems.get(*index))
        .map_or_else(Vec::new, |stems| {
            stems.iter().filter(|stem| **stem != own).cloned().collect()
        });
    if let Some(infinitive) = infinitive_in_ovat(word) {
        let stem = stem(&infinitive).into_owned();
        if stem != own && !stems.contains(&stem) {
            stems.push(stem);
        }
    }
    stems
}

/// "Ремонтируете" is a form of "ремонтировать".
fn infinitive_in_ovat(word: &str) -> Option<String> {
    const ENDINGS: [&str; 8] = ["ую", "уешь", "ует", "уем", "уете", "уют", "уйте", "уй"];
    let root = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending))?;
    (root.chars().count() >= 3).then(|| format!("{root}овать"))
}

#[cfg(test)]
mod tests {
    use super::other_stems;
    use crate::text::stem::stem;

    #[test]
    fn forms_with_other_stems_are_known() {
        for (form, other) in [
            ("денег", "деньги"),
            ("люди", "человек"),
            ("ремонтируете", "ремонтировать"),
            ("knives", "knife"),
        ] {
            assert!(
                other_stems(form).contains(&stem(other).into_owned()),
                "{form}: {:?}",
                other_stems(form)
            );
        }
        assert!(other_stems("рюкзак").is_empty());
    }

    #[test]
    fn kinship_is_symmetric() {
        for word in ["деньги", "обменять", "child", "оплачу"] {
            for other in other_stems(word) {
                let back = super::WORDS.by_stem.contains_key(&other);
                assert!(back, "{word} {other}");
            }
        }
    }
}
