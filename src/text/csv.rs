//! Rows of CSV (RFC 4180) that a spreadsheet opens as text and never as a formula.

/// Tells Excel that the text is UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A row with its line end: every cell quoted. A cell that a spreadsheet would take for a formula gets an apostrophe in front
/// (CWE-1236): one that begins with `= + - @`, their full-width twins, a tab or a line end.
pub fn csv_row<S: AsRef<str>>(cells: impl IntoIterator<Item = S>, separator: char) -> String {
    let mut row = String::new();
    for (index, cell) in cells.into_iter().enumerate() {
        let cell = cell.as_ref();
        if index > 0 {
            row.push(separator);
        }
        row.push('"');
        if cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']) {
            row.push('\'');
        }
        row.push_str(&cell.replace('"', "\"\""));
        row.push('"');
    }
    row.push_str("\r\n");
    row
}

#[cfg(test)]
mod tests {
    use super::csv_row;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        let row = csv_row(
            [
                "1",
                "=1+1",
                "он сказал \"да\"",
                "a;b\nc",
                "+79161234567",
                "\t=1",
                "-1",
                "@x",
                "",
                "＝1",
            ],
            ';',
        );
        let expected = "\"1\";\"'=1+1\";\"он сказал \"\"да\"\"\";\"a;b\nc\";\"'+79161234567\";\"'\t=1\";\"'-1\";\"'@x\";\"\";\"'＝1\"\r\n";
        assert_eq!(row, expected);
    }
}
