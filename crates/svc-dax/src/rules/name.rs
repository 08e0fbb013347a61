//! Names of clusters and groups.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_CreateCluster.html>

use crate::error::Error;

/// The longest name of a cluster.
const LONGEST_CLUSTER: usize = 20;
/// The longest name of a group.
const LONGEST_GROUP: usize = 255;

const RULE: &str = "Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must \
                    not end with a hyphen or contain two consecutive hyphens.";

/// Refuses what is no name of a cluster.
pub(crate) fn check_cluster_name(name: &str) -> Result<(), Error> {
    if is_identifier(name) && name.len() <= LONGEST_CLUSTER {
        return Ok(());
    }
    Err(Error::value(format!("Cluster ID specified is not a valid identifier. {RULE}")))
}

/// Refuses what is no name of a parameter or subnet group.
pub(crate) fn check_group_name(kind: &str, name: &str) -> Result<(), Error> {
    if is_identifier(name) && name.len() <= LONGEST_GROUP {
        return Ok(());
    }
    Err(Error::value(format!("{kind} name specified is not a valid identifier. {RULE}")))
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && !name.ends_with('-')
        && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::check_cluster_name;

    #[test]
    fn a_cluster_has_a_short_identifier() {
        for (name, fits) in [
            ("a", true),
            ("dax-1", true),
            ("Dax", true),
            ("12345", false),
            ("1dax", false),
            ("dax-", false),
            ("d--x", false),
            ("d_x", false),
            ("", false),
            ("abcdefghijklmnopqrst", true),
            ("abcdefghijklmnopqrstu", false),
        ] {
            assert_eq!(check_cluster_name(name).is_ok(), fits, "{name}");
        }
    }
}
