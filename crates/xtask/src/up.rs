//! `cargo xtask up`: a venue on one's own machine, in one command.

use crate::process::{command, must, target_dir};

/// Builds the page and the release binary, then runs `cenote up` with the user's arguments.
pub fn run(arguments: &[String]) -> Result<bool, String> {
    crate::web::build()?;
    eprintln!("building cenote (release; some minutes the first time)");
    must(command("cargo", &["build", "--release", "--package", "cenote"]))?;
    let binary = target_dir().join("release/cenote");
    let mut up = std::process::Command::new(binary);
    // Paths among the arguments are meant from where the user stands.
    up.arg("up").args(arguments);
    Ok(up.status().map_err(|e| e.to_string())?.success())
}
