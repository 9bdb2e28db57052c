//! What the checks look at: the files under version control and what the manifests declare.

use super::rust::Source;
use crate::process::{command, read, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders that are output, for a checkout without git.
const OUTPUT: &[&str] = &["target", ".git", "node_modules", "__pycache__", "out"];

/// The repository's files, with paths from its root, `/` between the parts.
#[derive(Debug, Default)]
pub struct Repo {
    /// Every file.
    pub paths: BTreeSet<String>,
    /// Those that are text.
    pub texts: BTreeMap<String, String>,
    /// Those that are Rust, taken apart.
    pub sources: BTreeMap<String, Source>,
    /// The workspace's crates.
    pub packages: Vec<Package>,
}

/// A crate of the workspace as its manifest declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub dependencies: Vec<Dependency>,
    /// What its `default` feature switches on.
    pub default_features: Vec<String>,
}

/// A declared dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    /// For tests only.
    pub dev: bool,
    pub optional: bool,
    /// The version asked for, such as `^1.8` or `=0.2.16`.
    pub version: String,
    /// Features asked for.
    pub features: Vec<String>,
}

impl Repo {
    /// This checkout: what git tracks, and what it would if it were added now.
    pub fn load() -> Result<Self, String> {
        let mut repo = Self::default();
        for path in list()? {
            // A file that is deleted but not yet committed is listed and is not there.
            if let Ok(bytes) = std::fs::read(root().join(&path)) {
                repo.add(&path, bytes);
            }
        }
        let metadata = command("cargo", &["metadata", "--no-deps", "--format-version", "1"]);
        repo.packages = packages(&read(metadata)?)?;
        Ok(repo)
    }

    /// Takes in one file.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.paths.insert(path.to_owned());
        if let Ok(text) = String::from_utf8(bytes) {
            if path.ends_with(".rs") {
                self.sources.insert(path.to_owned(), Source::parse(&text));
            }
            self.texts.insert(path.to_owned(), text);
        }
    }

    /// The texts whose names end so.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts.iter().filter(move |(path, _)| path.ends_with(end)).map(|(path, text)| (&**path, &**text))
    }

    /// The sources of one crate that end up in its library or program.
    pub fn product<'a>(&'a self, krate: &str) -> impl Iterator<Item = (&'a str, &'a Source)> {
        let folder = format!("crates/{krate}/src/");
        let in_product = move |path: &str| path.starts_with(&folder) && !is_test(path);
        self.sources.iter().map(|(path, source)| (&**path, source)).filter(move |(path, _)| in_product(path))
    }
}

/// Whether a Rust file is compiled for tests only.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
}

fn list() -> Result<Vec<String>, String> {
    if root().join(".git").exists() {
        match read(command("git", &["ls-files", "--cached", "--others", "--exclude-standard"])) {
            Ok(listed) => return Ok(listed.lines().map(str::to_owned).collect()),
            Err(why) => eprintln!("every file is looked at, because git does not list them: {why}"),
        }
    }
    let mut found = Vec::new();
    walk(&root(), "", &mut found).map_err(|e| e.to_string())?;
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if !entry.file_type()?.is_dir() {
            found.push(path);
        } else if !OUTPUT.contains(&name.as_str()) {
            walk(&entry.path(), &format!("{path}/"), found)?;
        }
    }
    Ok(())
}

/// The crates in the answer of `cargo metadata --no-deps`.
pub fn packages(metadata: &str) -> Result<Vec<Package>, String> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).map_err(|e| e.to_string())?;
    let array = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |value: &serde_json::Value| array(value).iter().map(text).collect::<Vec<_>>();
    let dependency = |value: &serde_json::Value| Dependency {
        name: text(&value["name"]),
        dev: value["kind"] == "dev",
        optional: value["optional"] == true,
        version: text(&value["req"]),
        features: texts(&value["features"]),
    };
    let package = |value: &serde_json::Value| Package {
        name: text(&value["name"]),
        dependencies: array(&value["dependencies"]).iter().map(dependency).collect(),
        default_features: texts(&value["features"]["default"]),
    };
    Ok(array(&metadata["packages"]).iter().map(package).collect())
}
