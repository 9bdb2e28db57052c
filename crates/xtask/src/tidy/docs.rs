//! Documents that say what is so: links that resolve, numbers of rules that exist, results with their command.

use super::rust::line_of;
use super::{Finding, Repo};
use std::collections::BTreeMap;

const PROTOCOL: &str = "docs/spec/protocol.md";
const INVARIANTS: &str = "INVARIANTS.md";

/// Every link of a document to this repository leads to a file, and to a heading if it names one.
pub fn links(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repo.ending(".md") {
        let prose = without_code(text);
        for (at, target) in targets(&prose) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let Some(aim) = (if file.is_empty() { Some(path.to_owned()) } else { resolve(path, file) })
            else {
                findings.push(Finding::at(
                    path,
                    line_of(&prose, at),
                    format!("{target} leads out of the repository"),
                ));
                continue;
            };
            let folder = format!("{aim}/");
            let exists = aim.is_empty() || repo.paths.iter().any(|p| *p == aim || p.starts_with(&folder));
            let known = heading.is_empty()
                || repo.texts.get(&aim).is_none_or(|text| headings(text).iter().any(|slug| slug == heading));
            if !exists {
                findings.push(Finding::at(path, line_of(&prose, at), format!("{target} is not there")));
            } else if !known {
                findings.push(Finding::at(
                    path,
                    line_of(&prose, at),
                    format!("{aim} has no heading #{heading}"),
                ));
            }
        }
    }
    findings
}

/// The text with fenced and inline code blank.
fn without_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        let fence = line.trim_start().starts_with("```");
        let mut code = fenced || fence;
        fenced ^= fence;
        let mark = code;
        for character in line.chars() {
            if character == '`' && !mark {
                code = !code;
            }
            let blank = code && character != '\n';
            out.extend(std::iter::repeat_n(
                if blank { ' ' } else { character },
                if blank { character.len_utf8() } else { 1 },
            ));
        }
    }
    out
}

/// Where links go: `[text](target)`, `[text](target "title")` and `[name]: target` at the start of a line.
fn targets(prose: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, mark) in prose.match_indices("](").chain(prose.match_indices("]: ")) {
        let defines = mark == "]: ";
        let line = prose[..at].rfind('\n').map_or(0, |end| end + 1);
        if defines && !prose[line..at].starts_with('[') {
            continue;
        }
        let rest = &prose[at + mark.len()..];
        let end =
            rest.find(if defines { &['\n', ' '][..] } else { &[')', ' ', '\n'][..] }).unwrap_or(rest.len());
        let target = rest[..end].trim_matches(['<', '>']);
        if !target.is_empty() {
            found.push((at, target));
        }
    }
    found
}

/// A path from the root of the repository; nothing if it leads out of it.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The names under which a document's headings can be linked to.
fn headings(text: &str) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let title = line.trim_start_matches('#');
        if fenced || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug: String =
            kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = slugs.iter().filter(|known| **known == slug).count();
        slugs.push(if again == 0 { slug } else { format!("{slug}-{again}") });
    }
    slugs
}

/// Rules that comments refer to are in the specification, once.
pub fn rules(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(text) = repo.texts.get(PROTOCOL) else {
        return vec![
            Finding::of(PROTOCOL, "is missing: references to rules are not checked".to_owned()).noted(),
        ];
    };
    let known = definitions(PROTOCOL, text, &mut findings);
    let letters: String = known.keys().filter_map(|rule| rule.chars().next()).collect();
    for (path, source) in repo.sources.iter().filter(|(path, _)| !path.starts_with("crates/xtask/")) {
        let prose = without_code(&source.comments);
        for (at, number) in numbers(&prose, &letters) {
            if !known.contains_key(&number) {
                findings.push(Finding::at(
                    path,
                    line_of(&prose, at),
                    format!("there is no rule {number} in {PROTOCOL}"),
                ));
            }
        }
    }
    findings
}

/// Every invariant is named by code that relies on it or tests it, and no code names one that does not exist.
pub fn invariants(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(text) = repo.texts.get(INVARIANTS) else {
        return vec![Finding::of(INVARIANTS, "is missing: nothing to check".to_owned()).noted()];
    };
    let known = definitions(INVARIANTS, text, &mut findings);
    let mut named = Vec::new();
    for (path, source) in repo.sources.iter().filter(|(path, _)| !path.starts_with("crates/xtask/")) {
        named.extend(
            repo.texts.get(path).iter().flat_map(|text| numbers(text, "I")).map(|(_, number)| number),
        );
        // Only a comment surely means an invariant: code may have a type of such a name.
        let prose = without_code(&source.comments);
        for (at, number) in numbers(&prose, "I").into_iter().filter(|(_, number)| !known.contains_key(number))
        {
            findings.push(Finding::at(path, line_of(&prose, at), format!("there is no invariant {number}")));
        }
    }
    for (number, line) in known.iter().filter(|(number, _)| !named.contains(number)) {
        findings.push(Finding::at(INVARIANTS, *line, format!("no code refers to {number}")));
    }
    findings
}

/// The numbers that items, table rows and headings of a document start with, and their lines.
fn definitions(path: &str, text: &str, findings: &mut Vec<Finding>) -> BTreeMap<String, usize> {
    let mut known = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        if !line.starts_with(['-', '*', '|', '#']) {
            continue;
        }
        let rest = line.trim_start_matches(['-', '*', '|', '#', ' ']);
        let letter: String = rest.chars().take(1).filter(char::is_ascii_uppercase).collect();
        if let Some((0, number)) = numbers(rest, &letter).into_iter().next()
            && let Some(before) = known.insert(number.clone(), index + 1)
        {
            findings.push(Finding::at(path, index + 1, format!("{number} is also on line {before}")));
        }
    }
    known
}

/// Where one of `letters` followed by one or two digits stands as a word. Leading zeros are dropped.
fn numbers(text: &str, letters: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut start = None;
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_part(character)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                let (letter, digits) =
                    text[from..at].split_at(text[from..].chars().next().map_or(0, char::len_utf8));
                let numeric = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
                if let (true, true, Ok(number)) = (letters.contains(letter), numeric, digits.parse::<u8>()) {
                    found.push((from, format!("{letter}{number}")));
                }
            }
            _ => {}
        }
    }
    found
}

/// A number in a document comes with the command that produced it.
pub fn results(repo: &Repo) -> Vec<Finding> {
    let documents = repo.ending(".md").filter(|(path, _)| path.starts_with("docs/results/"));
    let silent =
        documents.filter(|(_, text)| !["cargo ", "cenote ", "python3 "].iter().any(|c| text.contains(c)));
    silent.map(|(path, _)| Finding::of(path, "names no command that made it".to_owned())).collect()
}
