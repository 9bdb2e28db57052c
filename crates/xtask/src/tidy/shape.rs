//! How long files and functions are.

use super::rust::{find_word, item_end, line_of};
use super::{Finding, Repo};

/// Kinds of files that people write line by line.
const WRITTEN: &[&str] = &[".rs", ".py", ".sh", ".ts", ".svelte"];

/// Lines of a file: a sitting, and the most that is let through.
const FILE: (usize, usize) = (500, 600);
/// Lines of a function: a screen, and the most that is let through.
const FUNCTION: (usize, usize) = (70, 100);

pub fn files(repo: &Repo) -> Vec<Finding> {
    let written = WRITTEN.iter().flat_map(|end| repo.ending(end));
    written.filter_map(|(path, text)| judge(path, "the file", text.lines().count(), FILE)).collect()
}

pub fn functions(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in &repo.sources {
        let code = &source.code;
        for at in find_word(code, "fn ") {
            let rest = &code[at..];
            let length = line_of(rest, item_end(rest).min(rest.len()));
            let name =
                rest[3..].split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
            // `fn` also names types of functions.
            if !name.is_empty() {
                let place = format!("{path}:{}", line_of(code, at));
                findings.extend(judge(&place, &format!("`{name}`"), length, FUNCTION));
            }
        }
    }
    findings
}

fn judge(place: &str, what: &str, lines: usize, (wanted, most): (usize, usize)) -> Option<Finding> {
    if lines > most {
        Some(Finding::of(place, format!("{what} has {lines} lines; at most {most}, better {wanted}")))
    } else if lines > wanted {
        Some(Finding::of(place, format!("{what} has {lines} lines; better {wanted}")).noted())
    } else {
        None
    }
}
