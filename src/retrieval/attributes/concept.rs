//! Words for the same thing in both languages: colors with their shades, materials, sizes, yes and no, men's and children's.
//! General language only; what a shop sells is in its facets.

use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::token::term_of;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How near two words of one concept are.
const SAME_BASE: f64 = 1.0;
const BASE_TO_SHADE: f64 = 0.85;
const SHADE_TO_BASE: f64 = 0.6;
const SHADE_TO_SHADE: f64 = 0.4;

/// Each line: the names of a color in both languages; behind the bar, its shades.
const COLORS: &[&str] = &[
    "красный red | бордовый вишневый алый малиновый рубиновый гранатовый винный марсала коралловый терракотовый кирпичный crimson scarlet burgundy maroon cherry ruby wine coral brick terracotta rust",
    "синий blue | голубой лазурный индиго васильковый сапфировый кобальтовый ультрамарин джинсовый navy azure indigo sapphire cobalt denim cyan",
    "голубой | небесный лазурный sky azure",
    "зеленый green | салатовый изумрудный оливковый болотный хаки мятный фисташковый травяной лаймовый малахитовый olive khaki mint emerald lime sage spruce moss forest pistachio",
    "бирюзовый turquoise teal | аквамарин морской aqua aquamarine",
    "желтый yellow | лимонный горчичный золотистый янтарный соломенный медовый lemon mustard amber honey",
    "оранжевый orange | апельсиновый рыжий морковный абрикосовый персиковый apricot peach tangerine",
    "розовый pink | фуксия пудровый лососевый коралловый персиковый rose fuchsia salmon blush",
    "фиолетовый purple violet | сиреневый лиловый лавандовый баклажановый пурпурный сливовый lavender lilac plum mauve magenta aubergine",
    "коричневый brown | шоколадный кофейный каштановый ореховый коньячный бронзовый табачный chocolate coffee walnut tan chestnut cognac bronze caramel camel mocha",
    "бежевый beige | песочный кремовый льняной телесный айвори слоновый молочный верблюжий sand cream ivory nude oatmeal ecru camel",
    "белый white | молочный кремовый айвори снежный cream ivory snow pearl",
    "черный black | антрацитовый угольный anthracite charcoal ebony jet",
    "серый gray grey | графитовый стальной пепельный дымчатый антрацитовый асфальтовый graphite steel slate ash charcoal silver fog",
    "серебристый серебряный silver | стальной хромовый металлик steel chrome",
    "золотой золотистый gold golden | латунный brass",
    "прозрачный transparent clear |",
    "разноцветный цветной multicolor multicolored multicolour colorful | радужный rainbow",
];

/// Each line: one material (or who a thing is for) with its forms in both languages.
const SAME: &[&str] = &[
    "кожа кожаный leather",
    "замша замшевый suede",
    "хлопок хлопковый хлопчатобумажный cotton",
    "лен льняной linen flax",
    "шерсть шерстяной wool woolen woollen",
    "шелк шелковый silk",
    "дерево деревянный древесина wood wooden",
    "дуб дубовый oak",
    "сосна сосновый pine",
    "береза березовый birch",
    "бук буковый beech",
    "бамбук бамбуковый bamboo",
    "сталь стальной steel",
    "нержавейка нержавеющая stainless",
    "чугун чугунный iron",
    "алюминий алюминиевый aluminum aluminium",
    "медь медный copper",
    "латунь латунный brass",
    "серебро серебряный silver",
    "золото золотой gold",
    "металл металлический metal",
    "стекло стеклянный glass",
    "хрусталь хрустальный crystal",
    "керамика керамический ceramic ceramics",
    "фарфор фарфоровый porcelain",
    "глина глиняный clay",
    "пластик пластиковый пластмассовый plastic",
    "резина резиновый rubber",
    "силикон силиконовый silicone",
    "нейлон нейлоновый nylon",
    "полиэстер polyester",
    "мембрана мембранный membrane",
    "флис флисовый fleece",
    "бархат бархатный velvet",
    "джинса джинсовый denim",
    "фетр фетровый felt",
    "пух пуховый down",
    "мех меховой fur",
    "бумага бумажный paper",
    "картон картонный cardboard",
    "камень каменный stone",
    "мрамор мраморный marble",
    "экокожа экокожаный кожзам vegan",
    "женский женщина девушка жена women womens woman female ladies",
    "мужской мужчина парень муж men mens man male",
    "детский ребенок ребенка дети детей малыш малыша kids kid children child childrens baby",
    "девочка девочек girl girls",
    "мальчик мальчиков boy boys",
    "зима зимний winter",
    "лето летний summer",
    "беспроводной wireless",
];

/// Sizes that are one: the first is what facets keep.
const SIZES: &[&str] = &[
    "xxs 2xs",
    "xs икс-эс",
    "s эска эсочка",
    "m м эмка эмочка",
    "l элька",
    "xl хл иксэль",
    "xxl ххл 2xl 2хл",
    "xxxl хххл 3xl 3хл",
    "xxxxl 4xl 4хл",
    "xxxxxl 5xl",
];

