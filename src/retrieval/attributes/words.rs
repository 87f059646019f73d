//! Words of questions that stand for no property of a product: politeness, "any product", the shop's services.

use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::token::term_of;
use std::collections::HashSet;
use std::sync::LazyLock;

type Words = LazyLock<HashSet<String>>;

/// Verbs and nouns of asking; compared by stem.
static FILLERS: Words = LazyLock::new(|| {
    stems(
        "есть бывает бывают имеется имеются продаете продается продаются продажа нужен нужна нужно нужны ищу искать найти найдите \
         покажите показать посоветуйте посоветовать порекомендуйте подберите подобрать предложите хочу хотел хотела хотим купить \
         купим куплю взять возьму выбрать интересует интересуют стоит стоят стоимость цена цены ценой цене сколько почем модель модели вариант \
         варианты ассортимент работает работать подходит подходят подойдет подойдут какой какая какие каких сейчас сегодня еще спасибо \
         добрый день рублей деньги нравится лучше лучший хороший хорошая нормальный желательно только именно помогите дайте дай цвет цвета цветом цвете \
         have has had got sell sells sale need needs want wants looking look find show list recommend suggest buy get give cost costs price prices \
         priced pricing offer offers carry range option options work works working suitable fit fits go good best nice thanks hi please currently \
         right now today available made color colour colors colours own per each does doesn isn don aren won t s re which ones one other another",
    )
});

/// Words for any product at all.
static GENERIC: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "товар товара товары товаров товаром вещь вещи вещей вещичка продукт продукты продуктов продукция изделие изделия изделий штука штуки \
     штуку нибудь что-то магазин магазина магазине каталог каталоге позиция позиции подарок item items product products thing things \
     anything something goods stuff shop store catalog catalogue everything gift"
        .split_whitespace()
        .collect()
});

/// What a shop does, not what it sells; compared by stem.
static SERVICES: Words = LazyLock::new(|| {
    stems(
        "доставка доставить доставляете доставите привезти привезете отправка отправляете пересылка самовывоз курьер курьером возврат вернуть \
         верну вернете возвращать обмен обменять поменять гарантия гарантийный оплата оплатить оплачивать платить рассрочка кредит \
         промокод купон бонус бонусы баллы кэшбэк сертификат чек квитанция адрес телефон режим график заказ заказа заказе \
         отменить посылка трек предоплата ремонт починить отремонтировать брак сломался сломалась сломалось рекламация \
         стирать мыть чистить ухаживать хранить отличается отличаются сравнить сравнение \
         delivery deliver delivered delivers shipping ship ships shipped return returns returned returning refund refunds exchange \
         exchanges warranty guarantee pay payment payments paid installment installments coupon promo voucher voucher points loyalty order orders ordered \
         ordering cancel courier pickup parcel tracking track customs address hours phone repair repairs fix broken wash washing clean cleaning \
         compare difference differ",
    )
});

/// Properties that are asked of one thing: alone they name nothing new; compared by stem.
static PROPERTIES: Words = LazyLock::new(|| {
    stems(
        "цена стоит стоимость вес весит размер габариты цвет цвета материал состав объем емкость вместимость длина высота ширина \
         мощность яркость наличие описание характеристики отзывы срок бренд производитель price cost weight weigh weighs size sizes dimensions \
         color colour colors colours material materials capacity volume length height width power brightness brand much heavy",
    )
});

/// Words that open what a thing is for or made of.
const TAIL_OPENINGS: &[&str] = &[
    "для",
    "с",
    "со",
    "из",
    "от",
    "под",
    "на",
    "без",
    "по",
    "через",
    "при",
    "размер",
    "размера",
    "размером",
    "цвета",
    "for",
    "with",
    "from",
    "without",
    "made",
    "by",
    "that",
    "which",
    "size",
    "under",
    "который",
    "которая",
    "которые",
    "чтобы",
    "чтоб",
];

pub fn is_filler(text: &str, stem: &str) -> bool {
    FILLERS.contains(stem) || FILLERS.contains(text)
}

/// Whether the word only names a property: "вес?", "what size".
pub fn is_property_word(text: &str, stem: &str) -> bool {
    PROPERTIES.contains(stem) || PROPERTIES.contains(text)
}

pub fn is_generic(text: &str) -> bool {
    GENERIC.contains(text)
}

pub fn is_service(text: &str, stem: &str) -> bool {
    // "В заказ" is a service, "под заказ" and "закажу" may be wishes; the stem is the best guess that is right for both languages.
    SERVICES.contains(stem) || SERVICES.contains(text)
}

pub fn is_tail_opening(text: &str) -> bool {
    TAIL_OPENINGS.contains(&text)
}

/// Whether the word at `at` says that less than the old price is asked.
pub fn is_discount(tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Token::word);
    let Some(text) = word(at) else { return false };
    let previous = at.checked_sub(1).and_then(word);
    match text {
        "скидкой"
        | "скидками"
        | "уцененный"
        | "уцененные"
        | "уценка"
        | "распродажа"
        | "распродаже"
        | "распродажи"
        | "discounted"
        | "clearance"
        | "reduced"
        | "подешевевшие"
        | "уценке" => true,
        "скидки" | "скидка" | "скидку" => {
            matches!(previous, Some("на" | "есть" | "какие")) && has_content_before(tokens, at)
        }
        "акции" => previous == Some("по"),
        "sale" => matches!(previous, Some("on" | "in")),
        "discount" => matches!(previous, Some("with" | "a" | "at" | "on")),
        _ => false,
    }
}

/// "На рюкзаки есть скидка?" names goods; "есть скидки?" asks for rules.
fn has_content_before(tokens: &[Token], at: usize) -> bool {
    let before = tokens.iter().take(at);
    before
        .filter(
            |token| matches!(token, Token::Word { text, stem } if text.chars().count() > 3 && !is_filler(text, stem)),
        )
        .count()
        > 0
}

fn stems(words: &str) -> HashSet<String> {
    words.split_whitespace().map(term_of).collect()
}
