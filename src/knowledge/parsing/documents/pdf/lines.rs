//! Characters with their places become lines of a page, in the order in which the page draws them.

use pdf_extract::MediaBox;
use pdf_extract::OutputDev;
use pdf_extract::OutputError;
use pdf_extract::Transform;

/// A wider gap between characters, in heights of a letter, is a space. Measured on PDFs of eight programs.
const SPACE: f64 = 0.13;
/// A gap this wide divides the cells of a table.
const CELL_GAP: f64 = 2.0;
/// A letter that stands higher or lower by less is on the same line: indices do.
const SAME_LINE: f64 = 0.4;
/// The next letter may begin so far before the end of the last one: kerning, and widths that fonts tell wrongly.
const OVERLAP: f64 = 0.6;
/// Characters of one page; a page of a phone book has 20,000.
const MAX_PAGE_CHARS: usize = 200_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// One for plain text, several where wide gaps divide the line.
    pub cells: Vec<String>,
    /// Where it begins, ends and stands; upwards is more. In points, along the direction of its text.
    pub x: f64,
    pub end: f64,
    pub y: f64,
    /// Of its largest letters.
    pub size: f64,
    direction: (f64, f64),
}

#[derive(Debug)]
pub struct Page {
    /// From 1.
    pub number: u32,
    pub lines: Vec<Line>,
}

impl Line {
    pub fn text(&self) -> String {
        self.cells.join(" ")
    }

    fn last_cell(&mut self) -> Option<&mut String> {
        self.cells.last_mut()
    }
}

impl Page {
    /// Digits included: some tables have nothing else.
    pub fn letters(&self) -> usize {
        let cells = self.lines.iter().flat_map(|line| &line.cells);
        cells
            .map(|cell| cell.chars().filter(|c| c.is_alphanumeric()).count())
            .sum()
    }
}

/// Takes the characters of one page.
#[derive(Debug, Default)]
pub struct PageReader {
    lines: Vec<Line>,
    current: Option<Line>,
    /// Whether a space was drawn after the last character.
    is_spaced: bool,
    last: Option<(f64, String)>,
    chars: usize,
}

impl PageReader {
    pub fn into_page(mut self, number: u32) -> Page {
        self.end_line();
        Page {
            number,
            lines: self.lines,
        }
    }

    fn end_line(&mut self) {
        self.is_spaced = false;
        self.last = None;
        if let Some(mut line) = self.current.take() {
            line.cells = line.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            line.cells.retain(|cell| !cell.is_empty());
            if !line.cells.is_empty() {
                self.lines.push(line);
            }
        }
    }

    fn place(&mut self, placed: &Placed, text: &str) {
        let Some(line) = &mut self.current else {
            return self.begin_line(placed, text);
        };
        let size = line.size.max(placed.size);
        let gap = placed.x - line.end;
        let is_same_line =
            line.direction == placed.direction && (placed.y - line.y).abs() < SAME_LINE * size && gap > -OVERLAP * size;
        if !is_same_line {
            // Bold letters are often drawn twice, a little apart.
            if self.is_drawn_again(placed, text) {
                return;
            }
            self.end_line();
            return self.begin_line(placed, text);
        }
        if self.is_drawn_again(placed, text) {
            return;
        }
        if let Some(line) = &mut self.current {
            if gap > CELL_GAP * size {
                line.cells.push(String::new());
            } else if (gap > SPACE * size || self.is_spaced)
                && let Some(cell) = line.last_cell()
            {
                cell.push(' ');
            }
            if let Some(cell) = line.last_cell() {
                cell.push_str(text);
            }
            line.end = placed.end;
            line.size = size;
        }
        self.is_spaced = false;
        self.last = Some((placed.x, text.to_owned()));
    }

    fn is_drawn_again(&self, placed: &Placed, text: &str) -> bool {
        let on_line = self
            .current
            .as_ref()
            .is_some_and(|line| (line.y - placed.y).abs() < 0.1 * placed.size);
        on_line
            && self
                .last
                .as_ref()
                .is_some_and(|(x, last)| last == text && (placed.x - x).abs() < 0.1 * placed.size)
    }

    fn begin_line(&mut self, placed: &Placed, text: &str) {
        self.is_spaced = false;
        self.current = Some(Line {
            cells: vec![text.to_owned()],
            x: placed.x,
            end: placed.end,
            y: placed.y,
            size: placed.size,
            direction: placed.direction,
        });
        self.last = Some((placed.x, text.to_owned()));
    }
}

/// A character's place in the direction of its text.
struct Placed {
    x: f64,
    end: f64,
    y: f64,
    size: f64,
    direction: (f64, f64),
}

impl Placed {
    /// `None` for letters that are no letters: without size, or nowhere.
    fn of(transform: &Transform, width: f64, font_size: f64) -> Option<Placed> {
        let across = transform.m11.hypot(transform.m12);
        let direction = (transform.m11 / across, transform.m12 / across);
        // Hundredths are enough to tell directions apart, and rounding makes equal ones equal.
        let direction = (
            (direction.0 * 100.0).round() / 100.0,
            (direction.1 * 100.0).round() / 100.0,
        );
        let size = (transform.m21.hypot(transform.m22) * font_size).abs();
        let x = transform.m31 * direction.0 + transform.m32 * direction.1;
        let y = transform.m32 * direction.0 - transform.m31 * direction.1;
        let end = x + width * across * font_size.abs();
        let is_sound = [x, y, end, size].iter().all(|number| number.is_finite()) && size > 0.1;
        is_sound.then_some(Placed {
            x,
            end,
            y,
            size,
            direction,
        })
    }
}

impl OutputDev for PageReader {
    fn begin_page(&mut self, _: u32, _: &MediaBox, _: Option<(f64, f64, f64, f64)>) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.chars += 1;
        if self.chars > MAX_PAGE_CHARS {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        let Some(placed) = Placed::of(transform, width, font_size) else {
            return Ok(());
        };
        if text.chars().all(|c| c.is_whitespace() || c.is_control()) {
            // Cells stay apart that are set apart by spaces: only drawn letters move the end of a line.
            self.is_spaced = true;
            return Ok(());
        }
        self.place(&placed, &whole_letters(text));
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Joined letters as the letters they join.
fn whole_letters(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{fb00}' => whole.push_str("ff"),
            '\u{fb01}' => whole.push_str("fi"),
            '\u{fb02}' => whole.push_str("fl"),
            '\u{fb03}' => whole.push_str("ffi"),
            '\u{fb04}' => whole.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => whole.push_str("st"),
            c if c.is_control() => {}
            c => whole.push(c),
        }
    }
    whole
}
