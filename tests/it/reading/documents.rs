//! What is taken of each form of document.

use crate::reading::files::docx;
use crate::reading::files::pdf;
use crate::reading::files::zip;
use crate::reading::read;
use crate::reading::refusal;
use crate::reading::text;
use palompy::domain::source::Format;
use palompy::knowledge::item::Content;

fn text_of(format: Format, name: &str, bytes: &[u8]) -> String {
    let (result, items, _) = read(format, name, bytes);
    assert_eq!(result, Ok(()));
    text(&items)
}

/// A paragraph of a DOCX with these properties.
fn p(properties: &str, text: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| format!("<w:tc>{}</w:tc>", p("", cell)))
        .collect();
    format!("<w:tr>{cells}</w:tr>")
}

#[test]
fn headings_lists_and_notes_of_a_docx_are_kept() {
    let entry = |level: u8| format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"7\"/></w:numPr>");
    let body = [
        p("<w:pStyle w:val=\"11\"/>", "Доставка 3"),
        p("<w:pStyle w:val=\"1\"/>", "Доставка"),
        p("<w:pStyle w:val=\"21\"/>", "По городу"),
        p(&entry(0), "Курьер"),
        p(&entry(1), "утром"),
        p(&entry(1), "вечером"),
        p(&entry(0), "Самовывоз"),
        "<w:p><w:del><w:r><w:delText>Бесплатно. </w:delText></w:r></w:del><w:ins><w:r><w:t>300</w:t></w:r></w:ins>\
         <w:r><w:t> ₽</w:t><w:tab/><w:footnoteReference w:id=\"3\"/></w:r></w:p>"
            .to_owned(),
    ];
    let expected = "# Доставка\n## Доставка › По городу\n1. Курьер\n1а) утром\n1б) вечером\n2. Самовывоз\n300 ₽\n* Кроме выходных.";
    assert_eq!(text_of(Format::Docx, "rules.docx", &docx(&body.concat())), expected);
}

