//! Exit codes and what is said with them.

use std::process::ExitCode;

/// For `--help`.
pub const CODES: &str = "\
Exit codes:
  0  done
  1  an invariant is broken, or the run failed
  2  the command line makes no sense
  3  an input cannot be used";

/// Why a command ends without what it was asked for.
pub enum Failure {
    /// The engine broke a promise, or the output cannot be written.
    Failed(String),
    /// The arguments contradict one another or the input.
    Usage(String),
    /// A file is not what it should be.
    Input(String),
    /// The report has said it, or nobody listens any more.
    Broken,
    /// Nobody listens.
    Quiet,
}

impl Failure {
    /// Says why on stderr and gives the code.
    pub fn report(self) -> ExitCode {
        let (text, code) = match self {
            Self::Failed(text) => (text, 1),
            Self::Usage(text) => (text, 2),
            Self::Input(text) => (text, 3),
            Self::Broken => return ExitCode::from(1),
            Self::Quiet => return ExitCode::SUCCESS,
        };
        eprintln!("error: {text}");
        ExitCode::from(code)
    }
}
