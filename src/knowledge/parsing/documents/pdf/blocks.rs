//! Lines become headings, paragraphs and rows of tables. What repeats at the edges of pages is left out.

use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::pdf::lines::Line;
use crate::knowledge::parsing::documents::pdf::lines::Page;
use crate::knowledge::parsing::documents::table::Table;
use std::collections::BTreeMap;

/// Lines at the top and at the bottom of a page that may be its running head or foot.
const EDGE_LINES: usize = 2;
/// They repeat on that many pages at least, and on half of all.
const MIN_REPEATED: usize = 3;
/// A heading is that much larger than the text.
const HEADING_SIZE: f64 = 1.15;
const MAX_HEADING_CHARS: usize = 200;
/// Larger sizes are counted from the largest; the smaller ones of many are one level.
const MAX_LEVELS: usize = 4;
/// When so much of the text is large, its size says nothing.
const MAX_HEADING_SHARE: f64 = 0.3;
/// Lines of one paragraph stand nearer to each other, in heights of a letter.
const MAX_LEADING: f64 = 2.1;
/// A gap above the usual one that divides paragraphs.
const PARAGRAPH_LEADING: f64 = 1.35;
/// A line that ends so much earlier than its column ends a paragraph.
const SHORT_LINE: f64 = 0.12;
const BULLETS: [char; 12] = [
    '•', '▪', '●', '○', '■', '□', '◦', '‣', '·', '\u{f0b7}', '\u{f0a7}', '\u{2043}',
];

pub fn read_blocks(pages: &[Page], draft: &mut Draft) {
    let running = running_lines(pages);
    let sizes = Sizes::of(pages);
    let mut reader = Reader {
        draft,
        sizes,
        open: None,
        rows: Vec::new(),
        next_page: None,
    };
    for page in pages {
        reader.next_page = Some(page.number);
        let columns = Columns::of(&page.lines);
        let edges = edges(&page.lines);
        for (at, line) in page.lines.iter().enumerate() {
            if edges.contains(&at) && running.contains(&signature(line)) {
                continue;
            }
            reader.read(line, &columns);
        }
        reader.end_rows(&columns);
    }
    reader.end_open();
}

struct Reader<'a> {
    draft: &'a mut Draft,
    sizes: Sizes,
    /// The paragraph or heading that may go on, with its last line.
    open: Option<Open>,
    rows: Vec<Line>,
    /// The page that begins with the next block.
    next_page: Option<u32>,
}

struct Open {
    text: String,
    last: Line,
    level: Option<u8>,
    /// Whether its last line reached the end of its column.
    is_full: bool,
}

impl Reader<'_> {
    fn read(&mut self, line: &Line, columns: &Columns) {
        if line.cells.len() > 1 {
            if self.rows.last().is_some_and(|row| row.cells.len() != line.cells.len()) {
                self.end_rows(columns);
            }
            self.rows.push(line.clone());
            return;
        }
        self.end_rows(columns);
        self.read_text(line, columns);
    }

    fn read_text(&mut self, line: &Line, columns: &Columns) {
        let level = self.sizes.level(line);
        let is_full = columns.is_full(line);
        let (text, is_entry) = without_bullet(&line.text());
        if let Some(open) = &mut self.open
            && !is_entry
            && (open.level == level && goes_on(open, line, columns.leading) || open.text.trim() == "-")
        {
            append(&mut open.text, &text);
            open.last = line.clone();
            open.is_full = is_full;
            return;
        }
        self.end_open();
        self.turn_page();
        self.open = Some(Open {
            text,
            last: line.clone(),
            level,
            is_full,
        });
    }

    fn end_open(&mut self) {
        if let Some(open) = self.open.take() {
            match open.level {
                Some(level) => self.draft.heading(level, &open.text),
                None => self.draft.paragraph(&open.text),
            }
        }
    }

    /// One line with wide gaps is no table: justified text has some.
    fn end_rows(&mut self, columns: &Columns) {
        let rows = std::mem::take(&mut self.rows);
        match rows.as_slice() {
            [] => {}
            [line] => self.read_text(line, columns),
            rows => {
                self.end_open();
                self.turn_page();
                let mut table = Table::default();
                rows.iter().for_each(|row| table.push(row.cells.clone(), false));
                self.draft.table(&table);
            }
        }
    }

    fn turn_page(&mut self) {
        if let Some(page) = self.next_page.take() {
            self.draft.page(page);
        }
    }
}

/// Whether the line belongs to the paragraph that is open.
fn goes_on(open: &Open, line: &Line, leading: f64) -> bool {
    let last = &open.last;
    let size = last.size.max(line.size);
    let ends = open.text.trim_end().ends_with(['.', '!', '?', ':', ';']);
    let begins_small = line.text().chars().next().is_some_and(char::is_lowercase);
    let down = last.y - line.y;
    if down < -0.5 * size || down > 20.0 * size {
        // The next column or page.
        return open.level.is_none() && !ends && begins_small;
    }
    if (last.size - line.size).abs() > 0.12 * size || down > MAX_LEADING * size {
        return false;
    }
    if begins_small && !ends {
        return true;
    }
    if down > PARAGRAPH_LEADING * leading * size {
        return false;
    }
    let is_indented = line.x > last.x + size && line.x < last.x + 6.0 * size;
    open.level.is_some() || open.is_full && !(ends && is_indented) && !is_numbered(&line.text())
}

