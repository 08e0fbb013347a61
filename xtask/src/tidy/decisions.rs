//! Decisions are numbered without gaps: `docs/decisions/NNN-title.md`.

use super::{finding::Finding, tree::Tree};

const RULE: &str = "decisions";
const FOLDER: &str = "docs/decisions/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut names: Vec<&str> = tree
        .files
        .iter()
        .filter_map(|file| file.path.strip_prefix(FOLDER))
        .filter(|name| *name != "README.md")
        .collect();
    names.sort_unstable();
    let out_of_line =
        (1..).zip(names).filter(|(expected, name)| !name.starts_with(&format!("{expected:03}-")));
    out_of_line
        .map(|(expected, name)| {
            let advice = format!("number the decisions without gaps: this one's number is {expected:03}");
            Finding::new(&format!("{FOLDER}{name}"), 1, RULE, advice)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::tree::SourceFile, *};

    #[test]
    fn decisions_are_numbered_without_gaps() {
        let cases: [(&[&str], usize); 4] = [
            (&["001-store.md", "002-api.md", "README.md"], 0),
            (&["001-store.md", "003-api.md"], 1),
            (&["001-store.md", "001-api.md"], 1),
            (&["store.md"], 1),
        ];
        for (names, expected) in cases {
            let files =
                names.iter().map(|name| SourceFile { path: format!("{FOLDER}{name}"), text: String::new() });
            let tree = Tree { files: files.collect(), packages: Vec::new() };
            assert_eq!(check(&tree).len(), expected, "{names:?}");
        }
    }
}
