use super::contacts_of;
use super::parse_email;
use super::phone::parse_phone;
use super::replaced;
use super::without_contacts;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::lead::PreferredContact;
use std::fmt::Debug;

/// Names every message of which something else is told, and what.
fn assert_told<T: PartialEq + Debug>(field: impl Fn(CollectedData) -> Option<T>, cases: &[(&str, Option<T>)]) {
    let told = cases
        .iter()
        .map(|(message, expected)| (message, field(contacts_of(message)), expected));
    let wrong: Vec<_> = told.filter(|(_, told, expected)| told != *expected).collect();
    assert!(wrong.is_empty(), "message, told, expected: {wrong:#?}");
}

#[test]
fn phones_are_found_as_people_write_them() {
    let cases = [
        ("звоните 8 (916) 123-45-67", "+79161234567"),
        ("8-916-123-45-67", "+79161234567"),
        ("8 916 123 45 67 Анна", "+79161234567"),
        ("мой номер 89161234567", "+79161234567"),
        ("89161234567", "+79161234567"),
        ("+7 916 123-45-67", "+79161234567"),
        ("+7(916)1234567.", "+79161234567"),
        ("7 916 123 45 67", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("тел.9161234567", "+79161234567"),
        ("916 123-45-67, спасибо", "+79161234567"),
        ("(495) 123-45-67", "+74951234567"),
        ("8 495 123 45 67 доб. 12", "+74951234567"),
        ("8‑916‑123‑45‑67", "+79161234567"),
        ("8 916 123\u{a0}45\u{a0}67", "+79161234567"),
        ("8.916.123.45.67", "+79161234567"),
        ("8 800 555-35-35", "+78005553535"),
        ("8 707 123 45 67 Алматы", "+77071234567"),
        ("Минск, +375 29 123-45-67", "+375291234567"),
        ("8 029 123-45-67", "+375291234567"),
        ("мой телефон 375291234567", "+375291234567"),
        ("+380 67 123 45 67", "+380671234567"),
        ("998 90 123-45-67", "+998901234567"),
        ("+998901234567", "+998901234567"),
        ("+996 555 12-34-56", "+996555123456"),
        ("+374 91 123456", "+37491123456"),
        ("+995 555 12 34 56", "+995555123456"),
        ("+994 50 123 45 67", "+994501234567"),
        ("+44 20 7946 0958 please", "+442079460958"),
        ("Call me: +1 (415) 555-2671", "+14155552671"),
        ("+49 30 901820-12", "+493090182012"),
        ("+90 532 123 45 67", "+905321234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+972-50-123-4567", "+972501234567"),
        ("whatsapp +33612345678", "+33612345678"),
        ("заказ 12345, телефон 8 916 123-45-67", "+79161234567"),
        ("Есть палатка? мой телефон 8 916 123-45-67, a@b.ru", "+79161234567"),
        ("наберите (8-916) 123 45 67", "+79161234567"),
        ("первый 8 916 123-45-67, второй 8 916 765-43-21", "+79161234567"),
    ];
    assert_told(
        |told| told.phone,
        &cases.map(|(message, found)| (message, Some(found.to_owned()))),
    );
}

#[test]
fn other_numbers_are_no_phones() {
    let cases = [
        "карта 89161234567890123 и 10 000 рублей",
        "карта 4276 3800 1234 5678",
        "Есть 8001234567890?",
        "штрихкод 4607001234567",
        "штрих-код 89161234567",
        "EAN 4006381333931",
        "barcode 79161234567",
        "ИНН 7707083893",
        "ИНН 500100732259",
        "инн: 9102000126",
        "ОГРН 1027700132195",
        "СНИЛС 112-233-445 95",
        "паспорт 4509 123456",
        "р/с 40702810900000012345",
        "заказ 89161234567",
        "заказ № 89161234567",
        "Где мой заказ №79161234567?",
        "номер заказа: 89161234567",
        "order #89161234567",
        "order number is 79161234567",
        "трек 80083712345678",
        "трек-номер 80512345678",
        "накладная 89161234567",
        "артикул 8916123456",
        "sku 8916-1234-567",
        "серийный номер 89161234567",
        "цена 89 161 234 567",
        "бюджет 8 916 123 456 рублей",
        "стоит 89161234567 руб",
        "8.10.2024 12.10.2024",
        "с 8-10-2024 по 12-10-2024",
        "2024-10-08 2024-10-12",
        "рюкзак на 45 литров",
        "размеры 120x200x45 и 80x60x40 см",
        "8 штук по 1234567890 шт",
        "iPhone 15 128 256 512",
        "код А89161234567",
        "https://shop.example/p/89161234567",
        "IP 192.168.100.200",
        "1234567890",
        "9161234567",
        "+7 123",
        "+7 123 456 78 90",
        "8 046 123 45 67",
        "+7 000 000-00-00",
        "8 999 999 99 99",
        "8 999 999 99 99 9",
        "1 000 000 000 рублей",
        "+1 234",
        "+999 12",
        "89161234567@",
        "10 лет 20 лет 30 лет 40",
        "order 250 mugs",
        "ISBN 978-5-699-12014-7",
        "vat 123456789012",
        "model 8916-123-45-67-89-12",
        "8 916 123-45-67-89-01-23",
    ];
    assert_told(|told| told.phone, &cases.map(|message| (message, None)));
}

#[test]
fn a_field_for_a_phone_takes_what_people_type_and_nothing_else() {
    for written in [
        "8 (916) 123-45-67",
        "+79161234567",
        " 9161234567 ",
        "7 916 123 45 67",
        "007 916 123 45 67",
    ] {
        assert_eq!(parse_phone(written).as_deref(), Some("+79161234567"), "{written}");
    }
    for written in [
        "",
        "позвоните",
        "8 916",
        "+7 916 123 45 678",
        "8 916 123 45 67 доб 5",
        "++79161234567",
        "1234567890",
        "<b>89161234567</b>",
    ] {
        assert_eq!(parse_phone(written), None, "{written}");
    }
}

#[test]
fn addresses_are_found_and_lowered() {
    let cases = [
        ("пишите на Anna.P@Mail.ru.", Some("anna.p@mail.ru")),
        ("a@b.ru", Some("a@b.ru")),
        ("почта:ivan+shop@sub.domain.co.uk,", Some("ivan+shop@sub.domain.co.uk")),
        ("<ivan_petrov@yandex.ru>", Some("ivan_petrov@yandex.ru")),
        ("(user-1@x-y.com)", Some("user-1@x-y.com")),
        ("напишите @anna в телеграм", None),
        ("anna@mail", None),
        ("anna @mail.ru", None),
        ("a@@b.ru", None),
        ("анна@mail.ru", None),
        ("ааa@mail.ru", None),
        ("a..b@mail.ru", None),
        ("https://user:pass@host.example/x", None),
        ("2@3.5", None),
        ("цена 5@шт", None),
        ("name@-bad.ru", None),
    ];
    assert_told(
        |told| told.email,
        &cases.map(|(message, found)| (message, found.map(str::to_owned))),
    );
    assert_eq!(parse_email(" Anna@Mail.RU ").as_deref(), Some("anna@mail.ru"));
    for written in ["", "anna", "anna@mail", "a@b.ru, c@d.ru", "a b@c.ru", "a@b.ru\u{0}"] {
        assert_eq!(parse_email(written), None, "{written}");
    }
}

#[test]
fn order_numbers_are_found_as_people_name_them() {
    let cases = [
        ("где мой заказ № 45678?", "45678"),
        ("заказ 12345", "12345"),
        ("Заказ 12345 не пришёл", "12345"),
        ("заказ 12345 где?", "12345"),
        ("мой заказ А-123", "А-123"),
        ("заказ №А-123", "А-123"),
        ("Номер заказа — 7788", "7788"),
        ("номер заказа 7788", "7788"),
        ("номер моего заказа: ab-2024-17", "AB-2024-17"),
        ("по заказу #1001 вопрос", "1001"),
        ("заказ под номером 555", "555"),
        ("заказ с номером 10-2345", "10-2345"),
        ("хочу вернуть заказ номер 99812", "99812"),
        ("where is order #1001?", "1001"),
        ("order 10012 is late", "10012"),
        ("my order number is 7-55", "7-55"),
        ("Order no. 4411", "4411"),
        ("order id: W123456", "W123456"),
        ("I ordered it, #A-99", "A-99"),
        ("Заказывала у вас, № 12-77", "12-77"),
    ];
    assert_told(
        |told| told.order_number,
        &cases.map(|(message, found)| (message, Some(found.to_owned()))),
    );
}

#[test]
fn amounts_and_articles_are_no_order_numbers() {
    let cases = [
        "Хочу заказать 100 стаканов",
        "при заказе 5000 рублей",
        "заказ от 3000 ₽",
        "заказ 3000 ₽",
        "заказ 5000р",
        "order 250 mugs",
        "order 2500 mugs",
        "order over $50",
        "заказ на 12.10",
        "минимальный заказ 10000 руб",
        "заказ 1500,50",
        "сделал 2 заказа",
        "размер № 42",
        "дом № 15",
        "товар №1",
        "номер 45678",
        "заказать 12345",
        "предзаказ 2025",
        "order in 2024 boxes",
        "заказ сегодня, доставка 15",
        "можно заказ 1?",
    ];
    assert_told(|told| told.order_number, &cases.map(|message| (message, None)));
}

#[test]
fn only_an_introduced_name_is_a_name() {
    let cases = [
        ("меня зовут Анна", Some("Анна")),
        ("Здравствуйте, меня зовут анна, есть палатки?", Some("Анна")),
        ("Меня зовут Анна-Мария Петрова, звоните", Some("Анна-Мария Петрова")),
        ("Моё имя — Олег", Some("Олег")),
        ("My name is John Smith and I want a tent", Some("John Smith")),
        ("my name's Ann", Some("Ann")),
        ("my name is O’Brien.", Some("O’Brien")),
        ("Жду ответа. С уважением, Пётр Иванов", Some("Пётр Иванов")),
        ("Regards, Kate", Some("Kate")),
        ("Анна, здравствуйте", None),
        ("купил у Анны", None),
        ("как вас зовут?", None),
        ("как зовут вашего кота", None),
        ("меня зовут на обед", None),
        ("меня зовут как героя книги", None),
        ("What is the name of this lamp", None),
        ("my name is not on the list", None),
        ("my name is missing", None),
        ("с уважением отношусь к вам", None),
    ];
    assert_told(
        |told| told.name,
        &cases.map(|(message, found)| (message, found.map(str::to_owned))),
    );
}

#[test]
fn an_intent_is_told_when_it_is_plain() {
    let cases = [
        ("Хочу заказать рюкзак", Some(Intent::Order)),
        ("оформите заказ, пожалуйста", Some(Intent::Order)),
        ("I want to buy this tent", Some(Intent::Order)),
        ("I'll take two", Some(Intent::Order)),
        ("перезвоните мне завтра", Some(Intent::Callback)),
        ("call me after five", Some(Intent::Callback)),
        ("не звоните мне", None),
        ("please don't call me", None),
        ("хочу вернуть рюкзак", Some(Intent::Return)),
        ("I want to return a jacket", Some(Intent::Return)),
        ("как оформить возврат?", None),
        ("есть ли опт?", Some(Intent::Wholesale)),
        ("Do you sell wholesale?", Some(Intent::Wholesale)),
        ("хочу пожаловаться на курьера", Some(Intent::Complaint)),
        ("I want to complain", Some(Intent::Complaint)),
        ("позовите человека", Some(Intent::Handoff)),
        ("Соедините с оператором", Some(Intent::Handoff)),
        ("хочу поговорить с живым человеком", Some(Intent::Handoff)),
        ("оператор", Some(Intent::Handoff)),
        ("can I talk to a human?", Some(Intent::Handoff)),
        ("let me speak to someone from your staff", Some(Intent::Handoff)),
        ("у меня есть вопрос", Some(Intent::Question)),
        ("Сколько стоит доставка?", None),
        ("палатка на четыре человека", None),
        ("нужен спальник на человека ростом 190", None),
        ("термос для оператора", None),
        ("Is this operator chair in stock?", None),
        ("есть оптика?", None),
        ("human-sized tent", None),
    ];
    assert_told(|told| told.intent, &cases);
}

#[test]
fn a_way_of_contact_is_one_that_the_writer_wants() {
    let cases = [
        ("напишите в телеграм", Some(PreferredContact::Telegram)),
        ("мой тг @anna", Some(PreferredContact::Telegram)),
        ("лучше в вотсап", Some(PreferredContact::WhatsApp)),
        ("write to me on WhatsApp", Some(PreferredContact::WhatsApp)),
        ("позвоните мне", Some(PreferredContact::Phone)),
        ("please call me", Some(PreferredContact::Phone)),
        ("напишите ответ на почту", Some(PreferredContact::Email)),
        ("email me", Some(PreferredContact::Email)),
        ("пришлите смс", Some(PreferredContact::Sms)),
        ("у вас есть телеграм?", None),
        ("do you have a telegram channel?", None),
        ("не звоните", None),
        ("доставка почтой", None),
    ];
    assert_told(|told| told.preferred_contact, &cases);
}

#[test]
fn a_question_is_searched_without_contacts() {
    let question = without_contacts("Есть палатка? мой телефон 8 916 123-45-67, a@b.ru");
    assert!(
        !question.contains("916") && !question.contains('@') && question.contains("палатка"),
        "{question}"
    );
    // Other long numbers stay: a barcode is what the question is about.
    assert!(without_contacts("Есть 8001234567890?").contains("8001234567890"));
    assert_eq!(without_contacts("a@b.ru"), "a@b.ru");
    let masked = replaced("пишите: a@b.ru или 8 916 123-45-67!", "[телефон]", "[почта]");
    assert_eq!(masked, "пишите: [почта] или [телефон]!");
}
