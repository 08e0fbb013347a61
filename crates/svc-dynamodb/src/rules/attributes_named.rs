//! Which attributes an expression names, for `dynamodb:Attributes`: the first part of each document path.

/// Words of the language that are no attributes.
const KEYWORDS: [&str; 16] = [
    "AND",
    "OR",
    "NOT",
    "BETWEEN",
    "IN",
    "SET",
    "REMOVE",
    "ADD",
    "DELETE",
    "ATTRIBUTE_EXISTS",
    "ATTRIBUTE_NOT_EXISTS",
    "ATTRIBUTE_TYPE",
    "BEGINS_WITH",
    "CONTAINS",
    "SIZE",
    "IF_NOT_EXISTS",
];

/// The top-level attributes of an expression; placeholders (`#name`) as they stand.
pub(crate) fn attributes_named(expression: &str) -> Vec<&str> {
    let is_word = |letter: char| letter.is_alphanumeric() || "_#:.-[]".contains(letter);
    let mut names = Vec::new();
    for word in expression.split(|letter: char| !is_word(letter)) {
        let name = word.split(['.', '[']).next().unwrap_or_default();
        let upper = name.to_ascii_uppercase();
        let is_name = !name.is_empty()
            && !name.starts_with(':')
            && !name.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
            && !KEYWORDS.contains(&upper.as_str())
            && upper != "LIST_APPEND";
        if is_name && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::attributes_named;

    #[test]
    fn paths_begin_with_attributes() {
        for (expression, expected) in [
            ("a = :a AND begins_with(#b, :b)", vec!["a", "#b"]),
            ("SET a.b[0] = list_append(c, :v), d = d + :one REMOVE e", vec!["a", "c", "d", "e"]),
            ("a, b.c, #d", vec!["a", "b", "#d"]),
        ] {
            assert_eq!(attributes_named(expression), expected, "{expression}");
        }
    }
}
