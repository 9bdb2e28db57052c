//! Colour, for terminals that want it.

use std::io::IsTerminal as _;

/// What a text is, and so how it looks. Colour never says anything that a sign or a word does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As everything else.
    #[default]
    Plain,
    /// Gains and bids: blue.
    Up,
    /// Losses and asks: orange, which no colour vision takes for blue.
    Down,
    /// What matters most.
    Strong,
    /// What matters least.
    Faint,
    /// What needs attention.
    Warn,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Never.
    #[cfg(test)]
    pub const OFF: Self = Self { on: false };
    /// Always.
    #[cfg(test)]
    pub const ON: Self = Self { on: true };

    /// As stdout and the environment want it: a terminal that is not dumb, and no `NO_COLOR`.
    pub fn of_stdout() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_none_or(|term| term == "dumb");
        Self { on: std::io::stdout().is_terminal() && set("NO_COLOR").is_none() && !dumb }
    }

    /// The text in its tone.
    pub fn tone(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Up => "38;5;33",
            Tone::Down => "38;5;166",
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Warn => "1;33",
        };
        if self.on && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.tone(Tone::Strong, text)
    }

    /// An aside.
    pub fn faint(self, text: &str) -> String {
        self.tone(Tone::Faint, text)
    }
}
