//! The page: built by npm, embedded in the binary.

use crate::process::{command, has, must, root};
use std::time::SystemTime;

fn changed(path: &str) -> Option<SystemTime> {
    std::fs::metadata(root().join(path)).ok()?.modified().ok()
}

/// Installs the page's packages, exactly those of its lock file, unless they are there.
pub fn install() -> Result<(), String> {
    let installed = changed("web/node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("web/package-lock.json") {
        return Ok(());
    }
    must(command("npm", &["--prefix", "web", "ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Builds the page, if there is npm to build it with; a venue without it still has its API.
pub fn build() -> Result<(), String> {
    if !has("npm", &[]) {
        eprintln!(
            "npm is not installed: this build has no page in it, only the API (install Node.js 20 or later for the page)"
        );
        return Ok(());
    }
    install()?;
    must(command("npm", &["--prefix", "web", "run", "--silent", "build"]))
}
