//! Text to match against: wildcards (`*` any characters, `?` any one character) and policy variables.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use smallvec::SmallVec;

use super::context::{ConditionContext, Values, present};

/// `*` in a compiled glob: a byte that UTF-8 does not have.
const STAR: u8 = 0xFF;
/// `?` in a compiled glob: another one.
const ANY_ONE: u8 = 0xFE;

/// A compiled text. Wildcards and variables cost only those who use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `*` alone.
    Anything,
    /// No wildcard and no variable.
    Exact(Box<str>),
    /// One `*`, at the end.
    Prefix(Box<str>),
    /// Wildcards.
    Glob(Box<[u8]>),
    /// Variables, and perhaps wildcards.
    Template(Box<[Part]>),
}

/// A part of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A piece of a glob.
    Glob(Box<[u8]>),
    /// `${key}` or `${key, 'default'}`.
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// How a text is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Whether `*` and `?` stand for other characters.
    pub(super) wildcards: bool,
    /// Whether `${…}` is a variable, which policies of 2008 do not have.
    pub(super) variables: bool,
}

/// A glob whose variables have their values.
pub(super) type Resolved = SmallVec<[u8; 128]>;

impl Pattern {
    /// Compiles a text.
    pub(super) fn new(text: &str, syntax: Syntax) -> Self {
        let mut parts = Vec::new();
        let mut glob = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if let Some((element, length)) = syntax.variables.then(|| element(rest)).flatten() {
                match element {
                    Element::Escaped(byte) => glob.push(byte),
                    Element::Variable { key, default } => {
                        push_glob(&mut parts, &mut glob);
                        let (key, default) = (key.to_ascii_lowercase().into(), default.map(Into::into));
                        parts.push(Part::Variable { key, default });
                    }
                }
                rest = &rest[length..];
                continue;
            }
            let length = character.len_utf8();
            match character {
                '*' if syntax.wildcards && glob.last() == Some(&STAR) => {}
                '*' if syntax.wildcards => glob.push(STAR),
                '?' if syntax.wildcards => glob.push(ANY_ONE),
                _ => glob.extend_from_slice(&rest.as_bytes()[..length]),
            }
            rest = &rest[length..];
        }
        if parts.is_empty() {
            return Self::of_glob(glob);
        }
        push_glob(&mut parts, &mut glob);
        Self::Template(parts.into())
    }

    fn of_glob(mut glob: Vec<u8>) -> Self {
        let first = glob.iter().position(|byte| matches!(*byte, STAR | ANY_ONE));
        let is_prefix = first.is_some_and(|first| first + 1 == glob.len() && glob[first] == STAR);
        if first.is_some() && !is_prefix {
            return Self::Glob(glob.into());
        }
        if is_prefix {
            glob.pop();
        }
        let text = String::from_utf8(glob).expect("a glob without wildcards is the text it was made of");
        match (is_prefix, text.is_empty()) {
            (true, true) => Self::Anything,
            (true, false) => Self::Prefix(text.into()),
            (false, _) => Self::Exact(text.into()),
        }
    }

    /// Whether the pattern matches the whole text. A pattern with a variable that has no value matches nothing.
    pub(super) fn matches(&self, text: &str, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Anything => true,
            Self::Exact(exact) => **exact == *text,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Glob(glob) => glob_matches(glob, text.as_bytes()),
            Self::Template(parts) => {
                resolve(parts, context).is_some_and(|glob| glob_matches(&glob, text.as_bytes()))
            }
        }
    }

    /// Whether the pattern matches an ARN part by part, so that a wildcard does not reach beyond its part.
    pub(super) fn matches_arn(&self, arn: &str, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Anything => return true,
            Self::Exact(exact) => return **exact == *arn,
            _ => {}
        }
        let Some(glob) = self.resolved(context) else { return false };
        let mut wanted = glob.splitn(6, |byte| *byte == b':');
        let mut found = arn.splitn(6, ':');
        loop {
            match (wanted.next(), found.next()) {
                (None, None) => return true,
                (Some(wanted), Some(found)) if glob_matches(wanted, found.as_bytes()) => {}
                _ => return false,
            }
        }
    }

    /// As [`Self::matches`] where there are no variables.
    pub(super) fn matches_plain(&self, text: &str) -> bool {
        self.matches(text, &())
    }

    /// The glob with the values of its variables; none if one has no value.
    pub(super) fn resolved(&self, context: &dyn ConditionContext) -> Option<Resolved> {
        match self {
            Self::Anything => Some(SmallVec::from_slice(&[STAR])),
            Self::Exact(text) => Some(SmallVec::from_slice(text.as_bytes())),
            Self::Prefix(text) => {
                let mut glob = SmallVec::from_slice(text.as_bytes());
                glob.push(STAR);
                Some(glob)
            }
            Self::Glob(glob) => Some(SmallVec::from_slice(glob)),
            Self::Template(parts) => resolve(parts, context),
        }
    }

    /// Whether every variable of the pattern has a value.
    pub(super) fn is_resolvable(&self, context: &dyn ConditionContext) -> bool {
        !matches!(self, Self::Template(parts) if resolve(parts, context).is_none())
    }
}

