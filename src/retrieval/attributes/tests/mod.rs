//! Questions against shops of other kinds than the demo's.

mod shop;

use crate::domain::id::DocumentId;
use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::attributes::evidence::Verdict;
use crate::retrieval::attributes::evidence::evidence;
use crate::retrieval::attributes::reading::read;
use crate::retrieval::attributes::scale::Subject;
use crate::retrieval::attributes::tests::shop::ENGLISH;
use crate::retrieval::attributes::tests::shop::Line;
use crate::retrieval::attributes::tests::shop::RUSSIAN;
use crate::retrieval::attributes::tests::shop::shop;

fn asked(lines: &[Line], question: &str) -> Option<AttributeEvidence> {
    evidence(&read(question), &shop(lines), None)
}

/// The names that satisfy a question: in the asked order if there is one, else in that of the shop.
fn satisfying(lines: &[Line], evidence: Option<AttributeEvidence>) -> Vec<&'static str> {
    let Some(evidence) = evidence else { return Vec::new() };
    let mut found: Vec<(usize, &str)> = (1i64..)
        .zip(lines)
        .filter_map(|(id, line)| match evidence.of(DocumentId(id)) {
            Some(Verdict::Satisfies { place, .. }) => Some((place.unwrap_or_default(), line.0)),
            _ => None,
        })
        .collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, name)| name).collect()
}

