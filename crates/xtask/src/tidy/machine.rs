//! Traces of the machine that somebody worked on.

use super::rust::line_of;
use super::{Finding, Repo};

/// Folders that are one machine's own. In pieces, so that this file does not contain them.
const FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

/// Where packages come from is the business of each package manager's configuration.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("yarnpkg", ".com"),
    concat!("proxy.golang", ".org"),
    concat!("sum.golang", ".org"),
];

/// Written by package managers, and the source that each must name.
const LOCKS: &[(&str, &str)] =
    &[("Cargo.lock", concat!("registry+https://github.com/rust-lang/crates", ".io-index"))];

pub fn paths(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &repo.texts {
        for folder in FOLDERS {
            // A relative path or a variable before the folder makes it no absolute one.
            let inside = |c: char| c.is_alphanumeric() || "._-~)}*".contains(c);
            for (at, _) in text.match_indices(folder).filter(|(at, _)| !text[..*at].ends_with(inside)) {
                findings.push(Finding::at(
                    path,
                    line_of(text, at),
                    format!("`{folder}` is a path of one machine"),
                ));
            }
        }
    }
    findings
}

pub fn hosts(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &repo.texts {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some((_, source)) = LOCKS.iter().find(|(lock, _)| *lock == name) {
            let other =
                |line: &str| line.starts_with("source = ") && line != format!("source = \"{source}\"");
            for (index, line) in text.lines().enumerate().filter(|(_, line)| other(line)) {
                findings.push(Finding::at(
                    path,
                    index + 1,
                    format!("{line}: locked to a source that others may lack"),
                ));
            }
            continue;
        }
        for host in HOSTS {
            for (at, _) in text.match_indices(host) {
                findings.push(Finding::at(
                    path,
                    line_of(text, at),
                    format!("names the package registry {host}"),
                ));
            }
        }
    }
    findings
}
