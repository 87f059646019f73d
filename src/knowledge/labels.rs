//! The words that stand before the parts of an indexed text.

use crate::domain::language::Language;

/// The labels of one language.
pub struct Labels {
    pub name: &'static str,
    pub description: &'static str,
    pub price: &'static str,
    pub old_price: &'static str,
    pub stock: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub category: &'static str,
    pub brand: &'static str,
    pub article: &'static str,
    pub attributes: &'static str,
    pub question: &'static str,
    pub answer: &'static str,
    pub title: &'static str,
    pub text: &'static str,
}

impl Labels {
    /// These words are part of the index and of prompts, not of the interface; that is why they are not in the catalogs.
    pub const fn of(language: Language) -> Labels {
        match language {
            Language::Ru => Labels {
                name: "Название",
                description: "Описание",
                price: "Цена",
                old_price: "Старая цена",
                stock: "Наличие",
                yes: "в наличии",
                no: "нет в наличии",
                category: "Категория",
                brand: "Бренд",
                article: "Артикул",
                attributes: "Характеристики",
                question: "Вопрос",
                answer: "Ответ",
                title: "Название",
                text: "Текст",
            },
            Language::En => Labels {
                name: "Name",
                description: "Description",
                price: "Price",
                old_price: "Old price",
                stock: "Availability",
                yes: "in stock",
                no: "out of stock",
                category: "Category",
                brand: "Brand",
                article: "SKU",
                attributes: "Specifications",
                question: "Question",
                answer: "Answer",
                title: "Title",
                text: "Text",
            },
        }
    }
}