fn check(lines: &'static [Line], cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (question, expected) in cases {
        let found = satisfying(lines, asked(lines, question));
        let is_found = |name: &&str| found.iter().any(|found| found.starts_with(name));
        if found.len() != expected.len() || !expected.iter().all(is_found) {
            wrong.push(format!("{question}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn first(lines: &'static [Line], cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (question, expected) in cases {
        let found = satisfying(lines, asked(lines, question));
        if !found.first().is_some_and(|name| name.starts_with(expected)) {
            wrong.push(format!("{question}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn russian_questions_are_answered_by_rows() {
    check(
        RUSSIAN,
        &[
            ("кроссовки до 5000", &["Кроссовки «Шаг»"]),
            (
                "обувь от 4000 до 8000 рублей",
                &["Кроссовки беговые", "Кроссовки «Шаг»"],
            ),
            ("синие кроссовки", &["Кроссовки «Шаг»"]),
            ("обувь 42 размера", &["Кроссовки беговые", "Ботинки"]),
            ("кожаные ботинки", &["Ботинки"]),
            ("кроссовки адидас", &["Кроссовки беговые"]),
            ("смартфон с NFC", &["Смартфон Astra 12"]),
            ("смартфон от 100 гб", &["Смартфон Astra 12"]),
            ("смартфоны со скидкой", &["Смартфон Astra Mini"]),
            ("смартфон дешевле 20 тыс", &["Смартфон Astra Mini"]),
            ("крем без отдушки", &["Крем для рук"]),
            ("красный диван", &["Диван «Уют»"]),
            ("диван с ящиком для белья", &["Диван «Уют»"]),
            ("диван без ящика для белья", &["Диван «Гость»"]),
            ("диван не шире 2 метров", &["Диван «Гость»"]),
            ("диван на 3 места", &["Диван «Уют»"]),
            ("какой обуви нет в наличии?", &["Ботинки"]),
            ("сандалии на ребёнка 3 лет", &["Сандалии"]),
            ("стол из дуба до 20000", &["Стол"]),
            ("кроссовки легче 300 г", &["Кроссовки беговые"]),
        ],
    );
}

#[test]
fn english_questions_are_answered_by_rows() {
    check(
        ENGLISH,
        &[
            ("shoes under $60", &["Canvas"]),
            ("blue shoes", &["Trail"]),
            ("waterproof shoes", &["Trail"]),
            ("shoes that are not waterproof", &["Canvas"]),
            ("power bank with at least 15000 mAh", &["Power bank 20000"]),
            ("sugar free cookies", &["Oat"]),
            ("cookies without sugar", &["Oat"]),
            ("shelf between 50 and 100 dollars", &["Wall"]),
            ("oak shelf under 200", &["Oak"]),
            ("which power banks are out of stock?", &["Power bank 20000"]),
            ("shoes on sale", &["Trail"]),
            ("shoes in size 10", &["Trail"]),
            ("shoes lighter than 10 oz", &["Trail"]),
            ("anything under $5", &["Oat", "Butter"]),
        ],
    );
}

#[test]
fn superlatives_order_the_kind() {
    first(
        RUSSIAN,
        &[
            ("самые дешёвые кроссовки", "Кроссовки «Шаг»"),
            ("самая лёгкая обувь", "Сандалии"),
            ("самый дорогой диван", "Диван «Уют»"),
            ("смартфон с самым ёмким аккумулятором", "Смартфон Astra 12"),
            ("самый дешёвый смартфон", "Смартфон Astra Mini"),
            ("самый широкий диван", "Диван «Уют»"),
            ("смартфон с максимальной памятью", "Смартфон Astra 12"),
        ],
    );
    first(
        ENGLISH,
        &[
            ("cheapest shoes", "Canvas"),
            ("the lightest power bank", "Power bank 10000"),
            ("least expensive cookies", "Butter"),
            ("the most expensive thing you have", "Oak shelves"),
        ],
    );
}

#[test]
fn what_is_no_question_about_goods_is_left_alone() {
    for question in [
        "бесплатная доставка от 3000",
        "как вернуть красные кроссовки",
        "доставите диван до 20 этажа?",
        "можно оплатить смартфон в рассрочку на 6 месяцев",
        "чем отличается замша от кожи",
        "как чистить белую обувь",
        "сколько идёт посылка до 14 дней?",
        "гарантия на смартфон 12 месяцев",
        "кто вы такие",
    ] {
        assert_eq!(
            satisfying(RUSSIAN, asked(RUSSIAN, question)),
            Vec::<&str>::new(),
            "{question}"
        );
    }
    for question in [
        "free shipping over $50",
        "how do I return red sneakers",
        "do you deliver within 3 days",
        "is there a warranty on power banks over $40",
        "why are oak shelves more expensive than pine",
        "can I get a refund for shoes under 30 days",
    ] {
        assert_eq!(
            satisfying(ENGLISH, asked(ENGLISH, question)),
            Vec::<&str>::new(),
            "{question}"
        );
    }
}

#[test]
fn a_product_called_by_its_name_is_never_pushed_down() {
    // Its row says no, and that is the answer.
    let evidence = asked(RUSSIAN, "есть NFC в Astra Mini?");
    let mini = evidence.and_then(|evidence| evidence.of(DocumentId(6)));
    assert!(!matches!(mini, Some(Verdict::Violates { .. })), "{mini:?}");
    let evidence = asked(RUSSIAN, "ботинки Пурга есть в наличии?");
    let boots = evidence.and_then(|evidence| evidence.of(DocumentId(3)));
    assert!(!matches!(boots, Some(Verdict::Violates { .. })), "{boots:?}");
}

#[test]
fn bounds_that_nothing_satisfies_are_told() {
    let evidence = asked(RUSSIAN, "диван до 1000 рублей").unwrap();
    assert!(evidence.is_unmet());
    assert!(!evidence.candidates().is_empty(), "the nearest are still found");
    assert!(!asked(RUSSIAN, "диван до 30000 рублей").unwrap().is_unmet());
}

#[test]
fn a_follow_up_compares_with_its_subject() {
    let facets = shop(RUSSIAN);
    let beside = |question: &str, row: u32, wants_others: bool| {
        satisfying(
            RUSSIAN,
            evidence(&read(question), &facets, Some(Subject { row, wants_others })),
        )
    };
    assert_eq!(
        beside("а подешевле?", 0, false).first(),
        Some(&"Кроссовки «Шаг» для зала")
    );
    assert_eq!(beside("а в сером?", 9, false), ["Диван «Гость»"]);
    assert_eq!(beside("есть пошире?", 10, false), ["Диван «Уют»"]);
    assert!(!beside("а что ещё есть?", 10, true).contains(&"Диван «Гость»"));
}

#[test]
fn satisfied_products_come_first_and_violating_ones_last() {
    let evidence = asked(RUSSIAN, "смартфон дешевле 20000").unwrap();
    let (fits, violates) = (
        evidence.adjusted(DocumentId(6), 0.1),
        evidence.adjusted(DocumentId(5), 0.9),
    );
    assert!(fits > violates && violates < 0.9);
    assert_eq!(
        evidence.adjusted(DocumentId(99), 0.7),
        0.7,
        "what is no product keeps its score"
    );
}
