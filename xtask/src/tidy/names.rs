//! Names of files: a name says the concept.

use super::{finding::Finding, tree::Tree};

const RULE: &str = "names";

/// Names that say nothing.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "extras", "misc", "manager"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let code = tree.files.iter().filter(|file| file.is_rust() || file.path.ends_with(".py"));
    code.filter(|file| says_nothing(&file.path))
        .map(|file| Finding::new(&file.path, 1, RULE, "name the concept that lives here"))
        .collect()
}

fn says_nothing(path: &str) -> bool {
    path.split('/').any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_named() {
        let cases = [
            ("crates/x/src/queue.rs", false),
            ("crates/x/src/utils.rs", true),
            ("crates/x/src/common/queue.rs", true),
            ("conformance/helpers.py", true),
            ("crates/x/src/miscible.rs", false),
        ];
        for (path, expected) in cases {
            assert_eq!(says_nothing(path), expected, "{path}");
        }
    }
}
