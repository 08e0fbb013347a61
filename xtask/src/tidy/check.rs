//! Runs every rule over the tree and weighs the findings against the exceptions.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{
    architecture, attributes, decisions, finding::Finding, heads, keys, layers, names, sizes, tree::Tree,
    words,
};

/// Checks the rules of the house: layers, sizes, names, words, documentation.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// The exceptions, relative to the repository's root: one `rule path` per line.
const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";

/// How many exceptions there are. The list may only shrink: lower this with every line that goes.
const EXCEPTION_COUNT: usize = 0;

/// Every rule.
const RULES: [fn(&Tree) -> Vec<Finding>; 9] = [
    layers::check,
    sizes::check,
    heads::check,
    names::check,
    words::check,
    attributes::check,
    keys::check,
    architecture::check,
    decisions::check,
];

/// Prints what breaks a rule; an error when anything does.
pub(crate) fn run(_args: &Args) -> Result<()> {
    println!("==> tidy");
    let findings = findings(&Tree::read()?);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("tidy: {count} findings"),
    }
}

/// What breaks a rule and is not excepted, and exceptions that nothing needs.
fn findings(tree: &Tree) -> Vec<Finding> {
    let all: BTreeSet<Finding> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    except(all, tree.text(EXCEPTIONS).unwrap_or_default(), EXCEPTION_COUNT)
}

fn except(all: BTreeSet<Finding>, exceptions: &str, expected_count: usize) -> Vec<Finding> {
    let entries: Vec<(usize, &str, &str)> = (1..)
        .zip(exceptions.lines())
        .filter(|(_, line)| !line.starts_with('#'))
        .filter_map(|(number, line)| line.split_once(' ').map(|(rule, path)| (number, rule, path.trim())))
        .collect();
    let covers = |finding: &Finding, rule: &str, path: &str| finding.rule == rule && finding.path == path;
    let unused =
        entries.iter().filter(|(_, rule, path)| !all.iter().any(|finding| covers(finding, rule, path)));
    let mut findings: Vec<Finding> = unused
        .map(|(number, ..)| {
            Finding::new(EXCEPTIONS, *number, "exceptions", "nothing needs this line: delete it")
        })
        .collect();
    if entries.len() != expected_count {
        let advice = format!(
            "the list may only shrink: {} lines, but EXCEPTION_COUNT in xtask/src/tidy/check.rs says {expected_count}",
            entries.len()
        );
        findings.push(Finding::new(EXCEPTIONS, 1, "exceptions", advice));
    }
    let excepted = |finding: &Finding| entries.iter().any(|(_, rule, path)| covers(finding, rule, path));
    findings.extend(all.into_iter().filter(|finding| !excepted(finding)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let tree = Tree::read().expect("the repository can be read");
        let report: Vec<String> = findings(&tree).iter().map(ToString::to_string).collect();
        assert!(report.is_empty(), "{}", report.join("\n"));
    }

    #[test]
    fn an_exception_covers_its_rule_and_path_only() {
        let all = BTreeSet::from([
            Finding::new("a.rs", 1, "sizes", "shorten"),
            Finding::new("a.rs", 2, "words", "reword"),
            Finding::new("b.rs", 1, "sizes", "shorten"),
        ]);
        let left = except(all, "# why\nsizes a.rs\n", 1);
        assert_eq!(
            left.iter().map(|f| (f.path.as_str(), f.rule)).collect::<Vec<_>>(),
            [("a.rs", "words"), ("b.rs", "sizes")]
        );
    }

    #[test]
    fn an_exception_that_nothing_needs_is_a_finding() {
        let left = except(BTreeSet::new(), "sizes a.rs\n", 1);
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].path.as_str(), left[0].line), (EXCEPTIONS, 1));
    }

    #[test]
    fn the_list_does_not_grow() {
        let all = BTreeSet::from([Finding::new("a.rs", 1, "sizes", "shorten")]);
        assert_eq!(except(all, "sizes a.rs\n", 0).len(), 1);
    }
}
