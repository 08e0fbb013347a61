//! Attributes and calls that hide something: silenced lints, tests that do not run, tests that wait.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    finding::Finding,
    tree::{SourceFile, Tree},
};

const RULE: &str = "attributes";

static ALLOW: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*#!?\[(cfg_attr\(.*, ?)?allow\(").expect("the pattern is fixed"));
static NOT_RUN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*#\[(ignore|should_panic)\b").expect("the pattern is fixed"));
static SLEEP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(thread|time)::sleep\(").expect("the pattern is fixed"));

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| file.is_rust()).flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |number, advice| findings.push(Finding::new(&file.path, number, RULE, advice));
    for (number, line) in file.numbered_lines() {
        if ALLOW.is_match(line) {
            report(number, "silence a lint with `#[expect(lint, reason = \"...\")]`");
        }
        if NOT_RUN.is_match(line) {
            report(
                number,
                "every test runs and asserts; a known wrong answer is asserted as wrong, with the reason",
            );
        }
    }
    for (number, _) in file.test_lines().filter(|(_, line)| SLEEP.is_match(line)) {
        report(number, "no sleeps in tests: take the virtual clock, or wait for the event");
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiding_attributes_and_sleeps_are_findings() {
        let cases = [
            ("#[allow(dead_code)]", 1),
            ("    #![allow(dead_code)]", 1),
            ("#[cfg_attr(test, allow(dead_code))]", 1),
            ("#[expect(dead_code, reason = \"why\")]", 0),
            ("#[ignore]", 1),
            ("#[should_panic(expected = \"x\")]", 1),
            ("#[cfg(test)]\nmod tests {\n    std::thread::sleep\u{28}d);", 1),
            ("tokio::time::sleep\u{28}d).await;", 0),
        ];
        for (text, expected) in cases {
            let file = SourceFile { path: "crates/x/src/queue.rs".to_owned(), text: text.to_owned() };
            assert_eq!(check_file(&file).len(), expected, "{text}");
        }
    }
}
