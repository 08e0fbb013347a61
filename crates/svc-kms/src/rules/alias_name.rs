//! The names of aliases. <https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html>

use super::key_address::ALIAS_PREFIX;
use crate::error::Error;

/// What the aliases of AWS managed keys begin with.
pub(crate) const AWS_PREFIX: &str = "alias/aws/";

/// Refuses what is no name of a caller's alias.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    let Some(rest) = name.strip_prefix(ALIAS_PREFIX) else {
        return Err(Error::validation(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    };
    if name.starts_with(AWS_PREFIX) {
        return Err(Error::NotAuthorized);
    }
    if rest.is_empty() || rest.contains(':') {
        return Err(Error::validation(format!("{rest} contains invalid characters for an alias")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_have_the_prefix_and_are_not_of_aws() {
        assert!(check("alias/a").is_ok() && check("alias/a/b_c-d").is_ok());
        for name in ["a", "alias", "alias/", "alias/a:b", "alias/aws/x", "aliases/a"] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
