//! Who can be given a grant.

use virga_kit::Arn;

use crate::error::Error;

/// Refuses what is no ARN of a user, role, session or account, and no service.
pub(crate) fn check(text: &str) -> Result<(), Error> {
    let kinds = ["user/", "role/", "assumed-role/", "federated-user/"];
    let is_principal = |arn: Arn<'_>| {
        matches!(arn.service, "iam" | "sts")
            && arn.account.len() == 12
            && arn.account.bytes().all(|digit| digit.is_ascii_digit())
            && (arn.resource == "root" || kinds.iter().any(|kind| arn.resource.starts_with(kind)))
    };
    if Arn::parse(text).is_some_and(is_principal) || text.ends_with(".amazonaws.com") {
        return Ok(());
    }
    Err(Error::InvalidArn { reason: format!("ARN does not refer to a valid principal: {text}") })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn principals_are_users_roles_sessions_and_accounts() {
        for resource in ["root", "user/a", "role/a/b"] {
            assert!(check(&format!("arn:aws:iam::111122223333:{resource}")).is_ok());
        }
        assert!(check("arn:aws:sts::111122223333:assumed-role/a/b").is_ok());
        assert!(check("sqs.amazonaws.com").is_ok());
        for text in ["a", "arn:aws:iam::1:user/a", "arn:aws:s3:::b", "arn:aws:iam::111122223333:group/a"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