const NEGATIVE_VALUES: &[&str] = &[
    "нет",
    "no",
    "none",
    "false",
    "отсутствует",
    "отсутствуют",
    "не",
    "without",
    "без",
];
const POSITIVE_VALUES: &[&str] = &["да", "yes", "true", "есть", "имеется", "поддерживается"];

struct Color {
    family: usize,
    is_base: bool,
}

static COLOR_TERMS: LazyLock<HashMap<String, Vec<Color>>> = LazyLock::new(|| {
    let mut terms: HashMap<String, Vec<Color>> = HashMap::new();
    for (family, line) in COLORS.iter().enumerate() {
        let (bases, shades) = line.split_once('|').unwrap_or((line, ""));
        for (words, is_base) in [(bases, true), (shades, false)] {
            for word in words.split_whitespace() {
                terms.entry(term_of(word)).or_default().push(Color { family, is_base });
            }
        }
    }
    terms
});

static FAMILIES: LazyLock<Vec<Vec<(String, bool)>>> = LazyLock::new(|| {
    let families = COLORS.iter().map(|line| {
        let (bases, shades) = line.split_once('|').unwrap_or((line, ""));
        let named = |words: &str, is_base| -> Vec<(String, bool)> {
            words.split_whitespace().map(|word| (term_of(word), is_base)).collect()
        };
        [named(bases, true), named(shades, false)].concat()
    });
    families.collect()
});

static SAME_TERMS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut terms: HashMap<String, Vec<usize>> = HashMap::new();
    for (line, words) in SAME.iter().enumerate() {
        for word in words.split(' ') {
            terms.entry(term_of(word)).or_default().push(line);
        }
    }
    terms
});

static SIZE_FORMS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let forms = SIZES.iter().flat_map(|line| {
        let first = line.split(' ').next().unwrap_or_default();
        line.split(' ').map(move |form| (form, first))
    });
    forms.collect()
});

pub fn is_color_term(term: &str) -> bool {
    COLOR_TERMS.contains_key(term)
}

pub fn is_color(token: &Token) -> bool {
    matches!(token, Token::Word { stem, .. } if is_color_term(stem))
}

/// Terms that may stand for the asked one, with how well they do, from 0 to 1; itself is first, with 1. A shade stands for the
/// color that was asked for better than the color for a shade.
pub fn equals_of(term: &str) -> Vec<(String, f64)> {
    let mut found: Vec<(String, f64)> = vec![(term.to_owned(), 1.0)];
    let mut add = |term: &str, grade: f64| match found.iter_mut().find(|(known, _)| known == term) {
        Some((_, known)) => *known = known.max(grade),
        None => found.push((term.to_owned(), grade)),
    };
    for color in COLOR_TERMS.get(term).into_iter().flatten() {
        for (other, is_base) in FAMILIES.get(color.family).into_iter().flatten() {
            let grade = match (color.is_base, *is_base) {
                (true, true) => SAME_BASE,
                (true, false) => BASE_TO_SHADE,
                (false, true) => SHADE_TO_BASE,
                (false, false) => SHADE_TO_SHADE,
            };
            add(other, grade);
        }
    }
    for line in SAME_TERMS.get(term).into_iter().flatten() {
        for word in SAME.get(*line).into_iter().flat_map(|words| words.split(' ')) {
            add(&term_of(word), 1.0);
        }
    }
    found
}

/// The one way in which facets keep a size; `None` when the word is no size in letters.
pub fn size_of(word: &str) -> Option<&'static str> {
    SIZE_FORMS.get(word).copied()
}

/// Whether an attribute's value says no (`false`), yes (`true`) or something else.
pub fn yes_or_no(value: &str) -> Option<bool> {
    let word = value.trim().trim_end_matches('.');
    if NEGATIVE_VALUES.contains(&word) || matches!(word, "-" | "—" | "–") {
        return Some(false);
    }
    POSITIVE_VALUES.contains(&word).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::equals_of;
    use super::size_of;
    use crate::retrieval::attributes::token::term_of;

    fn grade(asked: &str, held: &str) -> f64 {
        let held = term_of(held);
        equals_of(&term_of(asked))
            .iter()
            .find(|(term, _)| *term == held)
            .map_or(0.0, |(_, grade)| *grade)
    }

    #[test]
    fn a_color_is_its_shades_and_its_name_in_the_other_language() {
        assert_eq!(grade("красная", "red"), 1.0);
        assert!(grade("красный", "бордовый") > grade("бордовый", "красный"));
        assert!(grade("navy", "синий") > 0.5);
        assert_eq!(grade("синий", "red"), 0.0);
    }

    #[test]
    fn a_material_is_its_adjective() {
        assert_eq!(grade("кожаный", "кожа"), 1.0);
        assert_eq!(grade("wooden", "дерево"), 1.0);
    }

    #[test]
    fn sizes_have_several_names() {
        assert_eq!(size_of("2xl"), size_of("xxl"));
        assert_eq!(size_of("эмка"), Some("m"));
        assert_eq!(size_of("рюкзак"), None);
    }
}
