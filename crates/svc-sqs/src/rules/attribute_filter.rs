//! Which attributes of a message a receiver asked for.

/// Whether a message attribute was asked for: by name, by a prefix with `.*`, by `All` or `.*`.
pub(crate) fn wants_attribute<'a>(asked: impl IntoIterator<Item = &'a str>, name: &str) -> bool {
    asked.into_iter().any(|pattern| match pattern {
        "All" | ".*" => true,
        _ => match pattern.strip_suffix(".*").or_else(|| pattern.strip_suffix('*')) {
            Some(prefix) => !prefix.is_empty() && name.starts_with(prefix),
            None => pattern == name,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::wants_attribute;

    #[test]
    fn names_prefixes_and_all() {
        let names = ["General", "Hello", "Help.Me"];
        let check = |asked: &[&str], expected: &[&str]| {
            let found: Vec<_> =
                names.into_iter().filter(|name| wants_attribute(asked.iter().copied(), name)).collect();
            assert_eq!(found, expected, "{asked:?}");
        };
        check(&[], &[]);
        check(&["All"], &names);
        check(&[".*"], &names);
        check(&["Hel.*"], &["Hello", "Help.Me"]);
        check(&["Hello", "General"], &["General", "Hello"]);
        check(&["Hello", "Nothing"], &["Hello"]);
        check(&["*"], &[]);
    }
}
