//! The words and signs of an expression.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name without a placeholder, a keyword, a function.
    Word,
    /// `#name`.
    NamePlaceholder,
    /// `:value`.
    ValuePlaceholder,
    /// Digits: an index.
    Index,
    /// One of `( ) [ ] , . = < > <= >= <> + -`.
    Sign,
    /// What no expression has.
    Other,
    /// Behind the last token.
    End,
}

/// A token and where it is in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts an expression into tokens, with one of the kind [`TokenKind::End`] behind them.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::with_capacity(bytes.len() / 3 + 2);
    let mut start = 0;
    while let Some(&byte) = bytes.get(start) {
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            start += 1;
            continue;
        }
        let run = |from: usize| {
            from + bytes[from..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                .count()
        };
        let (kind, end) = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => (TokenKind::Word, run(start)),
            b'#' if run(start + 1) > start + 1 => (TokenKind::NamePlaceholder, run(start + 1)),
            b':' if run(start + 1) > start + 1 => (TokenKind::ValuePlaceholder, run(start + 1)),
            b'0'..=b'9' => {
                (TokenKind::Index, start + bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count())
            }
            b'<' if matches!(bytes.get(start + 1), Some(b'=' | b'>')) => (TokenKind::Sign, start + 2),
            b'>' if bytes.get(start + 1) == Some(&b'=') => (TokenKind::Sign, start + 2),
            b'(' | b')' | b'[' | b']' | b',' | b'.' | b'=' | b'<' | b'>' | b'+' | b'-' => {
                (TokenKind::Sign, start + 1)
            }
            _ => {
                let length = text[start..].chars().next().map_or(1, char::len_utf8);
                (TokenKind::Other, start + length)
            }
        };
        tokens.push(Token { kind, start, end });
        start = end;
    }
    tokens.push(Token { kind: TokenKind::End, start: text.len(), end: text.len() });
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_where_tokens_end() {
        let text = "SET #a_1.b[12]=:v+if_not_exists(x,:y)<=<>>é _";
        let cut: Vec<&str> = tokens(text).iter().map(|token| &text[token.start..token.end]).collect();
        let expected = [
            "SET",
            "#a_1",
            ".",
            "b",
            "[",
            "12",
            "]",
            "=",
            ":v",
            "+",
            "if_not_exists",
            "(",
            "x",
            ",",
            ":y",
            ")",
            "<=",
            "<>",
            ">",
            "é",
            "_",
            "",
        ];
        assert_eq!(cut, expected);
    }
}
