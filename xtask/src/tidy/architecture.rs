//! ARCHITECTURE.md names the crates that exist, all of them and no others.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use super::{finding::Finding, tree::Tree};

const RULE: &str = "architecture";
const DOCUMENT: &str = "ARCHITECTURE.md";

/// A row of the table of crates begins with the crate's name.
static ROW: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\| `([a-z0-9-]+)` \|").expect("the pattern is fixed"));

/// Anywhere else, what looks like a crate's name is one.
static CRATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"`(virga-[a-z0-9-]+)`").expect("the pattern is fixed"));

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, "write it: the floors, and what lives in which crate")];
    };
    let crates: BTreeSet<&str> = tree.packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    let mut rows = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let row = ROW.captures(line).and_then(|row| row.get(1)).map(|name| name.as_str());
        rows.extend(row);
        let mentioned = CRATE.captures_iter(line).filter_map(|name| name.get(1)).map(|name| name.as_str());
        let named: BTreeSet<&str> = row.into_iter().chain(mentioned).collect();
        let unknown = named.difference(&crates);
        findings.extend(
            unknown.map(|name| Finding::new(DOCUMENT, number, RULE, format!("there is no crate {name}"))),
        );
    }
    let missing = crates.difference(&rows);
    findings.extend(missing.map(|name| {
        Finding::new(DOCUMENT, 1, RULE, format!("give {name} a row in the table of crates: what it is for"))
    }));
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
            (Some("| `virga-store` | keeps |\n| `virga-svc-sqs` | queues |\nSee `virga-store`."), 0),
            (Some("| `virga-store` | keeps |\nThe `virga-svc-sqs` queues."), 1),
            (Some("| `virga-store` | a |\n| `virga-svc-sqs` | b |\n| `virga-attic` | c |"), 1),
            (Some("| `virga-store` | a |\n| `virga-svc-sqs` | b |\nOr `virga-attic`."), 1),
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
