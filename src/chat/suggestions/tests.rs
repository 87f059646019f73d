use crate::chat::suggestions::NearQuestion;
use crate::chat::suggestions::Said;
use crate::chat::suggestions::follow_ups;
use crate::chat::suggestions::page_questions;
use crate::chat::suggestions::topics::Topics;
use crate::domain::id::DocumentId;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::store::titles::SourceTitle;

fn title(source_type: SourceType, title: &str) -> SourceTitle {
    SourceTitle {
        source_type,
        title: title.to_owned(),
    }
}

fn topics() -> Topics {
    Topics::new(&[
        title(SourceType::Faq, "Сколько дней идёт доставка по России?"),
        title(SourceType::Faq, "Сколько стоит доставка?"),
        title(SourceType::Faq, "Do you have a shop in Riga?"),
        title(SourceType::Policy, "Возврат и обмен"),
        title(SourceType::Policy, "Payment"),
    ])
}

fn page(product: &Document, language: Language, topics: &Topics) -> Vec<String> {
    let questions = page_questions(product, language, topics).into_iter();
    questions.map(|question| question.text).collect()
}

fn bag() -> Document {
    let attributes = [("Вес", "300 г"), ("Габариты", "30×20 см"), ("Цвет", "синий")];
    Document {
        id: DocumentId(1),
        key: SourceKey {
            source_type: SourceType::Product,
            source_id: "b".to_owned(),
        },
        title: "Сумка поясная".to_owned(),
        url: None,
        product: Some(ProductRow {
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..ProductRow::default()
        }),
    }
}

fn said<'a>(message: &'a str, answer: &'a str, cited: &'a [Document], near: &'a [NearQuestion]) -> Said<'a> {
    Said {
        language: Language::Ru,
        messages: vec![message],
        answer,
        cited,
        near,
    }
}

#[test]
fn a_page_offers_what_the_row_and_the_shop_have_in_the_language_asked() {
    assert_eq!(
        page(&bag(), Language::Ru, &topics()),
        [
            "Сумка поясная: какой размер?",
            "Сумка поясная: сколько весит?",
            "Сколько стоит доставка?",
            "Как вернуть или обменять товар?"
        ]
    );
    let english = page(&bag(), Language::En, &topics());
    assert_eq!(english.last().unwrap(), "How can I pay?");
    assert!(!english.iter().any(|question| question.contains("доставка")));
}

#[test]
fn what_was_asked_or_answered_is_not_offered() {
    let cited = [bag()];
    let offered = follow_ups(
        &said("Сколько весит поясная сумка?", "Она весит 300 г [1].", &cited, &[]),
        &topics(),
    );
    assert_eq!(
        offered,
        [
            "Сумка поясная: какой размер?",
            "Сколько стоит доставка?",
            "Как вернуть или обменять товар?"
        ]
    );
    let answered = said("Расскажите о сумке", "Размер 30×20 см, вес 300 г.", &cited, &[]);
    assert_eq!(follow_ups(&answered, &topics())[0], "Сколько стоит доставка?");
    let asked = said("сколько стоит доставка", "Триста.", &[], &[]);
    assert_eq!(follow_ups(&asked, &topics()), ["Как вернуть или обменять товар?"]);
}

#[test]
fn near_questions_of_the_shop_come_before_general_ones() {
    let near = |id: &str, text: &str| NearQuestion {
        key: SourceKey {
            source_type: SourceType::Faq,
            source_id: id.to_owned(),
        },
        text: text.to_owned(),
    };
    let near = [
        near("a", "Есть ли примерка?"),
        near("b", "Can I try it on?"),
        near("c", &"Длинный вопрос ".repeat(9)),
    ];
    let offered = follow_ups(&said("Можно примерить дома?", "Да.", &[], &near), &topics());
    assert_eq!(offered[..2], ["Есть ли примерка?", "Сколько стоит доставка?"]);
}

#[test]
fn a_long_name_is_cut_at_a_word() {
    let mut product = bag();
    product.title = "Сумка поясная с тремя отделениями и светоотражающей полосой, для бега и велосипеда".to_owned();
    assert_eq!(
        page(&product, Language::Ru, &Topics::default())[0],
        "Сумка поясная с тремя отделениями и светоотражающей полосой: какой размер?"
    );
}
