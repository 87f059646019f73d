//! XLSX workbooks: every sheet is a table of its own. Sheets without known headers are passed over when another has them.

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
use calamine::Data;
use calamine::Range;
use calamine::Reader;
use calamine::Xlsx;
use zip::ZipArchive;

const HEAD_ROWS: usize = 20;
/// A workbook is held in memory: a sheet of a million short cells is about 60 MB of XML.
const MAX_EXPANDED_BYTES: u64 = 256 * 1024 * 1024;

/// Pushes the rows in the order of the sheets.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    check_archive(input, limits)?;
    let mut workbook: Xlsx<_> = Xlsx::new(input.open()?).map_err(damaged)?;
    let mut headers = None;
    let mut is_table = false;
    for sheet in workbook.sheet_names() {
        let range = workbook.worksheet_range(&sheet).map_err(damaged)?;
        let head: Vec<Vec<String>> = range.rows().take(HEAD_ROWS).map(cells).collect();
        if range.width() > limits.max_columns {
            let place = SourcePlace::element(sheet);
            let problem = ImportProblem::new(place, "problem_table_columns");
            sink.report(
                problem.with("count", range.width()).with("limit", limits.max_columns),
                None,
            );
            continue;
        }
        match find_headers(head.iter(), |row| Columns::read(row, input.mapping))? {
            Some((header_at, columns)) => {
                is_table = true;
                push_sheet(&range, &sheet, header_at, columns, input, sink)?;
            }
            None => headers = headers.or(head.into_iter().next().map(|row| (sheet, row))),
        }
    }
    if is_table {
        return Ok(());
    }
    let (sheet, row) = headers.unwrap_or_default();
    Err(headers_unknown(SourcePlace::element(sheet), &row))
}

fn push_sheet(
    range: &Range<Data>,
    sheet: &str,
    header_at: usize,
    columns: Columns,
    input: &Input<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), ParseError> {
    let Some(kind) = columns.kind() else { return Ok(()) };
    let first_row = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = Rows::new(columns, kind, input.language);
    for (at, row) in range.rows().enumerate().skip(header_at + 1) {
        let number = first_row + at + 1;
        let place = SourcePlace {
            element: Some(format!("{sheet}!{number}")),
            ..SourcePlace::line(number as u64)
        };
        rows.push(&cells(row), place, sink)?;
    }
    rows.finish(sink)
}

/// What the archive says of itself; a lie about sizes ends in the limits of the process that reads it.
fn check_archive(input: &Input<'_>, limits: &Limits) -> Result<(), ParseError> {
    let mut archive = ZipArchive::new(input.open()?).map_err(damaged)?;
    if archive.len() > limits.max_archive_entries {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_entries");
        return Err(ParseError::Refused(problem.with("limit", limits.max_archive_entries)));
    }
    let mut expanded = 0;
    for index in 0..archive.len() {
        expanded += archive.by_index_raw(index).map_err(damaged)?.size();
    }
    let limit = MAX_EXPANDED_BYTES.min(limits.max_expanded_bytes);
    if expanded > limit {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_expanded");
        return Err(ParseError::Refused(problem.with("limit", limit)));
    }
    Ok(())
}

fn damaged(error: impl std::fmt::Display) -> ParseError {
    let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_damaged");
    ParseError::Refused(problem.with("detail", error))
}

fn cells(row: &[Data]) -> Vec<String> {
    row.iter().map(cell).collect()
}

/// As people see it: whole numbers without a fraction, dates as 2026-11-25.
fn cell(value: &Data) -> String {
    match value {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => format!("{}", (number * 1e6).round() / 1e6),
        Data::Bool(value) => value.to_string(),
        Data::Error(_) | Data::Empty => String::new(),
        other => other.to_string(),
    }
}
