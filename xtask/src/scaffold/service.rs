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
    compose(&root, &format!("&virga_svc_{module}::SERVICE,"))?;
    println!("next: say in ARCHITECTURE.md what crates/svc-{service} is for, then");
    println!("      cargo xtask new-operation {service} <Operation>");
    Ok(())
}

/// Adds the service to the array in the composition root.
fn compose(root: &Path, line: &str) -> Result<()> {
    let folder = root.join("crates/virga/src");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let lists_services = fs::read_to_string(&path)
            .is_ok_and(|text| text.lines().any(|line| is_listed(line, "&virga_svc_")));
        if lists_services {
            return edit(&path, "&virga_svc_", line);
        }
    }
    println!("add `{line}` where the services are composed");
    Ok(())
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
        let text = "[\n    &virga_svc_iam::SERVICE,\n    &virga_svc_sqs::SERVICE,\n]\n";
        let cases = [
            ("&virga_svc_acm::SERVICE,", 1),
            ("&virga_svc_kms::SERVICE,", 2),
            ("&virga_svc_sts::SERVICE,", 3),
        ];
        for (line, position) in cases {
            let changed = insert_sorted(text, "&virga_svc_", line).expect("the text has a list");
            assert_eq!(changed.lines().nth(position), Some(format!("    {line}").as_str()));
            assert_eq!(changed.lines().count(), 5);
        }
        assert_eq!(insert_sorted("[]\n", "&virga_svc_", "&virga_svc_acm::SERVICE,"), None);
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
