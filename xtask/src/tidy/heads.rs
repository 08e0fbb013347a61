//! The head of each file says which concept lives there; `lib.rs` and `mod.rs` hold no logic.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    finding::Finding,
    tree::{SourceFile, Tree},
};

const RULE: &str = "heads";

static LOGIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(pub(\([a-z]+\))? )?((const |async |unsafe )*fn |impl\b)").expect("the pattern is fixed")
});

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| file.is_rust()).flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.text.starts_with("//! ") {
        let advice = "begin the file with `//!`: which concept lives here, and what does not";
        findings.push(Finding::new(&file.path, 1, RULE, advice));
    }
    if matches!(file.name(), "lib.rs" | "mod.rs") {
        let logic = file.code_lines().filter(|(_, line)| LOGIC.is_match(line));
        findings.extend(logic.map(|(number, _)| {
            let advice = format!("{} only lists and explains: give this a file named for it", file.name());
            Finding::new(&file.path, number, RULE, advice)
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_listings() {
        let cases = [
            ("src/queue.rs", "//! Queues.\nfn f() {}\n", 0),
            ("src/queue.rs", "use std::fs;\n", 1),
            ("src/queue.rs", "// Queues.\n", 1),
            ("src/lib.rs", "//! Tour.\nmod queue;\npub static SERVICE: u8 = 1;\n", 0),
            ("src/lib.rs", "//! Tour.\npub(crate) const fn f() {}\n", 1),
            ("src/rules/mod.rs", "//! Rules.\nimpl Queue {\n    fn f() {}\n}\n", 2),
        ];
        for (path, text, expected) in cases {
            let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
            assert_eq!(check_file(&file).len(), expected, "{path}: {text}");
        }
    }
}
