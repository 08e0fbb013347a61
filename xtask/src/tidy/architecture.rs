//! ARCHITECTURE.md names the crates that exist, all of them and no others.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use super::{finding::Finding, tree::Tree};

const RULE: &str = "architecture";
const DOCUMENT: &str = "ARCHITECTURE.md";

static CRATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bcrates/([a-z0-9-]+)").expect("the pattern is fixed"));

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, "write it: the floors, and what lives in which crate")];
    };
    let folders: BTreeSet<&str> = tree
        .packages
        .iter()
        .filter_map(|package| CRATE.captures(&package.manifest)?.get(1))
        .map(|m| m.as_str())
        .collect();
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        for name in CRATE.captures_iter(line).filter_map(|found| found.get(1)).map(|found| found.as_str()) {
            if !folders.contains(name) {
                findings.push(Finding::new(DOCUMENT, number, RULE, format!("there is no crates/{name}")));
            }
            named.insert(name);
        }
    }
    let missing = folders.iter().filter(|folder| !named.contains(*folder));
    findings.extend(
        missing.map(|folder| Finding::new(DOCUMENT, 1, RULE, format!("say what crates/{folder} is for"))),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::{
        super::tree::{Package, SourceFile},
        *,
    };

    #[test]
    fn the_document_names_exactly_the_crates() {
        let package = |folder: &str| Package {
            name: format!("virga-{folder}"),
            manifest: format!("crates/{folder}/Cargo.toml"),
            dependencies: Vec::new(),
        };
        let cases = [
            (Some("`crates/store` keeps, `crates/svc-sqs` queues"), 0),
            (Some("`crates/store` keeps"), 1),
            (Some("`crates/store`, `crates/svc-sqs`, `crates/attic`"), 1),
            (None, 1),
        ];
        for (text, expected) in cases {
            let files = text.map(|text| SourceFile { path: DOCUMENT.to_owned(), text: text.to_owned() });
            let tree = Tree {
                files: files.into_iter().collect(),
                packages: vec![package("store"), package("svc-sqs")],
            };
            assert_eq!(check(&tree).len(), expected, "{text:?}");
        }
    }
}