/// A resolved glob for people to read.
pub(super) fn glob_text(glob: &[u8]) -> String {
    let bytes = glob
        .iter()
        .map(|byte| match *byte {
            STAR => b'*',
            ANY_ONE => b'?',
            byte => byte,
        })
        .collect();
    String::from_utf8(bytes).unwrap_or_default()
}

fn push_glob(parts: &mut Vec<Part>, glob: &mut Vec<u8>) {
    if !glob.is_empty() {
        parts.push(Part::Glob(std::mem::take(glob).into()));
    }
}

fn resolve(parts: &[Part], context: &dyn ConditionContext) -> Option<Resolved> {
    let mut resolved = Resolved::new();
    for part in parts {
        match part {
            Part::Glob(glob) => resolved.extend_from_slice(glob),
            Part::Variable { key, default } => match (present(context, key), default) {
                (Some(Values::One(value)), _) => resolved.extend_from_slice(value.as_bytes()),
                (Some(Values::Many(values)), _) if values.len() == 1 => {
                    resolved.extend_from_slice(values[0].as_bytes());
                }
                (_, Some(default)) => resolved.extend_from_slice(default.as_bytes()),
                (_, None) => return None,
            },
        }
    }
    Some(resolved)
}

/// What `${…}` stands for.
enum Element<'a> {
    /// `${*}`, `${?}` and `${$}`.
    Escaped(u8),
    Variable {
        key: &'a str,
        default: Option<&'a str>,
    },
}

/// The element at the beginning of a text, with its length. What is not closed or has no name is plain text.
fn element(text: &str) -> Option<(Element<'_>, usize)> {
    let inner = text.strip_prefix("${")?;
    if let Some(escaped) = ["*}", "?}", "$}"].iter().find(|escaped| inner.starts_with(**escaped)) {
        return Some((Element::Escaped(escaped.as_bytes()[0]), 4));
    }
    let close = inner.find('}')?;
    let body = &inner[..close];
    let (key, default, close) = match body.split_once(',') {
        None => (body, None, close),
        Some((key, _)) => {
            let quoted = inner[key.len() + 1..].trim_start().strip_prefix('\'')?;
            let (default, after) = quoted.split_once('\'')?;
            let after = after.trim_start().strip_prefix('}')?;
            (key, Some(default), inner.len() - after.len() - 1)
        }
    };
    let key = key.trim();
    if key.is_empty() {
        return None;
    }
    Some((Element::Variable { key, default }, close + 3))
}

/// Whether a glob matches a whole text. Where a `*` was followed too early, the text is tried again one character
/// later, so that the work is bounded by the product of the lengths.
pub(super) fn glob_matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut at_glob, mut at_text) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match glob.get(at_glob) {
            Some(&STAR) => {
                at_glob += 1;
                retry = Some((at_glob, at_text));
                continue;
            }
            Some(&ANY_ONE) => {
                at_glob += 1;
                at_text += character_length(&text[at_text..]);
                continue;
            }
            Some(byte) if *byte == text[at_text] => {
                at_glob += 1;
                at_text += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = retry else { return false };
        let next = from + character_length(&text[from..]);
        retry = Some((after_star, next));
        (at_glob, at_text) = (after_star, next);
    }
    glob[at_glob..].iter().all(|byte| *byte == STAR)
}

/// The length of the first character, which in text that is not UTF-8 is one byte.
fn character_length(text: &[u8]) -> usize {
    let following = text[1..].iter().take(3).take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count();
    1 + following
}
