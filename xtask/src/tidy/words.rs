//! Words that age: notes to oneself, campaigns, reviews, dates, the paths of one machine. This file and its
//! neighbours are the only ones that may spell them.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    finding::Finding,
    tree::{SourceFile, Tree},
};

const RULE: &str = "words";

/// Pattern and what to do.
const BANNED: [(&str, &str); 8] = [
    (r"^(<{7}|>{7}) ", "resolve the conflict"),
    (r"\b(TODO|FIXME|XXX|HACK|WIP)\b", "do it, or refuse it by name and say so in the coverage"),
    (
        r"(?i-u)\b(round|wave|sprint|milestone) #?\d+\b",
        "write for a reader who never saw the change: no campaigns",
    ),
    (
        r"(?i-u)\b(bug ?fix:|review (comment|finding)|as discussed|in this pr\b)",
        "write what is, not how it came about",
    ),
    (
        r"(?i-u)\b(split out of|moved (here )?from|renamed from|copied from)\b",
        "write what lives here, not where it was",
    ),
    (r"(?i-u)\b(previous|earlier|last) session\b", "write for a reader who never saw the change"),
    (r"(^|[^\w./])/(work|Users|root|home/\w+)/", "no absolute path of somebody's machine"),
    (r"^\s*(//[/!]?|#) .*\b(on|since|until|of) 20[2-9]\d-\d\d-\d\d\b", "no dates: the history has them"),
];

/// Data that we do not write ourselves, the exceptions, and this folder, which must name what it looks for.
const NOT_OURS: [&str; 5] =
    ["models/", "conformance/recordings/", "xtask/src/tidy/", "xtask/tidy-exceptions.txt", "fuzz/corpus/"];

const ENDINGS: [&str; 8] = [".rs", ".md", ".toml", ".py", ".sh", ".yml", ".tf", ".ci/run"];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    BANNED
        .iter()
        .map(|(pattern, advice)| (Regex::new(pattern).expect("the patterns are fixed"), *advice))
        .collect()
});

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| ENDINGS.iter().any(|ending| file.path.ends_with(ending)))
        .filter(|file| !NOT_OURS.iter().any(|start| file.path.starts_with(start)))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.numbered_lines() {
        for (pattern, advice) in PATTERNS.iter() {
            if let Some(found) = pattern.find(line) {
                let advice = format!("`{}`: {advice}", found.as_str().trim());
                findings.push(Finding::new(&file.path, number, RULE, advice));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_age_are_findings() {
        let cases = [
            ("// TODO: later", 1),
            (concat!("<<<<", "<<< main"), 1),
            ("// Bug fix: validate after lookup (round 3)", 2),
            ("//! Queue functions, split out of service.rs", 1),
            ("let path = \"/home/ann/virga\";", 1),
            ("// Measured on 2026-11-22.", 1),
            ("// SQS reports an unknown queue before it looks at the tags.", 0),
            ("let version = \"2012-11-05\";", 0),
            ("// a method of todo lists, hacky or not", 0),
            ("PUT https://example.com/home/index.html", 0),
            ("// 200 rounds of 5", 0),
        ];
        for (line, expected) in cases {
            let file = SourceFile { path: "crates/x/src/queue.rs".to_owned(), text: line.to_owned() };
            assert_eq!(check_file(&file).len(), expected, "{line}");
        }
    }
}
