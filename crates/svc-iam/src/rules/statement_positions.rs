//! Where the statements of a policy stand in its text, for simulations to point at.

/// A place in a text: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The line.
    pub(crate) line: i32,
    /// The column, in characters.
    pub(crate) column: i32,
}

/// From the first brace of a statement to its last.
pub(crate) type Span = (Position, Position);

/// A walk through a JSON text that is known to be well formed.
struct Walk {
    at: Position,
    depth: usize,
    /// Whether the walk is inside a string, and whether the next character is escaped.
    string: Option<bool>,
    /// The text of the last string.
    text: String,
    /// Whether the member at the top is `Statement`.
    in_statements: bool,
    /// Where the statement began, and how deep that is.
    begun: Option<(Position, usize)>,
    found: Vec<Span>,
}

/// The statements of a policy, in their order.
pub(crate) fn of_policy(document: &str) -> Vec<Span> {
    let mut walk = Walk {
        at: Position { line: 1, column: 1 },
        depth: 0,
        string: None,
        text: String::new(),
        in_statements: false,
        begun: None,
        found: Vec::new(),
    };
    for letter in document.chars() {
        walk.take(letter);
        walk.at = match letter {
            '\n' => Position { line: walk.at.line.saturating_add(1), column: 1 },
            _ => Position { column: walk.at.column.saturating_add(1), ..walk.at },
        };
    }
    walk.found
}

impl Walk {
    fn take(&mut self, letter: char) {
        if let Some(escaped) = self.string {
            match letter {
                '"' if !escaped => self.string = None,
                _ => {
                    self.string = Some(letter == '\\' && !escaped);
                    self.text.push(letter);
                }
            }
            return;
        }
        match letter {
            '"' => {
                self.string = Some(false);
                self.text.clear();
            }
            ':' if self.depth == 1 => self.in_statements = self.text == "Statement",
            '{' | '[' => self.open(letter),
            '}' | ']' => self.close(),
            _ => {}
        }
    }

    /// A statement is the value of `Statement`, or an element of the list that is.
    fn open(&mut self, letter: char) {
        if letter == '{' && self.in_statements && self.begun.is_none() && (1..=2).contains(&self.depth) {
            self.begun = Some((self.at, self.depth));
        }
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if let Some((start, depth)) = self.begun
            && depth == self.depth
        {
            self.found.push((start, self.at));
            self.begun = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(document: &str) -> Vec<((i32, i32), (i32, i32))> {
        let place = |position: Position| (position.line, position.column);
        of_policy(document).into_iter().map(|(start, end)| (place(start), place(end))).collect()
    }

    #[test]
    fn statements_are_found_in_lists_and_alone() {
        let listed = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}"#;
        assert_eq!(spans(listed), [((1, 41), (1, 113))]);
        let alone = "{\n \"Statement\": {\n  \"Sid\": \"a}\\\"{\",\n  \"Condition\": {\"Bool\": {}}\n }\n}";
        assert_eq!(spans(alone), [((2, 15), (5, 2))]);
        let several = r#"{"Id":"Statement","Statement":[{"Effect":"Deny"},{}]}"#;
        assert_eq!(spans(several), [((1, 32), (1, 48)), ((1, 50), (1, 51))]);
    }
}
