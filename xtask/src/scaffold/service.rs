//! `cargo xtask new-service`: a crate for an AWS service, and its place in the workspace and the composition root.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::{
    model::Model,
    template::{fill, snake},
};
use crate::process;

/// Writes the crate of an AWS service that has none yet.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The service, as the files in models/ are named: `sns`.
    service: String,
}

/// The files of a new crate.
const FILES: [(&str, &str); 7] = [
    ("Cargo.toml", include_str!("../../templates/Cargo.toml.txt")),
    ("src/lib.rs", include_str!("../../templates/lib.rs.txt")),
    ("src/operations.rs", include_str!("../../templates/operations.rs.txt")),
    ("src/error.rs", include_str!("../../templates/error.rs.txt")),
    ("src/keys.rs", include_str!("../../templates/keys.rs.txt")),
    ("src/records.rs", include_str!("../../templates/records.rs.txt")),
    ("src/access.rs", include_str!("../../templates/access.rs.txt")),
];

pub(crate) fn run(args: &Args) -> Result<()> {
    let (root, service) = (process::root(), &args.service);
    let model = Model::of_service(service)?;
    let folder = root.join(format!("crates/svc-{service}"));
    ensure!(!folder.exists(), "{} exists already", folder.display());
    let module = snake(service);
    let values = [
        ("service", service.as_str()),
        ("module", &module),
        ("title", model.title()),
        ("prefix", model.action_prefix()),
    ];
    for (path, template) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, fill(template, &values))?;
    }
    println!("written: crates/svc-{service}");
    let dependency = format!("virga-svc-{service} = {{ path = \"crates/svc-{service}\" }}");
    edit(&root.join("Cargo.toml"), "virga-svc-", &dependency)?;
    let dependency = format!("virga-svc-{service} = {{ workspace = true }}");
    edit(&root.join("crates/virga/Cargo.toml"), "virga-svc-", &dependency)?;
    compose(&root, &format!("&virga_svc_{module}::SERVICE"))?;
    println!("next: say in ARCHITECTURE.md what crates/svc-{service} is for, then");
    println!("      cargo xtask new-operation {service} <Operation>");
    Ok(())
}

/// Adds the service to the array in the composition root.
fn compose(root: &Path, service: &str) -> Result<()> {
    let path = root.join("crates/virga/src/services.rs");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let changed = with_service(&text, service).with_context(|| {
        format!("no array of services in {}: add `{service}` where it is", path.display())
    })?;
    fs::write(&path, changed)?;
    process::run("format", process::cargo().args(["fmt", "--package", "virga"]))?;
    println!("changed: {}", path.display());
    Ok(())
}

/// Adds an element to the sorted array `SERVICES`, in whatever lines it stands.
fn with_service(text: &str, service: &str) -> Option<String> {
    let start = text.find("SERVICES:")?;
    let open = start + text[start..].find("= &[")? + "= &[".len();
    let close = open + text[open..].find(']')?;
    let mut services: Vec<&str> =
        text[open..close].split(',').map(str::trim).filter(|service| !service.is_empty()).collect();
    services.push(service);
    services.sort_unstable();
    Some(format!("{}\n    {},\n{}", &text[..open], services.join(",\n    "), &text[close..]))
}

/// Adds a line among its neighbours, or says that this is left to do.
fn edit(path: &Path, neighbour: &str, line: &str) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let Some(changed) = insert_sorted(&text, neighbour, line) else {
        println!("add `{line}` to {}", path.display());
        return Ok(());
    };
    fs::write(path, changed)?;
    println!("changed: {}", path.display());
    Ok(())
}

fn is_listed(line: &str, neighbour: &str) -> bool {
    line.trim_start().starts_with(neighbour)
}

/// Adds a line among those that begin alike, in their order and with their indentation.
fn insert_sorted(text: &str, neighbour: &str, line: &str) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let alike: Vec<usize> = (0..lines.len()).filter(|index| is_listed(&lines[*index], neighbour)).collect();
    let after = alike.iter().rev().find(|index| lines[**index].trim_start() < line);
    let position = after.map_or_else(|| alike.first().copied(), |index| Some(index + 1))?;
    let model = &lines[*alike.first()?];
    let indentation = model[..model.len() - model.trim_start().len()].to_owned();
    lines.insert(position, indentation + line);
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_inserted_in_order() {
        let text = "[dependencies]\nvirga-svc-iam = {}\nvirga-svc-sqs = {}\n";
        let cases = [("virga-svc-acm = {}", 1), ("virga-svc-kms = {}", 2), ("virga-svc-sts = {}", 3)];
        for (line, position) in cases {
            let changed = insert_sorted(text, "virga-svc-", line).expect("the text has a list");
            assert_eq!(changed.lines().nth(position), Some(line));
            assert_eq!(changed.lines().count(), 4);
        }
        assert_eq!(insert_sorted("[dependencies]\n", "virga-svc-", "virga-svc-acm = {}"), None);
    }

    #[test]
    fn services_are_composed_in_order() {
        let sorted = "static SERVICES: &[&Service] = &[\n    &a::SERVICE,\n    &b::SERVICE,\n];\n";
        let cases = [
            ("static SERVICES: &[&Service] = &[&a::SERVICE];\n", "&b::SERVICE"),
            ("static SERVICES: &[&Service] = &[\n    &b::SERVICE,\n];\n", "&a::SERVICE"),
        ];
        for (text, service) in cases {
            assert_eq!(with_service(text, service).as_deref(), Some(sorted), "{text}");
        }
        assert_eq!(with_service("fn main() {}\n", "&a::SERVICE"), None);
    }

    #[test]
    fn no_placeholder_is_left_in_a_new_crate() {
        let values = [("service", "s"), ("module", "m"), ("title", "t"), ("prefix", "p")];
        for (path, template) in FILES {
            let text = fill(template, &values);
            for (name, _) in values {
                assert!(!text.contains(&format!("{{{name}}}")), "{path}");
            }
        }
    }
}
