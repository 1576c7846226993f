//! A table as text.

/// A table that is printed once it is whole.
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new<'a>(title: &str, ways: impl Iterator<Item = &'a str>) -> Self {
        let head = ["use case", "call"].into_iter().chain(ways).map(str::to_owned).collect();
        Self { title: title.to_owned(), rows: vec![head] }
    }

    pub fn row(&mut self, case: &str, call: &str, cells: Vec<String>) {
        let mut row = vec![case.to_owned(), call.to_owned()];
        row.extend(cells);
        self.rows.push(row);
    }

    #[expect(clippy::print_stdout, reason = "whoever runs the test with --nocapture wants to see it")]
    pub fn print(&self) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|it| it.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = format!("\n{}: {} calls, each failing in each way\n", self.title, self.rows.len() - 1);
        for row in &self.rows {
            for (cell, width) in row.iter().zip(&widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        println!("{text}");
    }
}
