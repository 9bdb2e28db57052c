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

    /// As stdout and the environment want it.
    pub fn of_stdout() -> Self {
        let set = |name: &str| std::env::var(name).unwrap_or_default();
        Self::wanted(std::io::stdout().is_terminal(), &set("NO_COLOR"), &set("TERM"))
    }

    /// On a terminal that is not dumb, unless `NO_COLOR` is set to anything.
    fn wanted(terminal: bool, no_color: &str, term: &str) -> Self {
        Self { on: terminal && no_color.is_empty() && !["", "dumb"].contains(&term) }
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

#[cfg(test)]
mod tests {
    use super::Paint;

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        for (terminal, no_color, term, on) in [
            (true, "", "xterm-256color", true),
            (true, "1", "xterm-256color", false),
            (true, "", "dumb", false),
            (true, "", "", false),
            (false, "", "xterm-256color", false),
        ] {
            assert_eq!(Paint::wanted(terminal, no_color, term), Paint { on }, "{terminal} {no_color} {term}");
        }
    }
}
