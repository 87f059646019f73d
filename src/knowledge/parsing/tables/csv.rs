//! CSV in the dialects that are met: separated by semicolon, comma, tab or bar, in the encodings that `encoding` finds out.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::tables::columns::Columns;
use crate::knowledge::parsing::tables::rows::Rows;
use crate::knowledge::parsing::tables::rows::find_headers;
use crate::knowledge::parsing::tables::rows::headers_unknown;
use csv::ReaderBuilder;
use csv::StringRecord;
use csv::Terminator;
use std::io::Read;

const SEPARATORS: [u8; 4] = *b";,\t|";
/// Headers stand in one of the first rows, under the shop's name and address at most.
const HEAD_ROWS: usize = 20;
const HEAD_BYTES: u64 = 64 * 1024;

/// Pushes the rows in the order of the file.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut head = Vec::new();
    input
        .text()?
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(ParseError::failed)?;
    let separator = separator(&head);
    let rows: Vec<Vec<String>> = records(head.as_slice(), separator)
        .take(HEAD_ROWS)
        .flatten()
        .map(|record| cells(&record))
        .collect();
    if let Some(widest) = rows
        .iter()
        .map(Vec::len)
        .max()
        .filter(|widest| *widest > limits.max_columns)
    {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_table_columns");
        return Err(ParseError::Refused(
            problem.with("count", widest).with("limit", limits.max_columns),
        ));
    }
    let found = find_headers(rows.iter(), |row| Columns::read(row, input.mapping))?;
    let Some((header_at, columns)) = found else {
        return Err(headers_unknown(
            SourcePlace::line(1),
            rows.first().map_or(&[], Vec::as_slice),
        ));
    };
    let Some(kind) = columns.kind() else {
        return Err(headers_unknown(SourcePlace::line(1), &[]));
    };
    let mut table = Rows::new(columns, kind, input.language);
    for (at, record) in records(input.text()?, separator).enumerate().skip(header_at + 1) {
        let record = record.map_err(|error| ParseError::failed(format!("row {}: {error}", at + 1)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = SourcePlace {
            element: Some(format!("row {}", at + 1)),
            ..SourcePlace::line(line)
        };
        if record.len() > limits.max_columns {
            let problem = ImportProblem::new(place, "problem_table_columns");
            sink.report(
                problem.with("count", record.len()).with("limit", limits.max_columns),
                None,
            );
            continue;
        }
        table.push(&cells(&record), place, sink)?;
    }
    table.finish(sink)
}

fn records<R: Read>(text: R, separator: u8) -> impl Iterator<Item = csv::Result<StringRecord>> {
    ReaderBuilder::new()
        .delimiter(separator)
        // With its other rule, a reader counts the lines of Windows wrong; cells are trimmed anyway.
        .terminator(Terminator::Any(b'\n'))
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
        .into_records()
}

fn cells(record: &StringRecord) -> Vec<String> {
    record.iter().map(str::to_owned).collect()
}

/// The separator that divides most of the first rows into equally many cells; the earlier in the list when several do.
fn separator(head: &[u8]) -> u8 {
    let score = |separator: u8| {
        let widths: Vec<usize> = records(head, separator)
            .take(HEAD_ROWS)
            .flatten()
            .map(|record| record.len())
            .collect();
        let most = widths.iter().copied().max().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == most).count();
        if most > 1 { alike * most } else { 0 }
    };
    let mut best = (0, b',');
    for separator in SEPARATORS {
        let score = score(separator);
        if score > best.0 {
            best = (score, separator);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use crate::domain::source::Format;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use crate::knowledge::parsing::ParseError;
    use crate::knowledge::parsing::sink::SinkReport;
    use crate::knowledge::parsing::sink::parsed;

    fn read(text: &str) -> (Vec<String>, SinkReport) {
        let (result, items, report) = parsed(Format::Csv, "price.csv", text.as_bytes());
        result.unwrap();
        (items.iter().map(told).collect(), report)
    }

    fn told(item: &Item) -> String {
        match &item.content {
            Content::Product { name, row, .. } => {
                let attributes: Vec<_> = row
                    .attributes
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                let prices = (row.price.unwrap_or(-1.0), row.old_price.unwrap_or(-1.0));
                format!(
                    "{} {name} {} {} {:?} {}",
                    item.source_id,
                    prices.0,
                    prices.1,
                    row.in_stock,
                    attributes.join(",")
                )
            }
            Content::Faq { question, answer } => format!("{question} {answer}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_price_list_of_people_in_windows_1251_is_read() {
        let text = "Магазин «Заря»;;;;\r\nг. Тверь, ул. Мира, 1;;;;\r\nАртикул;Наименование;Цена, руб.;Остаток;Вес, кг\r\n\
                    ZR-1;\"Чайник; 2 л\";1 990,50;3;1,2\r\n;;;;\r\nZR-2;Крышка;по запросу;нет;\r\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        let (result, items, report) = parsed(Format::Csv, "price.csv", &bytes);
        result.unwrap();
        let found: Vec<_> = items.iter().map(told).collect();
        assert_eq!(
            found,
            [
                "ZR-1 Чайник; 2 л 1990.5 -1 Some(true) Вес, кг=1,2",
                "ZR-2 Крышка -1 -1 Some(false) "
            ]
        );
        let problem = &report.problems[0];
        assert_eq!(
            (problem.place.line, problem.place.element.as_deref()),
            (Some(6), Some("row 6.price"))
        );
    }

    #[test]
    fn a_table_of_questions_is_read() {
        let (found, _) = read("Вопрос\tОтвет\nЕсть ли доставка?\tДа, по России\n");
        assert_eq!(found, ["Есть ли доставка? Да, по России"]);
    }

    #[test]
    fn variants_of_woocommerce_take_what_their_product_knows() {
        let (found, _) = read(
            "ID,Type,SKU,Name,Published,Description,In stock?,Sale price,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n\
             44,variable,tee,Tee,1,Soft,1,,,,Color,\"Blue, Red\"\n45,variation,tee-b,Tee - Blue,1,,1,15,20,id:44,Color,Blue\n\
             46,variation,tee-r,Tee - Red,1,,0,,20,id:44,Color,Red\n47,simple,cap,Cap,1,,1,,9,,,\n48,simple,no,Draft,0,,1,,9,,,\n49,variable,x,Alone,1,,1,,,,,\n",
        );
        assert_eq!(
            found,
            [
                "45 Tee - Blue 15 20 Some(true) Color=Blue,Артикул=tee-b",
                "46 Tee - Red 20 -1 Some(false) Color=Red,Артикул=tee-r",
                "47 Cap 9 -1 Some(true) Артикул=cap",
                "49 Alone -1 -1 Some(true) Артикул=x",
            ]
        );
    }

    #[test]
    fn variants_of_shopify_are_rows_of_one_handle() {
        let (found, _) = read(
            "Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Image Src\n\
             ring,Ring,<p>Gold</p>,Acme,TRUE,Size,6,R-6,100,120,https://s.example/1.jpg\nring,,,,,,7,R-7,110,,\nring,,,,,,,,,,https://s.example/2.jpg\n\
             box,Box,,Acme,TRUE,Title,Default Title,,5,,\n",
        );
        assert_eq!(
            found,
            [
                "R-6 Ring (6) 100 120 None Size=6",
                "R-7 Ring (7) 110 120 None Size=7",
                "box Box 5 -1 None ",
            ]
        );
    }

    #[test]
    fn a_table_without_known_headers_is_refused_with_what_it_has() {
        let (result, _, _) = parsed(Format::Csv, "x.csv", "имя,возраст\nИван,31\n".as_bytes());
        let Err(ParseError::Refused(problem)) = result else {
            panic!("it was read")
        };
        assert_eq!(problem.key, "problem_table_headers");
        assert_eq!(problem.values[0].1, r#"["имя","возраст"]"#);
        let wide = "a,".repeat(10_000);
        let (result, _, _) = parsed(Format::Csv, "x.csv", wide.as_bytes());
        let Err(ParseError::Refused(problem)) = result else {
            panic!("it was read")
        };
        assert_eq!(problem.key, "problem_table_columns");
    }
}
