//! Types of nodes. <https://aws.amazon.com/dynamodb/pricing/on-demand/>

use crate::error::Error;

const TYPES: [(&str, &[&str]); 5] = [
    ("dax.t2", &["small", "medium"]),
    ("dax.t3", &["small", "medium"]),
    ("dax.r4", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"]),
    ("dax.r5", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
    ("dax.r7i", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
];

/// Refuses a type that nodes can't have.
pub(crate) fn check_node_type(node_type: &str) -> Result<(), Error> {
    let known = node_type.rsplit_once('.').is_some_and(|(family, size)| {
        TYPES.iter().any(|(name, sizes)| *name == family && sizes.contains(&size))
    });
    if known { Ok(()) } else { Err(Error::value(format!("Invalid node type: {node_type}."))) }
}

#[cfg(test)]
mod tests {
    use super::check_node_type;

    #[test]
    fn only_types_of_dax_are_taken() {
        for (node_type, fits) in [
            ("dax.r4.large", true),
            ("dax.t3.small", true),
            ("dax.t3.large", false),
            ("t3.small", false),
            ("dax", false),
        ] {
            assert_eq!(check_node_type(node_type).is_ok(), fits, "{node_type}");
        }
    }
}
