//! A table in a document: what its first row is, and whether it asks and answers.

use crate::domain::source::Mapping;
use crate::knowledge::parsing::documents::draft::one_line;
use crate::knowledge::parsing::tables::columns::Columns;
use crate::knowledge::parsing::tables::columns::TableKind;
use crate::knowledge::parsing::tables::headers::Field;

/// What is longer heads no column.
const MAX_HEADER_CHARS: usize = 80;
/// Cells of one row; a wider table is a drawing.
const MAX_CELLS: usize = 200;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Cells in order; a cell that spans several columns stands in the first of them.
    rows: Vec<Vec<String>>,
    /// Rows at its beginning that the document itself marks as headers.
    marked_headers: usize,
}

/// What a table is read as.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    Questions(Vec<(String, String)>),
    /// Cells with their headers.
    Rows(Vec<Vec<(String, String)>>),
    /// It only places texts beside or below each other.
    Texts(Vec<String>),
}

impl Table {
    /// Adds a row. Of headers, only those at the beginning count.
    pub fn push(&mut self, mut row: Vec<String>, is_header: bool) {
        row.truncate(MAX_CELLS);
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        if is_header && self.marked_headers == self.rows.len() {
            self.marked_headers += 1;
        }
        self.rows.push(row);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All of it as one text, for a table inside a cell.
    pub fn into_text(self) -> String {
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
            cells.collect::<Vec<_>>().join("; ")
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    pub fn read(&self) -> Reading {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        if width < 2 || self.rows.len() == 1 && self.marked_headers == 0 {
            return Reading::Texts(self.rows.iter().flatten().cloned().collect());
        }
        if let Some(pairs) = self.questions() {
            return Reading::Questions(pairs);
        }
        let headers_count = if self.marked_headers > 0 {
            self.marked_headers.min(self.rows.len())
        } else {
            usize::from(self.has_headers(width))
        };
        let (heads, rows) = self.rows.split_at(headers_count);
        let header = |at: usize| {
            let parts = heads.iter().filter_map(|row| row.get(at)).map(|cell| one_line(cell));
            let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
            parts.dedup();
            parts.join(" / ")
        };
        let headers: Vec<String> = (0..width).map(header).collect();
        if rows.is_empty() {
            return Reading::Texts(self.rows.iter().flatten().cloned().collect());
        }
        let headed = rows.iter().map(|row| {
            let cells = row.iter().enumerate();
            let headed = cells.map(|(at, cell)| (headers.get(at).cloned().unwrap_or_default(), cell.trim().to_owned()));
            headed.collect()
        });
        Reading::Rows(headed.collect())
    }

    /// By the headers, or by the question marks of two columns without headers.
    fn questions(&self) -> Option<Vec<(String, String)>> {
        let (first, rest) = self.rows.split_first()?;
        let columns = Columns::read(first, &Mapping::default()).ok().flatten();
        if let Some(columns) = columns.filter(|columns| columns.kind() == Some(TableKind::Faq)) {
            let pair = |row: &Vec<String>| {
                let question = columns.value(row, Field::Question)?;
                Some((question.to_owned(), columns.value(row, Field::Answer)?.to_owned()))
            };
            return Some(rest.iter().filter_map(pair).collect());
        }
        let pairs: Vec<(String, String)> = self
            .rows
            .iter()
            .filter_map(|row| match row.as_slice() {
                [question, answer] => Some((question.trim().to_owned(), answer.trim().to_owned())),
                _ => None,
            })
            .collect();
        let asks = |(question, answer): &(String, String)| question.ends_with('?') && !answer.is_empty();
        (pairs.len() == self.rows.len() && pairs.len() > 1 && pairs.iter().all(asks)).then_some(pairs)
    }

    /// A first row of short words over rows that have numbers or more text.
    fn has_headers(&self, width: usize) -> bool {
        let Some((first, rest)) = self.rows.split_first() else {
            return false;
        };
        let is_short = |cell: &String| {
            let cell = cell.trim();
            !cell.is_empty() && cell.chars().count() <= MAX_HEADER_CHARS && cell.chars().any(char::is_alphabetic)
        };
        let named = first.iter().filter(|cell| is_short(cell)).count();
        !rest.is_empty() && first.len() == width && named + 1 >= width
    }
}

#[cfg(test)]
mod tests {
    use super::Reading;
    use super::Table;

    fn read(rows: &[&[&str]]) -> Reading {
        let mut table = Table::default();
        for row in rows {
            table.push(row.iter().map(|cell| (*cell).to_owned()).collect(), false);
        }
        table.read()
    }

    fn pair(a: &str, b: &str) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }

    #[test]
    fn a_table_of_questions_is_known_by_its_headers_or_its_question_marks() {
        let expected = Reading::Questions(vec![pair("Сколько идёт?", "3 дня"), pair("Можно вернуть?", "Да")]);
        let rows: [&[&str]; 3] = [
            &["Вопрос", "Ответ"],
            &["Сколько идёт?", "3 дня"],
            &["Можно вернуть?", "Да"],
        ];
        assert_eq!(read(&rows), expected);
        assert_eq!(read(&rows[1..]), expected);
    }

    #[test]
    fn cells_stand_under_the_headers_of_their_columns() {
        let Reading::Rows(rows) = read(&[&["Город", "Срок", ""], &["Тверь", "2 дня", "склад"], &["Омск"]])
        else {
            panic!("no rows")
        };
        assert_eq!(
            rows[0],
            [pair("Город", "Тверь"), pair("Срок", "2 дня"), pair("", "склад")]
        );
        assert_eq!(rows[1], [pair("Город", "Омск")]);
    }

    #[test]
    fn a_table_that_only_frames_a_text_is_text() {
        assert_eq!(
            read(&[&["Внимание!"], &["Обед с 13 до 14"]]),
            Reading::Texts(vec!["Внимание!".into(), "Обед с 13 до 14".into()])
        );
    }
}
