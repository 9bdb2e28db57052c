//! Columns that line up, whatever their colour.

use super::{Paint, Tone};

/// A cell: its text is measured without its colour.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in a tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, tone: Tone::Plain }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Rows in columns.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    left: Vec<usize>,
    gap: usize,
    indent: usize,
}

impl Table {
    /// An empty table: the first column to the left, the others to the right, two spaces between, each line indented by two.
    pub fn new() -> Self {
        Self { rows: Vec::new(), left: vec![0], gap: 2, indent: 2 }
    }

    /// These columns to the left.
    pub fn left(mut self, columns: &[usize]) -> Self {
        self.left = columns.to_vec();
        self
    }

    /// Other spaces before lines and between columns.
    pub fn spaced(mut self, indent: usize, gap: usize) -> Self {
        (self.indent, self.gap) = (indent, gap);
        self
    }

    /// A row of names of columns.
    pub fn head(&mut self, names: &[&str]) {
        self.rows.push(names.iter().map(|name| Cell::new(Tone::Faint, *name)).collect());
    }

    /// A row.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Columns that the longest line takes.
    pub fn width(&self) -> usize {
        let widths = self.widths();
        self.indent + widths.iter().sum::<usize>() + self.gap * widths.len().saturating_sub(1)
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.text.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }

    /// The table, a newline after each row, nothing after the last letter of a line.
    pub fn text(&self, paint: Paint) -> String {
        let widths = self.widths();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            let last = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |at| at + 1);
            for (column, cell) in row.iter().take(last).enumerate() {
                let pad = " ".repeat(widths[column] - cell.text.chars().count());
                let text = paint.tone(cell.tone, &cell.text);
                if column > 0 {
                    line.push_str(&" ".repeat(self.gap));
                }
                match (self.left.contains(&column), column + 1 == last) {
                    (true, true) => line.push_str(&text),
                    (true, false) => line.push_str(&(text + &pad)),
                    (false, _) => line.push_str(&(pad + &text)),
                }
            }
            out.push_str(if last == 0 { "" } else { &line });
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests;
