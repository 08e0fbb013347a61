//! The size of a policy, as AWS counts it against its quotas.

/// The characters of a policy without white space, which the quotas of IAM count.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub fn characters_without_white_space(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_does_not_count() {
        for (text, count) in [("", 0), (" \n\t\r ", 0), ("{ \"a\" : \"b c\" }", 10), ("ä ö", 2)] {
            assert_eq!(characters_without_white_space(text), count, "{text:?}");
        }
    }
}
