//! Store keys: only `keys.rs` of a service, and its submodules in `keys/`, name key spaces, and no two spaces share a name.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use super::{finding::Finding, tree::Tree};

const RULE: &str = "keys";

static SPACE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\bSpace::new\((?:\s*"([^"]*)")?"#).expect("the pattern is fixed"));

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut named = BTreeMap::<&str, &str>::new();
    for file in
        tree.files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/") && !file.is_test())
    {
        for (number, line) in file.code_lines().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let Some(space) = SPACE.captures(line) else { continue };
            let is_of_keys = file.name() == "keys.rs" || file.path.contains("/src/keys/");
            if file.path.starts_with("crates/svc-") && !is_of_keys {
                findings.push(Finding::new(&file.path, number, RULE, "declare key spaces in keys.rs only"));
            }
            let Some(name) = space.get(1) else { continue };
            if let Some(other) = named.insert(name.as_str(), &file.path) {
                let advice = format!("the key space `{}` exists already in {other}", name.as_str());
                findings.push(Finding::new(&file.path, number, RULE, advice));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{super::tree::SourceFile, *};

    fn findings(files: &[(&str, &str)]) -> usize {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() });
        check(&Tree { files: files.collect(), packages: Vec::new() }).len()
    }

    #[test]
    fn key_spaces_are_declared_once_and_in_keys() {
        let queues = r#"static QUEUES: Space = Space::new("sqs.queue");"#;
        let topics = r#"static TOPICS: Space = Space::new("sns.topic");"#;
        assert_eq!(
            findings(&[("crates/svc-sqs/src/keys.rs", queues), ("crates/svc-sns/src/keys.rs", topics)]),
            0
        );
        assert_eq!(findings(&[("crates/svc-sqs/src/keys/queue.rs", queues)]), 0);
        assert_eq!(findings(&[("crates/svc-sqs/src/queue.rs", queues)]), 1);
        assert_eq!(
            findings(&[("crates/svc-sqs/src/keys.rs", queues), ("crates/kit/src/timer.rs", queues)]),
            1
        );
    }
}
