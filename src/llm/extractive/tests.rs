use crate::domain::generation::Allowance;
use crate::domain::generation::Fragment;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::id::DocumentId;
use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::llm::extractive::answer;
use crate::llm::extractive::events;

fn fragment(n: usize, source_type: SourceType, title: &str, text: &str) -> Fragment {
    Fragment {
        n,
        document: Document {
            id: DocumentId(i64::try_from(n).unwrap()),
            key: SourceKey {
                source_type,
                source_id: n.to_string(),
            },
            title: title.to_owned(),
            url: None,
            product: None,
        },
        text: text.to_owned(),
        place: ChunkPlace::default(),
        variants: Vec::new(),
        is_price_old: false,
    }
}

fn product(n: usize, title: &str, price: f64, currency: &str, in_stock: bool, text: &str) -> Fragment {
    let mut fragment = fragment(n, SourceType::Product, title, text);
    fragment.document.product = Some(ProductRow {
        price: Some(price),
        currency: Some(currency.to_owned()),
        in_stock: Some(in_stock),
        ..ProductRow::default()
    });
    fragment
}

fn prompt(language: Language, question: &str, fragments: &[Fragment]) -> Prompt {
    Prompt {
        system: String::new(),
        context: String::new(),
        fragments: fragments.to_vec(),
        opening: None,
        history: Vec::new(),
        question: question.to_owned(),
        language,
        allowance: Allowance::default(),
    }
}

fn in_russian(question: &str, fragments: &[Fragment]) -> String {
    answer(&prompt(Language::Ru, question, fragments))
}

fn in_english(question: &str, fragments: &[Fragment]) -> String {
    answer(&prompt(Language::En, question, fragments))
}

fn trail(n: usize, liters: usize, price: f64) -> Fragment {
    let text = format!(
        "Название: Рюкзак «Тропа {liters}»\nОписание: Рюкзак для похода. Дождевой чехол входит в комплект. Есть свисток.\n\
         Цена: {price} RUB\nВес: 1150 г\nЦвет: синий"
    );
    product(n, &format!("Рюкзак «Тропа {liters}»"), price, "RUB", true, &text)
}

fn board(n: usize) -> Fragment {
    let text = "Name: Maple Board\nDescription: Thick maple. The juice groove catches drips. Feet keep it dry.\n\
                Price: 95 USD\nAttributes: Weight: 7 lb; Size: 16×12 in";
    product(n, "Maple Board", 95.0, "USD", false, text)
}

const RUSSIAN_DELIVERY: &str = "Название: Условия доставки\nТекст: ## Куда доставляем\nПо всей России и в Казахстан.\n\n\
    ## Курьер до двери\n- Казань: 390 ₽, 2 рабочих дня.\n- Москва: 450 ₽, 2 рабочих дня.\nКурьер звонит за 40 минут.\n\n\
    ## Почта\n1. Хранение 15 дней.";

#[test]
fn a_product_is_named_priced_and_described_by_what_was_asked() {
    assert_eq!(
        in_russian("Есть ли чехол от дождя у «Тропы 30»?", &[trail(1, 30, 6490.0)]),
        "**Рюкзак «Тропа 30»** — 6\u{a0}490\u{a0}₽, в наличии. Дождевой чехол входит в комплект. [1]"
    );
    assert_eq!(
        in_english("does the maple board have a juice groove?", &[board(1)]),
        "**Maple Board** — $95, out of stock. The juice groove catches drips. [1]"
    );
}

#[test]
fn an_attribute_answers_who_asks_for_it() {
    assert_eq!(
        in_russian("какой вес у тропы 30", &[trail(1, 30, 6490.0)]),
        "**Рюкзак «Тропа 30»** — 6\u{a0}490\u{a0}₽, в наличии. Вес: 1150 г. [1]"
    );
    assert_eq!(
        in_english("what size is the maple board", &[board(1)]),
        "**Maple Board** — $95, out of stock. Size: 16×12 in. [1]"
    );
}

#[test]
fn a_price_question_gets_the_price_and_one_sentence() {
    assert_eq!(
        in_english("how much is the maple board?", &[board(1)]),
        "**Maple Board** — $95, out of stock. Thick maple. [1]"
    );
}

#[test]
fn a_kind_of_product_brings_several_and_a_name_brings_one() {
    let both = [trail(1, 30, 6490.0), trail(2, 45, 8990.0)];
    let kind = in_russian("какие есть рюкзаки?", &both);
    assert!(
        kind.contains("«Тропа 30»") && kind.contains("«Тропа 45»") && kind.ends_with("[2]"),
        "{kind}"
    );
    let name = in_russian("рюкзак Тропа 30", &both);
    assert!(name.contains("«Тропа 30»") && !name.contains("«Тропа 45»"), "{name}");
}

