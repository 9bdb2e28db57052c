use super::{Cell, Table};
use crate::show::{Paint, Tone};

fn sample() -> Table {
    let mut table = Table::new();
    table.head(&["name", "cash", "note"]);
    table.row(["alice", "9,624.80", "x"]);
    table.row([Cell::new(Tone::Down, "bob"), Cell::new(Tone::Down, "\u{2212}3.00"), "".into()]);
    table.row(Vec::<Cell>::new());
    table.row(["", "\u{2014}", "longer"]);
    table
}

#[test]
fn columns_line_up_and_lines_end_with_a_letter() {
    let expected = "  name       cash    note\n\
                    \x20 alice  9,624.80       x\n\
                    \x20 bob       \u{2212}3.00\n\
                    \n\
                    \x20               \u{2014}  longer\n";
    assert_eq!(sample().text(Paint::OFF), expected);
    assert_eq!(sample().width(), 25);
}

/// Colours are put around the text and take no room.
#[test]
fn colour_changes_nothing_but_colour() {
    let coloured = sample().text(Paint::ON);
    assert!(coloured.contains("\x1b[38;5;166mbob\x1b[0m"), "{coloured:?}");
    let mut plain = String::new();
    let mut parts = coloured.split('\x1b');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    assert_eq!(plain, sample().text(Paint::OFF));
}
