//! `LIKE`: `%` stands for any text, `_` for any character.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-operators.html>

use crate::{Code, Error, value::Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal(char),
    AnyCharacter,
    AnyText,
}

/// Whether a text is like a pattern; unknown when one of them is.
pub(super) fn like(text: &Value, pattern: &Value, escape: Option<&Value>) -> Result<Value, Error> {
    if text.is_unknown() || pattern.is_unknown() || escape.is_some_and(Value::is_unknown) {
        return Ok(Value::Null);
    }
    let (Value::String(text), Value::String(pattern)) = (text, pattern) else {
        return Err(Code::LikeInvalidInputs.into());
    };
    let escape = match escape {
        None => None,
        Some(Value::String(escape)) => {
            let mut characters = escape.chars();
            match (characters.next(), characters.next()) {
                (Some(escape), None) => Some(escape),
                _ => return Err(Code::LikeInvalidInputs.into()),
            }
        }
        Some(_) => return Err(Code::LikeInvalidInputs.into()),
    };
    Ok(Value::Bool(matches(text, &parts(pattern, escape)?)))
}

fn parts(pattern: &str, escape: Option<char>) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            _ if Some(character) == escape => match characters.next() {
                Some(next) if matches!(next, '%' | '_') || Some(next) == escape => Part::Literal(next),
                _ => return Err(Code::EvaluatorLikePatternInvalidEscapeSequence.into()),
            },
            '%' => Part::AnyText,
            '_' => Part::AnyCharacter,
            _ => Part::Literal(character),
        });
    }
    Ok(parts)
}

/// Goes back to the last `%` only, so that no pattern takes long.
fn matches(text: &str, pattern: &[Part]) -> bool {
    let (mut rest, mut next) = (text.chars(), 0);
    let mut retry: Option<(std::str::Chars<'_>, usize)> = None;
    loop {
        let before = rest.clone();
        match (rest.next(), pattern.get(next)) {
            (None, None) => return true,
            (_, Some(Part::AnyText)) => {
                next += 1;
                rest = before.clone();
                retry = Some((before, next));
            }
            (Some(_), Some(Part::AnyCharacter)) => next += 1,
            (Some(found), Some(Part::Literal(wanted))) if found == *wanted => next += 1,
            _ => {
                let Some((mut from, after)) = retry.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                rest = from.clone();
                next = after;
                retry = Some((from, after));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, pattern: &str, escape: Option<char>) -> Result<bool, Code> {
        parts(pattern, escape).map(|parts| matches(text, &parts)).map_err(|error| error.code)
    }

    #[test]
    fn patterns() {
        for (text, pattern, expected) in [
            ("abc", "abc", true),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "a_c", true),
            ("abc", "a_", false),
            ("", "%", true),
            ("", "_", false),
            ("aXbXc", "a%X%c", true),
            ("mississippi", "m%iss%ip%i", true),
            ("größe", "gr__e", true),
        ] {
            assert_eq!(check(text, pattern, None), Ok(expected), "{text} {pattern}");
        }
        assert_eq!(check("100%", "100\\%", Some('\\')), Ok(true));
        assert_eq!(check("1000", "100\\%", Some('\\')), Ok(false));
        assert_eq!(check("a", "\\a", Some('\\')), Err(Code::EvaluatorLikePatternInvalidEscapeSequence));
    }

    #[test]
    fn patterns_with_many_wildcards_take_no_time() {
        let text = "a".repeat(100_000);
        assert_eq!(check(&text, &"%a%b".repeat(5), None), Ok(false));
    }
}
