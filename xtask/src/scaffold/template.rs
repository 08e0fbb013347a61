//! Filling templates, and the names that go into them.

/// Puts values for `{names}`. A brace that belongs to the text stays.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// `CreateQueue` and `cloudfront-keyvaluestore` in snake case.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let starts_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || letters.get(index + 1).is_some_and(char::is_ascii_lowercase)
            });
        if starts_word && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_snake_case() {
        let cases = [
            ("CreateQueue", "create_queue"),
            ("ListDeadLetterSourceQueues", "list_dead_letter_source_queues"),
            ("GetSAMLProvider", "get_saml_provider"),
            ("PutACL", "put_acl"),
            ("cloudfront-keyvaluestore", "cloudfront_keyvaluestore"),
        ];
        for (name, expected) in cases {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn only_names_that_are_given_are_filled() {
        assert_eq!(fill("{a} { b } {c}", &[("a", "1"), ("b", "2")]), "1 { b } {c}");
    }
}
