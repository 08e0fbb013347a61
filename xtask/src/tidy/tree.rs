//! The tree that the rules look at: the text files git knows or would add, and the packages of the workspace.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::process;

/// A text file of the repository.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Relative to the repository's root.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        ["tests", "conformance"].iter().any(|folder| self.path.split('/').any(|part| part == *folder))
    }

    /// The lines with their numbers, up to the test module at the end of a Rust file.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbered_lines().take(self.code_length())
    }

    /// The lines with their numbers that are test code.
    pub(crate) fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let skipped = if self.is_test() { 0 } else { self.code_length() };
        self.numbered_lines().skip(skipped)
    }

    /// All lines with their numbers.
    pub(crate) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The number of lines before the test module.
    pub(crate) fn code_length(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0].starts_with("#[cfg(test)]") && (pair[1].starts_with("mod ") || pair[1].starts_with("#["))
        });
        tests.unwrap_or(lines.len())
    }
}

/// A package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its manifest, relative to the repository's root.
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a package needs.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Only its tests need it.
    pub(crate) for_tests: bool,
}

/// Everything the rules look at.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) packages: Vec<Package>,
}

impl Tree {
    /// Reads the tree of the repository.
    pub(crate) fn read() -> Result<Self> {
        let root = process::root();
        let list = process::output(
            "files of the repository",
            process::command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]),
        )?;
        // What is no text is no concern of these rules; a file just deleted is still listed by git.
        let files = list
            .lines()
            .filter_map(|path| {
                Some(SourceFile { path: path.to_owned(), text: fs::read_to_string(root.join(path)).ok()? })
            })
            .collect();
        Ok(Self { files, packages: read_packages(&root)? })
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

fn read_packages(root: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata of the workspace")?;
    let packages = metadata.packages.iter().map(|package| Package {
        name: package.name.to_string(),
        manifest: package
            .manifest_path
            .strip_prefix(root)
            .map_or_else(|_| package.manifest_path.to_string(), ToString::to_string),
        dependencies: package
            .dependencies
            .iter()
            .map(|dependency| Dependency {
                name: dependency.name.clone(),
                for_tests: dependency.kind == DependencyKind::Development,
            })
            .collect(),
    });
    Ok(packages.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_modules_at_the_end_are_no_code() {
        let text = "//! Head.\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n".to_owned();
        let file = SourceFile { path: "crates/x/src/f.rs".to_owned(), text };
        assert_eq!(file.code_length(), 3);
        assert_eq!(file.test_lines().count(), 3);
        assert_eq!(file.code_lines().last(), Some((3, "")));
    }
}
