//! The words and signs of a statement.

use crate::Invalid;

/// A token with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Line and column, counted from one, and length in characters: as AWS tells places.
    pub(super) place: (usize, usize, usize),
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A keyword or name.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    /// A string in single quotes.
    Text(String),
    /// A number, as it was written.
    Number(String),
    /// A sign of one or two characters.
    Sign(&'static str),
    /// Behind the last token.
    End,
}

/// Signs, the longer ones first.
const SIGNS: [&str; 24] = [
    "<<", ">>", "<>", "<=", ">=", "!=", "||", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "=", "<",
    ">", "+", "-", "*", "?",
];

/// A statement that cannot be read; AWS gives a detail for some mistakes only.
pub(super) fn malformed(detail: &str) -> Invalid {
    Invalid::new(format!("Statement wasn't well formed, can't be processed: {detail}"))
}

/// Cuts a statement into tokens, with one of the kind [`Kind::End`] behind them.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Invalid> {
    let mut lexer = Lexer { rest: text, line: 1, column: 1 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let (line, column) = (lexer.line, lexer.column);
        let before = lexer.rest;
        let kind = lexer.next()?;
        let length = before[..before.len() - lexer.rest.len()].chars().count();
        let end = kind == Kind::End;
        tokens.push(Token { kind, place: (line, column, length) });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl<'a> Lexer<'a> {
    /// Takes this many bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        for char in taken.chars() {
            if char == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    /// Skips spaces and comments.
    fn skip_blank(&mut self) -> Result<(), Invalid> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            if blank > 0 {
                self.take(blank);
            } else if self.rest.starts_with("--") {
                let length = self.rest.find('\n').unwrap_or(self.rest.len());
                self.take(length);
            } else if self.rest.starts_with("/*") {
                let length = self.rest.find("*/").ok_or_else(|| malformed(""))?;
                self.take(length + 2);
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Kind, Invalid> {
        let Some(first) = self.rest.chars().next() else { return Ok(Kind::End) };
        let behind = self.rest.as_bytes().get(1);
        if first.is_ascii_alphabetic() || first == '_' || first == '$' {
            let word = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '_' | '$');
            let length = self.rest.chars().take_while(word).count();
            return Ok(Kind::Word(self.take(length).to_owned()));
        } else if first == '\'' || first == '"' {
            return self.quoted(first);
        } else if first.is_ascii_digit() || first == '.' && behind.is_some_and(u8::is_ascii_digit) {
            return Ok(self.number());
        }
        let sign = SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)).ok_or_else(|| malformed(""))?;
        self.take(sign.len());
        Ok(Kind::Sign(sign))
    }

    /// A text in quotes; two quotes within stand for one.
    fn quoted(&mut self, quote: char) -> Result<Kind, Invalid> {
        let mut content = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, char)) = chars.next() {
            if char != quote {
                content.push(char);
            } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
                content.push(quote);
                chars.next();
            } else {
                self.take(at + 1);
                return Ok(if quote == '"' { Kind::Quoted(content) } else { Kind::Text(content) });
            }
        }
        Err(malformed(""))
    }

    fn number(&mut self) -> Kind {
        let bytes = self.rest.as_bytes();
        let digits =
            |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = digits(0);
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let power = digits(end + 1 + sign);
            if power > end + 1 + sign {
                end = power;
            }
        }
        Kind::Number(self.take(end).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_with_places() {
        let text = "SELECT * -- all\nFROM \"a\"\"b\" /* x */ WHERE k='it''s' AND n>=-.5e-3 AND s<<";
        let cut: Vec<Kind> = tokens(text).expect("well formed").into_iter().map(|token| token.kind).collect();
        let word = |text: &str| Kind::Word(text.to_owned());
        let expected = [
            word("SELECT"),
            Kind::Sign("*"),
            word("FROM"),
            Kind::Quoted("a\"b".to_owned()),
            word("WHERE"),
            word("k"),
            Kind::Sign("="),
            Kind::Text("it's".to_owned()),
            word("AND"),
            word("n"),
            Kind::Sign(">="),
            Kind::Sign("-"),
            Kind::Number(".5e-3".to_owned()),
            word("AND"),
            word("s"),
            Kind::Sign("<<"),
            Kind::End,
        ];
        assert_eq!(cut, expected);
        assert_eq!(tokens(text).expect("well formed")[3].place, (2, 6, 6));
        for bad in ["'open", "\"open", "a # b", "/* open"] {
            assert_eq!(tokens(bad), Err(malformed("")), "{bad}");
        }
    }
}
