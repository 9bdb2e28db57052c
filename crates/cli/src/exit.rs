//! Exit codes and what is said with them.

use cenote_api::ApiError;
use std::process::ExitCode;

/// For `--help`.
pub const CODES: &str = "\
Exit codes:
  0  done
  1  an invariant is broken, a check failed, or the run did
  2  the command line makes no sense
  3  an input cannot be used
  4  the node cannot be reached
  5  a rule refuses it";

/// Why a command ends without what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// The engine broke a promise, or the output cannot be written.
    Failed(String),
    /// The arguments contradict one another or the input.
    Usage(String),
    /// A file or a name is not what it should be.
    Input(String),
    /// Nobody answers at the node's address.
    Unreachable(String),
    /// The venue refuses: code, sentence, next step.
    Refused(Box<ApiError>),
    /// The report has said it.
    Broken,
    /// The answer has said which rule refuses.
    Told(Box<ApiError>),
    /// Nobody listens.
    Quiet,
}

/// Codes of the host that say more about what was sent, or about the node, than about a rule.
const OF_INPUT: [&str; 4] = ["bad_request", "invalid", "not_found", "too_large"];
const OF_NODE: [&str; 5] = ["busy", "stopping", "interrupted", "rate_limited", "fault"];

impl Failure {
    /// Says why on stderr and gives the code.
    pub fn report(self) -> ExitCode {
        let code = self.code();
        match self {
            Self::Failed(text) | Self::Usage(text) | Self::Input(text) | Self::Unreachable(text) => {
                eprintln!("error: {text}");
            }
            Self::Refused(error) => {
                eprintln!("error: {}: {}", error.code, error.message);
                eprintln!("       `cenote explain code {}` says more", error.code);
            }
            Self::Broken | Self::Told(_) | Self::Quiet => {}
        }
        ExitCode::from(code)
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Quiet => 0,
            Self::Failed(_) | Self::Broken => 1,
            Self::Usage(_) => 2,
            Self::Input(_) => 3,
            Self::Unreachable(_) => 4,
            Self::Refused(error) | Self::Told(error) => match error.code.as_str() {
                code if OF_INPUT.contains(&code) || code.ends_with("_not_found") => 3,
                code if OF_NODE.contains(&code) => 1,
                _ => 5,
            },
        }
    }

    /// The same as a document for programs: what the API itself would have said.
    pub fn document(&self) -> Option<ApiError> {
        let of = |code: &str, message: &String| ApiError {
            code: code.to_owned(),
            message: message.clone(),
            data: serde_json::Map::new(),
        };
        match self {
            Self::Refused(error) => Some((**error).clone()),
            Self::Failed(text) => Some(of("failed", text)),
            Self::Usage(text) => Some(of("usage", text)),
            Self::Input(text) => Some(of("input", text)),
            Self::Unreachable(text) => Some(of("unreachable", text)),
            Self::Broken | Self::Told(_) | Self::Quiet => None,
        }
    }
}

/// That an answer, already shown, carries a refusal: nothing more is said, the exit code says it.
pub fn told(refusal: Option<&ApiError>) -> Result<(), Failure> {
    refusal.map_or(Ok(()), |error| Err(Failure::Told(Box::new(error.clone()))))
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Refused(Box::new(error))
    }
}

#[cfg(test)]
mod tests;
