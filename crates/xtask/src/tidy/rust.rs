//! Takes a Rust file apart into code and comments, so that a word in a comment or a text is not taken for code.

/// One file twice, with the same lines and columns: what does not belong is blank.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Without comments and the contents of literals.
    pub code: String,
    /// Only comments, with their marks.
    pub comments: String,
    /// Where the attributes stand that keep an item out of every product.
    for_tests: Vec<usize>,
}

/// Attributes of items for tests only. No product is built with the engine's `canary`.
const FOR_TESTS: &[&str] =
    &["#[cfg(test)]", "#![cfg(test)]", "#[cfg(all(test,", "#[cfg(feature = \"canary\")]"];

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

impl Source {
    /// Takes a file apart.
    pub fn parse(text: &str) -> Self {
        let mut source = Self::default();
        let mut rest = text;
        let mut previous = ' ';
        while !rest.is_empty() {
            let (kind, length) = piece(rest, previous);
            let (now, later) = rest.split_at(length);
            previous = now.chars().next_back().unwrap_or(' ');
            source.code.push_str(&shown(now, kind == Kind::Code));
            source.comments.push_str(&shown(now, kind == Kind::Comment));
            rest = later;
        }
        let marks = FOR_TESTS.iter().flat_map(|mark| text.match_indices(mark)).map(|(at, _)| at);
        source.for_tests = marks.filter(|&at| source.code[at..].starts_with('#')).collect();
        source
    }

    /// The code without items for tests only.
    pub fn product(&self) -> String {
        let mut code = self.code.clone();
        for &start in &self.for_tests {
            let behind = code[start..].find(']').map_or(code.len(), |at| start + at + 1);
            let inner = code[start..].starts_with("#!");
            let end = if inner { code.len() } else { behind + item_end(&code[behind..]) };
            let blank = shown(&code[start..end], false);
            code.replace_range(start..end, &blank);
        }
        code
    }
}

/// The text itself, or blanks of the same shape in bytes.
fn shown(text: &str, visible: bool) -> String {
    if visible {
        return text.to_owned();
    }
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// The first piece of `text` and its length in bytes; at least one character.
fn piece(text: &str, previous: char) -> (Kind, usize) {
    if text.starts_with("//") {
        return (Kind::Comment, text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return (Kind::Comment, block_comment(text));
    }
    let in_word = previous.is_alphanumeric() || previous == '_';
    let prefix = if in_word { 0 } else { literal_prefix(text) };
    let body = &text[prefix..];
    if body.starts_with('"') || (prefix > 0 && body.starts_with('#')) {
        let raw = text[..prefix].contains('r');
        let length = if raw { raw_string(body) } else { quoted(body, '"') };
        return (Kind::Literal, prefix + length);
    }
    if body.starts_with('\'') && is_character(body) {
        return (Kind::Literal, prefix + quoted(body, '\''));
    }
    (Kind::Code, text.chars().next().map_or(1, char::len_utf8))
}

/// The length of a literal's prefix, such as `r`, `b` or `br`; zero if no literal follows.
fn literal_prefix(text: &str) -> usize {
    for prefix in ["br", "cr", "r", "b", "c"] {
        if let Some(body) = text.strip_prefix(prefix) {
            let hashes = body.len() - body.trim_start_matches('#').len();
            let raw = prefix.ends_with('r');
            let quote = &body[hashes..];
            if quote.starts_with('"') && (raw || hashes == 0) || prefix == "b" && quote.starts_with('\'') {
                return prefix.len();
            }
        }
    }
    0
}

/// Whether an apostrophe opens a character and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a literal with escapes that starts with its quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if !escaped && character == quote {
            return at + character.len_utf8();
        }
        escaped = !escaped && character == '\\';
    }
    text.len()
}

/// The length of a raw literal that starts with its hashes.
fn raw_string(text: &str) -> usize {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    text[hashes + 1..].find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len())
}

/// Where an item ends in code without comments and literals: behind its block, or its semicolon.
pub fn item_end(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Where `word` stands as a whole word: `ln` is not in `ln_1p`. Ends that are no letters need no boundary.
pub fn find_word<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let open = word.starts_with(is_part);
    let close = word.ends_with(is_part);
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !(open && text[..at].ends_with(is_part) || close && text[at + word.len()..].starts_with(is_part))
    })
}

/// The line of a place in a text, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count()
}