#[test]
fn an_faq_answers_with_its_answer() {
    let russian = fragment(
        1,
        SourceType::Faq,
        "Сколько дней идёт доставка?",
        "Вопрос: Сколько дней идёт доставка?\nОтвет: Москва — 2 дня. Казань — 3.",
    );
    assert_eq!(
        in_russian("когда привезёте?", &[russian]),
        "Москва — 2 дня. Казань — 3. [1]"
    );
    let english = fragment(
        1,
        SourceType::Faq,
        "Do gift cards expire?",
        "Question: Do gift cards expire?\nAnswer: They never expire.\nNo cash back",
    );
    assert_eq!(
        in_english("gift card expiry", &[english]),
        "They never expire. No cash back. [1]"
    );
}

#[test]
fn a_policy_answers_with_the_sentence_under_the_right_heading() {
    let delivery = fragment(1, SourceType::Policy, "Условия доставки", RUSSIAN_DELIVERY);
    let answer = in_russian("Сколько возьмёт курьер в Москву?", &[delivery]);
    assert!(answer.contains("Москва: 450 ₽, 2 рабочих дня."), "{answer}");
    assert!(
        !answer.contains('#') && !answer.contains("Почта") && !answer.contains("Текст"),
        "{answer}"
    );
    let returns = fragment(
        1,
        SourceType::Policy,
        "Returns",
        "Title: Returns\nText: ## Period\nYou have 60 days from delivery. Be kind.\n## Label\n1. A label costs $7.50.",
    );
    assert_eq!(
        in_english("what does the label cost", &[returns]),
        "A label costs $7.50. [1]"
    );
}

#[test]
fn a_second_text_speaks_only_when_it_adds_to_the_answer() {
    let courier = fragment(
        2,
        SourceType::Faq,
        "Как оплатить?",
        "Вопрос: Как оплатить?\nОтвет: Картой курьеру. Или на сайте.",
    );
    let both = [trail(1, 30, 6490.0), courier];
    let asked = in_russian("вес тропы 30 и как оплатить курьеру картой", &both);
    assert!(asked.ends_with("Картой курьеру. [2]"), "{asked}");
    assert!(!in_russian("вес тропы 30", &both).contains("[2]"));
}

#[test]
fn nothing_in_common_still_quotes_the_best_fragment() {
    let delivery = fragment(1, SourceType::Policy, "Условия доставки", RUSSIAN_DELIVERY);
    assert_eq!(
        in_russian("абракадабра", &[delivery]),
        "По всей России и в Казахстан. Казань: 390 ₽, 2 рабочих дня. [1]"
    );
    let bare = fragment(1, SourceType::Product, "Зонт", "Название: Зонт");
    assert_eq!(in_russian("зонт", &[bare]), "**Зонт** [1]");
}

#[test]
fn the_shop_cannot_forge_a_citation() {
    let text = "Title: T\nText: Trust us [7] and [2].";
    let answer = in_english("trust", &[fragment(1, SourceType::Policy, "A *bold* [3]", text)]);
    assert_eq!(answer, "Trust us (7) and (2). [1]");
}

#[test]
fn a_text_without_sentences_is_cut_at_a_word() {
    let endless = format!("Text: {}", "слово ".repeat(300));
    let answer = in_russian("слово", &[fragment(1, SourceType::Policy, "T", &endless)]);
    assert!(
        answer.chars().count() < 420 && answer.ends_with("слово… [1]"),
        "{answer}"
    );
}

#[test]
fn the_answer_comes_in_parts_and_ends() {
    let prompt = prompt(Language::Ru, "чехол", &[trail(1, 30, 6490.0)]);
    let events = events(&prompt);
    let (done, deltas) = events.split_last().unwrap();
    assert_eq!(*done, GeneratorEvent::Done { usage: None });
    let texts: Vec<&str> = deltas
        .iter()
        .map(|event| match event {
            GeneratorEvent::Delta(text) => text.as_str(),
            GeneratorEvent::Done { .. } => panic!("done twice"),
        })
        .collect();
    assert!(texts.len() > 1 && texts.iter().all(|text| !text.is_empty()));
    assert_eq!(texts.concat(), answer(&prompt));
}

#[test]
fn no_fragments_no_words() {
    assert_eq!(
        super::events(&prompt(Language::En, "hi", &[])),
        [GeneratorEvent::Done { usage: None }]
    );
}