/// `3.`, `2.1`, `а)`.
fn is_numbered(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_mark = word.ends_with(['.', ')']) || word.contains('.');
    let inner = word.trim_end_matches(['.', ')']);
    let is_number = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_mark && (is_number || word.ends_with(')') && inner.chars().count() == 1)
}

/// A word that the end of the line has cut is made whole.
fn append(text: &mut String, next: &str) {
    let is_cut = text.ends_with(['-', '\u{2010}', '\u{ad}']);
    let letter_before = text.chars().rev().nth(1).is_some_and(char::is_lowercase);
    let is_small = next.chars().next().is_some_and(char::is_lowercase);
    if is_cut && letter_before && is_small {
        text.pop();
    } else {
        text.push(' ');
    }
    text.push_str(next);
}

fn without_bullet(text: &str) -> (String, bool) {
    match text.strip_prefix(BULLETS) {
        Some(entry) => (format!("- {}", entry.trim_start()), true),
        None => (
            text.to_owned(),
            text.starts_with("- ") || text.starts_with("– ") || text.starts_with("— "),
        ),
    }
}

/// Which sizes of letters are headings.
struct Sizes {
    /// In half points, the largest first.
    headings: Vec<i64>,
}

impl Sizes {
    fn of(pages: &[Page]) -> Sizes {
        let mut chars: BTreeMap<i64, usize> = BTreeMap::new();
        for line in pages.iter().flat_map(|page| &page.lines) {
            *chars.entry(half_points(line.size)).or_default() += line.text().chars().count();
        }
        let all: usize = chars.values().sum();
        let body = chars
            .iter()
            .max_by_key(|(size, count)| (**count, **size))
            .map_or(0, |(size, _)| *size);
        let mut headings: Vec<i64> = chars
            .keys()
            .copied()
            .filter(|size| *size as f64 >= body as f64 * HEADING_SIZE)
            .collect();
        headings.reverse();
        let large: usize = headings.iter().filter_map(|size| chars.get(size)).sum();
        if large as f64 > all as f64 * MAX_HEADING_SHARE {
            headings.clear();
        }
        Sizes { headings }
    }

    fn level(&self, line: &Line) -> Option<u8> {
        let text = line.text();
        let has_letters = text.chars().filter(|c| c.is_alphabetic()).count() > 1;
        if !has_letters || text.chars().count() > MAX_HEADING_CHARS {
            return None;
        }
        let at = self.headings.iter().position(|size| *size == half_points(line.size))?;
        u8::try_from(at.min(MAX_LEVELS - 1) + 1).ok()
    }
}

fn half_points(size: f64) -> i64 {
    (size * 2.0).round() as i64
}

/// Where the columns of a page end, and how far apart its lines stand.
struct Columns {
    /// Where its lines begin and end.
    extents: Vec<(f64, f64)>,
    /// In heights of a letter.
    leading: f64,
}

/// In points; a line that begins this much to the right of another may be a part of the same column.
const INDENT: f64 = 36.0;

impl Columns {
    fn of(lines: &[Line]) -> Columns {
        let extents = lines.iter().map(|line| (line.x, line.end)).collect();
        let mut leadings: Vec<f64> = lines
            .windows(2)
            .filter_map(|two| match two {
                [above, below] => Some((above.y - below.y) / above.size.max(below.size)),
                _ => None,
            })
            .filter(|leading| (0.7..MAX_LEADING).contains(leading))
            .collect();
        leadings.sort_by(f64::total_cmp);
        let leading = leadings.get(leadings.len() / 2).copied().unwrap_or(1.2);
        Columns { extents, leading }
    }

    /// Whether it reaches the end of the lines that stand above or below some of it.
    fn is_full(&self, line: &Line) -> bool {
        let column = self
            .extents
            .iter()
            .filter(|(x, end)| *x <= line.x + INDENT && *end > line.x);
        let end = column.map(|(_, end)| *end).fold(line.end, f64::max);
        end - line.end < SHORT_LINE * (end - line.x).max(line.size)
    }
}

/// Numbers of the lines that stand highest and lowest.
fn edges(lines: &[Line]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let height = |at: &usize| lines.get(*at).map_or(0.0, |line| line.y);
    order.sort_by(|a, b| height(b).total_cmp(&height(a)).then(a.cmp(b)));
    let lowest = order.iter().rev().take(EDGE_LINES).copied();
    order.iter().take(EDGE_LINES).copied().chain(lowest).collect()
}

/// The text of a line with each number as `#`: page numbers differ, and nothing else does.
fn signature(line: &Line) -> String {
    let mut signature = String::new();
    for c in line.text().chars().filter(|c| !c.is_whitespace()) {
        match c {
            c if c.is_ascii_digit() && signature.ends_with('#') => {}
            c if c.is_ascii_digit() => signature.push('#'),
            c => signature.push(c),
        }
    }
    signature
}

fn running_lines(pages: &[Page]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages {
        let edges = edges(&page.lines);
        let lines = edges.iter().filter_map(|at| page.lines.get(*at));
        let mut found: Vec<String> = lines.map(signature).collect();
        found.sort_unstable();
        found.dedup();
        for signature in found {
            *counts.entry(signature).or_default() += 1;
        }
    }
    let least = MIN_REPEATED.max(pages.len().div_ceil(2));
    counts
        .into_iter()
        .filter(|(_, count)| *count >= least)
        .map(|(signature, _)| signature)
        .collect()
}
