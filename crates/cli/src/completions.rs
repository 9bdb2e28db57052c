//! `cenote completions`.

use crate::Cli;
use crate::exit::Failure;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Write a shell's completions to stdout.
#[derive(Args)]
pub struct Arguments {
    /// For which shell.
    shell: Shell,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "cenote", &mut script);
    crate::output::print(&String::from_utf8_lossy(&script))
}