#[test]
fn tables_of_a_docx_become_rows_or_questions() {
    let faq = format!(
        "<w:tbl>{}{}</w:tbl>",
        row(&["Вопрос", "Ответ"]),
        row(&["Есть чек?", "Да"])
    );
    let prices = format!(
        "<w:tbl>{}{}<w:tr><w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>{}</w:tc><w:tc>{}</w:tc></w:tr>\
         <w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc>{}</w:tc></w:tr></w:tbl>",
        row(&["Город", "Цена"]),
        row(&["Тверь", "300"]),
        p("", "Омск"),
        p("", "500"),
        p("", "600"),
    );
    let (result, items, _) = read(Format::Docx, "rules.docx", &docx(&(faq + &prices)));
    assert_eq!(result, Ok(()));
    assert_eq!(
        text(&items),
        "# rules\nГород: Тверь; Цена: 300\nГород: Омск; Цена: 500\nГород: Омск; Цена: 600"
    );
    let answers: Vec<_> = items
        .iter()
        .filter_map(|item| match &item.content {
            Content::Faq { question, answer } => Some((question.as_str(), answer.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(answers, [("Есть чек?", "Да")]);
}

#[test]
fn an_odt_is_read_with_its_lists_and_tables() {
    let content = "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" xmlns:style=\"s\"><style:auto>\
        <text:list-style style:name=\"L1\"><text:list-level-style-number text:level=\"1\" style:num-format=\"1\" style:num-suffix=\".\"/></text:list-style>\
        </style:auto><office:body><office:text><text:tracked-changes><text:p>старое</text:p></text:tracked-changes>\
        <text:h text:outline-level=\"1\">Возврат</text:h><text:p>В течение <text:span>14</text:span><text:s/>дней<text:note>\
        <text:note-citation>1</text:note-citation><text:note-body><text:p>Со дня покупки.</text:p></text:note-body></text:note>.</text:p>\
        <text:list text:style-name=\"L1\"><text:list-item><text:p>Чек</text:p></text:list-item><text:list-item><text:p>Паспорт</text:p></text:list-item></text:list>\
        <table:table><table:table-row><table:table-cell><text:p>Город</text:p></table:table-cell><table:table-cell><text:p>Срок</text:p></table:table-cell></table:table-row>\
        <table:table-row><table:table-cell><text:p>Тверь</text:p></table:table-cell><table:table-cell><text:p>2 дня</text:p></table:table-cell></table:table-row></table:table>\
        </office:text></office:body></office:document-content>";
    let meta = "<m xmlns:dc=\"d\"><dc:title>Правила магазина</dc:title></m>";
    let bytes = zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", content),
        ("meta.xml", meta),
    ]);
    let expected = "# Правила магазина\n## Возврат\nВ течение 14 дней.\n* Со дня покупки.\n1. Чек\n2. Паспорт\nГород: Тверь; Срок: 2 дня";
    assert_eq!(text_of(Format::Odt, "a.odt", &bytes), expected);
}

#[test]
fn an_rtf_is_read_in_its_code_page() {
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode("Оплата");
    let escaped: String = windows.iter().map(|byte| format!("\\'{byte:02x}")).collect();
    let rtf = format!(
        "{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0\\fcharset204 Arial;}}}}{{\\stylesheet{{\\s1\\outlinelevel0 heading 1;}}}}\
         {{\\*\\generator x;}}\\pard\\s1\\f0 {escaped}\\par\\pard \\u1050?\\u1072?\\u1088?\\u1090?\\u1072?: {{\\v secret}}Mir\\par\
         {{\\pict 0102}}\\trowd\\intbl A\\cell B\\cell\\row\\intbl 1\\cell 2\\cell\\row\\pard end\\par}}"
    );
    assert_eq!(
        text_of(Format::Rtf, "a.rtf", rtf.as_bytes()),
        "# Оплата\n## Оплата\nКарта: Mir\nA: 1; B: 2\nend"
    );
}

#[test]
fn a_page_is_read_without_what_all_pages_have() {
    let html = "<!doctype html><title>Доставка — Заря</title><script type=\"application/ld+json\">\
        {\"@graph\":[{\"@type\":\"Product\",\"sku\":\"ZR-1\",\"name\":\"Чайник\",\"offers\":{\"price\":1990.5,\"priceCurrency\":\"RUB\",\"availability\":\"https://schema.org/InStock\"}},\
        {\"@type\":\"FAQPage\",\"mainEntity\":[{\"@type\":\"Question\",\"name\":\"Есть чек?\",\"acceptedAnswer\":{\"text\":\"<p>Да</p>\"}}]}]}</script>\
        <header>Каталог</header><nav><ul><li>Главная</ul></nav><div class=\"cookie-bar\">Мы храним cookie</div>\
        <h1>Доставка</h1><p>По Твери &laquo;день в день&raquo;, <s>500</s> 300&nbsp;₽.<ol><li>Курьер<li>Самовывоз</ol>\
        <h2 id=\"srok\">Сроки</h2><table><tr><th>Город<th>Срок<tr><td>Омск<td>5 дней</table><script>var a = '<p>no</p>';</script><footer>© Заря</footer>";
    let (result, items, report) = read(Format::Html, "page.html", html.as_bytes());
    assert_eq!((result, report.problem_count), (Ok(()), 0));
    let expected = "# Доставка — Заря\n## Доставка\nПо Твери «день в день», 300 ₽.\n1. Курьер\n2. Самовывоз\n## Доставка › Сроки\nГород: Омск; Срок: 5 дней";
    assert_eq!(text(&items), expected);
    let Content::Product { row, .. } = &items[0].content else {
        panic!("{items:?}")
    };
    assert_eq!(
        (items[0].source_id.as_str(), row.price, row.in_stock),
        ("ZR-1", Some(1990.5), Some(true))
    );
    assert_eq!(
        items[1].content,
        Content::Faq {
            question: "Есть чек?".into(),
            answer: "Да".into()
        }
    );
    let Content::Document { sections, .. } = &items[2].content else {
        panic!("{items:?}")
    };
    assert_eq!(sections[1].place.anchor.as_deref(), Some("srok"));
}

#[test]
fn a_page_whose_menu_never_ends_is_read_all_the_same() {
    let html = "<nav><a>Главная</a><p>Работаем с 9 до 18.";
    assert!(text_of(Format::Html, "page.html", html.as_bytes()).contains("Работаем с 9 до 18."));
}

#[test]
fn markdown_keeps_its_headings_lists_and_tables() {
    let markdown = "---\ntitle: Правила\n---\n# Доставка\n\nПо *Твери*\nза день.\n\n- Курьер\n- [Почта](https://a.example)\n\n3. Третье\n\n\
        ## Цены\n\n| Город | Цена |\n|---|---|\n| Омск | ~~500~~ 300 |\n";
    let expected = "# Правила\n## Доставка\nПо Твери за день.\n- Курьер\n- Почта\n3. Третье\n## Доставка › Цены\nГород: Омск; Цена: 300";
    assert_eq!(text_of(Format::Markdown, "a.md", markdown.as_bytes()), expected);
}

#[test]
fn a_text_is_divided_by_its_blank_lines() {
    assert_eq!(
        text_of(Format::Text, "Правила.txt", "Один\r\nдва\r\n\r\n\r\nТри".as_bytes()),
        "# Правила\nОдин\nдва\nТри"
    );
}

#[test]
fn a_pdf_keeps_its_pages_and_joins_cut_words() {
    let head = |page: &str| format!("1 0 0 1 50 800 Tm (Shop rules, page {page}) Tj ");
    let first = head("1")
        + "/F 20 Tf 1 0 0 1 50 700 Tm (Delivery) Tj /F 12 Tf 1 0 0 1 50 670 Tm (Orders are deli-) Tj 0 -14 Td (vered in two) Tj 0 -14 Td (days.) Tj";
    let second = head("2") + "1 0 0 1 50 700 Tm [(Re) -50 (turns) -400 (are free.)] TJ";
    let third = head("3")
        + "1 0 0 1 50 700 Tm (City) Tj 1 0 0 1 250 700 Tm (Price) Tj 1 0 0 1 50 680 Tm (Omsk) Tj 1 0 0 1 250 680 Tm (300) Tj";
    let (result, items, report) = read(Format::Pdf, "rules.pdf", &pdf(&[&first, &second, &third], ""));
    assert_eq!((result, report.problem_count), (Ok(()), 0));
    let Content::Document { sections, .. } = &items[0].content else {
        panic!("{items:?}")
    };
    let pages: Vec<_> = sections
        .iter()
        .map(|section| (section.place.page.unwrap(), section.text()))
        .collect();
    let expected = [
        (1, "## Delivery\nOrders are delivered in two days."),
        (2, "## Delivery\nReturns are free."),
        (3, "## Delivery\nCity: Omsk; Price: 300"),
    ];
    assert_eq!(pages, expected.map(|(page, text)| (page, text.to_owned())));
}

#[test]
fn letters_of_an_old_program_are_mended_and_rubbish_is_refused() {
    let rules = "Возврат товара возможен в течение четырнадцати дней со дня покупки.";
    let drawn = |encoded: &[u8]| {
        let octal: String = encoded.iter().map(|byte| format!("\\{byte:03o}")).collect();
        pdf(&[&format!("1 0 0 1 50 700 Tm ({octal}) Tj")], "")
    };
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(rules);
    assert_eq!(text_of(Format::Pdf, "a.pdf", &drawn(&windows)), format!("# a\n{rules}"));
    let rubbish = b"wrtgh kjhgf plmnb vcxzs qwrtp sdfgh zxcvb mnbvc lkjhg dfghj bvcxz";
    assert_eq!(
        refusal(read(Format::Pdf, "a.pdf", &drawn(rubbish))),
        "problem_pdf_unreadable"
    );
}
