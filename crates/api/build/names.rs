//! Rust names for AWS's names.

use std::collections::HashSet;

/// Words that can't be identifiers, raw or not.
const NEVER: &[&str] = &["self", "super", "crate", "Self", "_"];

/// Words that must be written as raw identifiers.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// `QueueURLs` as `queue_urls`: a capital starts a word, a run of capitals is one word.
pub(crate) fn snake(name: &str) -> String {
    let name = name.replace("IPv4", "Ipv4").replace("IPv6", "Ipv6");
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (index, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            push_break(&mut words);
            continue;
        }
        if letter.is_ascii_uppercase() && starts_word(&letters, index) {
            push_break(&mut words);
        }
        words.push(letter.to_ascii_lowercase());
    }
    let words = words.trim_end_matches('_').to_owned();
    if words.starts_with(|first: char| first.is_ascii_digit()) || words.is_empty() {
        format!("_{words}")
    } else {
        words
    }
}

fn push_break(words: &mut String) {
    if !words.is_empty() && !words.ends_with('_') {
        words.push('_');
    }
}

/// A capital after a small letter or digit, or the last of a run before a small letter; but `URLs` is one word.
fn starts_word(letters: &[char], index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|before| letters[before]) else { return false };
    if !before.is_ascii_uppercase() {
        return true;
    }
    let plural = letters.get(index + 1) == Some(&'s')
        && letters.get(index + 2).is_none_or(|after| !after.is_ascii_lowercase());
    letters.get(index + 1).is_some_and(char::is_ascii_lowercase) && !plural
}

/// A snake-case name that may stand as an identifier.
pub(crate) fn identifier(name: &str) -> String {
    if NEVER.contains(&name) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

/// A type's name: AWS's own, with a capital first letter.
pub(crate) fn type_name(name: &str) -> String {
    let clean: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut letters = clean.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// Hands out names once: a name that is taken gets an underscore.
#[derive(Default)]
pub(crate) struct Taken(HashSet<String>);

impl Taken {
    pub(crate) fn take(&mut self, name: &str) -> String {
        let mut name = name.to_owned();
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}
