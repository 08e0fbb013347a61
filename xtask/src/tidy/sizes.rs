//! Sizes of files and crates. Past a bar, look for the missing concept instead of cutting at a line number.

use std::collections::BTreeMap;

use super::{
    finding::Finding,
    tree::{SourceFile, Tree},
};

const RULE: &str = "sizes";

/// Lines of a file, without its tests.
const FILE_BAR: usize = 600;
/// Lines of a file that is all tests.
const TEST_FILE_BAR: usize = 900;
/// Lines of `lib.rs` and `mod.rs`, which only list and explain.
const LISTING_BAR: usize = 79;
/// Lines of a crate, without its tests.
const CRATE_BAR: usize = 15_000;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree.files.iter().filter_map(check_file).collect();
    let mut crates = BTreeMap::<&str, usize>::new();
    for file in tree.files.iter().filter(|file| file.is_rust() && !file.is_test()) {
        if let Some((folder, _)) = file.path.split_once("/src/") {
            *crates.entry(folder).or_default() += file.code_length();
        }
    }
    findings.extend(crates.iter().filter(|(_, lines)| **lines > CRATE_BAR).map(|(folder, lines)| {
        let advice = format!("{lines} lines, the bar is {CRATE_BAR}: split by resource family");
        Finding::new(&format!("{folder}/Cargo.toml"), 1, RULE, advice)
    }));
    findings
}

fn check_file(file: &SourceFile) -> Option<Finding> {
    if !file.is_rust() && !file.path.ends_with(".py") {
        return None;
    }
    let lines = file.code_length();
    let bar = if matches!(file.name(), "lib.rs" | "mod.rs") {
        LISTING_BAR
    } else if file.is_test() {
        TEST_FILE_BAR
    } else {
        FILE_BAR
    };
    let advice = format!("{lines} lines, the bar is {bar}: find the missing concept and give it a file");
    (lines > bar).then(|| Finding::new(&file.path, bar + 1, RULE, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_past_its_bar_is_a_finding() {
        let cases = [
            ("crates/x/src/queue.rs", 600, 0),
            ("crates/x/src/queue.rs", 601, 1),
            ("crates/x/src/lib.rs", 79, 0),
            ("crates/x/src/lib.rs", 80, 1),
            ("crates/x/src/rules/mod.rs", 80, 1),
            ("crates/x/tests/it/queue.rs", 900, 0),
            ("crates/x/tests/it/queue.rs", 901, 1),
            ("docs/guide.md", 5_000, 0),
        ];
        for (path, lines, expected) in cases {
            let file = SourceFile { path: path.to_owned(), text: "\n".repeat(lines) };
            assert_eq!(check_file(&file).iter().count(), expected, "{path} of {lines} lines");
        }
    }

    #[test]
    fn tests_at_the_end_do_not_count() {
        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(600), "\n".repeat(600));
        assert_eq!(check_file(&SourceFile { path: "crates/x/src/queue.rs".to_owned(), text }), None);
    }

    #[test]
    fn a_crate_past_its_bar_is_a_finding() {
        let files = (0..26)
            .map(|number| SourceFile { path: format!("crates/x/src/f{number}.rs"), text: "\n".repeat(590) });
        let findings = check(&Tree { files: files.collect(), packages: Vec::new() });
        assert_eq!(findings.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["crates/x/Cargo.toml"]);
    }
}
