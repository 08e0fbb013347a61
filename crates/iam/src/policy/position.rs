//! Where the statements of a policy stand in its text, as simulations of policies report them.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Position.html>

use serde::Deserialize;
use serde_json::value::RawValue;

/// A place in a text. Lines and columns count from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

#[derive(Deserialize)]
struct Statements<'a> {
    #[serde(borrow, rename = "Statement")]
    statement: &'a RawValue,
}

/// Where each statement of a policy begins, and where the text goes on behind it. Nothing for a text that is no policy.
pub fn statement_positions(text: &str) -> Vec<(Position, Position)> {
    let Ok(Statements { statement }) = serde_json::from_str::<Statements<'_>>(text) else {
        return Vec::new();
    };
    let statements: Vec<&RawValue> =
        serde_json::from_str(statement.get()).unwrap_or_else(|_| vec![statement]);
    let range = |statement: &RawValue| {
        // The raw values are slices of the text.
        let start = statement.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        Some((position(text, start)?, position(text, start + statement.get().len())?))
    };
    statements.into_iter().filter_map(range).collect()
}

fn position(text: &str, offset: usize) -> Option<Position> {
    let before = text.get(..offset)?;
    let line = before.rsplit('\n').next()?;
    Some(Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_the_text() {
        let at = |line, column| Position { line, column };
        for (text, expected) in [
            (r#"{"Statement":{"Effect":"Allow"}}"#, vec![(at(1, 14), at(1, 32))]),
            (r#"{"Statement": [{"ä":1}, {}]}"#, vec![(at(1, 16), at(1, 23)), (at(1, 25), at(1, 27))]),
            ("{\n  \"Statement\": {\n    \"a\": 1\n  }\n}", vec![(at(2, 16), at(4, 4))]),
            (r#"{"Version":"2012-10-17"}"#, vec![]),
            ("no policy", vec![]),
        ] {
            assert_eq!(statement_positions(text), expected, "{text}");
        }
    }
}
