//! `cargo xtask new-operation`: a line in the service's list and a handler that refuses until it is written.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::{
    model::Model,
    template::{fill, snake},
};
use crate::process;

/// Adds an operation to a service: its line in the list and the beginning of its handler.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The service: `sqs`.
    service: String,
    /// The operation, as the model names it: `CreateQueue`.
    operation: String,
    /// The AWS resource whose file takes the handler; by default the last word of the operation, in the singular.
    #[arg(long)]
    resource: Option<String>,
    /// How the handler runs; by default it reads when the operation's name says so, and writes otherwise.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

/// How a handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Read,
    Write,
    Wait,
}

impl Kind {
    fn of_operation(operation: &str) -> Self {
        let reads = ["Get", "List", "Describe", "Head", "BatchGet", "Lookup", "Search"];
        if reads.iter().any(|verb| operation.starts_with(verb)) { Self::Read } else { Self::Write }
    }

    fn keyword(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Wait => "wait",
        }
    }

    fn transaction(self) -> &'static str {
        if self == Self::Read { "&Read" } else { "&mut Write" }
    }

    fn transaction_type(self) -> &'static str {
        if self == Self::Read { "Read" } else { "Write" }
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    Model::of_service(&args.service)?.require_operation(&args.operation)?;
    let source = process::root().join(format!("crates/svc-{}/src", args.service));
    ensure!(source.is_dir(), "no crate of the service: cargo xtask new-service {}", args.service);
    let kind = args.kind.unwrap_or_else(|| Kind::of_operation(&args.operation));
    let resource = args.resource.clone().unwrap_or_else(|| resource_of(&args.operation));

    let list = source.join("operations.rs");
    let text = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let line = format!("{} {} => {resource}::{};", kind.keyword(), args.operation, snake(&args.operation));
    fs::write(&list, with_operation(&with_module(&text, &resource), &args.operation, &line)?)?;

    let file = source.join(format!("{resource}.rs"));
    if !file.exists() {
        declare_module(&source.join("lib.rs"), &resource)?;
    }
    let text = fs::read_to_string(&file).unwrap_or_else(|_| head(&args.service, &resource));
    let text = with_import(&with_import(&text, "Fault"), kind.transaction_type());
    fs::write(&file, with_handler(&text, &handler(&args.operation, kind)))?;
    let package = format!("virga-svc-{}", args.service);
    process::run("format", process::cargo().args(["fmt", "--package", &package]))?;
    println!("changed: {}", list.display());
    println!("handler: {}", file.display());
    println!("next: write it, and its test in crates/svc-{}/tests/it/{resource}.rs", args.service);
    Ok(())
}

/// `DeleteQueue` and `ListQueues` are of the queue.
fn resource_of(operation: &str) -> String {
    let name = snake(operation);
    let last = name.rsplit('_').next().unwrap_or(&name);
    match last.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => last.strip_suffix('s').filter(|stem| !stem.ends_with('s')).unwrap_or(last).to_owned(),
    }
}

/// Adds the line at the end of the list.
fn with_operation(text: &str, operation: &str, line: &str) -> Result<String> {
    ensure!(!text.contains(&format!(" {operation} =>")), "{operation} is in the list already");
    let end = text.rfind("\n}").context("the list in operations.rs does not end with a brace")?;
    Ok(format!("{}\n    {line}{}", &text[..end], &text[end..]))
}

/// Adds the handler after the last one, before the tests.
fn with_handler(text: &str, handler: &str) -> String {
    match text.find("\n#[cfg(test)]") {
        Some(tests) => format!("{}{handler}{}", &text[..tests], &text[tests..]),
        None => format!("{}\n{handler}", text.trim_end()),
    }
}

fn handler(operation: &str, kind: Kind) -> String {
    let output = format!("api::{operation}Output");
    let answer = if kind == Kind::Wait { format!("virga_kit::Waited<{output}>") } else { output };
    let values = [
        ("operation", operation),
        ("function", &snake(operation)),
        ("transaction", kind.transaction()),
        ("answer", &answer),
    ];
    fill(include_str!("../../templates/handler.rs.txt"), &values)
}

fn head(service: &str, resource: &str) -> String {
    let title = format!("{}{}", resource[..1].to_ascii_uppercase(), &resource[1..]);
    let values = [("resource_title", title.as_str()), ("module", &snake(service))];
    fill(include_str!("../../templates/resource.rs.txt"), &values)
}

/// Names the module that the list's new line needs, before the list.
fn with_module(text: &str, module: &str) -> String {
    let import = format!("use crate::{module};\n");
    match text.find("virga_kit::operations!") {
        Some(list) if !text.contains(&import) => {
            let gap = if text[..list].ends_with(";\n\n") { 1 } else { 0 };
            let (before, after) = text.split_at(list - gap);
            format!("{before}{import}{}{after}", if gap == 0 { "\n" } else { "" })
        }
        _ => text.to_owned(),
    }
}

/// Adds a name to what the file takes from the store. A file that imports otherwise stays as it is.
fn with_import(text: &str, name: &str) -> String {
    const START: &str = "use virga_store::{";
    let Some((before, rest)) = text.split_once(START) else { return text.to_owned() };
    let Some((names, after)) = rest.split_once('}') else { return text.to_owned() };
    let mut names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if !names.contains(&name) {
        names.push(name);
        names.sort_unstable();
    }
    format!("{before}{START}{}}}{after}", names.join(", "))
}

/// Adds the module among the last ones that `lib.rs` declares.
fn declare_module(path: &Path, module: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let declaration = format!("mod {module};");
    let mut lines: Vec<&str> = text.lines().collect();
    let last =
        lines.iter().rposition(|line| line.starts_with("mod ")).context("lib.rs declares no modules")?;
    let group =
        lines[..last].iter().rposition(|line| !line.starts_with("mod ")).map_or(0, |before| before + 1);
    let place = lines[group..=last].iter().position(|line| *line > declaration.as_str());
    lines.insert(place.map_or(last + 1, |place| group + place), &declaration);
    Ok(fs::write(path, lines.join("\n") + "\n")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_belong_to_resources_and_run_as_their_names_say() {
        let cases = [
            ("CreateQueue", "queue", Kind::Write),
            ("ListQueues", "queue", Kind::Read),
            ("PutBucketPolicy", "policy", Kind::Write),
            ("ListPolicies", "policy", Kind::Read),
            ("DescribeAddress", "address", Kind::Read),
        ];
        for (operation, resource, kind) in cases {
            assert_eq!((resource_of(operation).as_str(), Kind::of_operation(operation)), (resource, kind));
        }
    }

    #[test]
    fn an_operation_is_listed_once() {
        let list = "//! List.\n\noperations! {\n    static OPERATIONS in api;\n}\n";
        let line = "write CreateQueue => queue::create_queue;";
        let changed = with_operation(list, "CreateQueue", line).expect("the list takes it");
        assert!(changed.ends_with(&format!("in api;\n    {line}\n}}\n")), "{changed}");
        assert!(with_operation(&changed, "CreateQueue", line).is_err());
    }

    #[test]
    fn a_handler_stands_before_the_tests() {
        let handler = handler("CreateQueue", Kind::Write);
        let changed = with_handler("//! Queue.\n\n#[cfg(test)]\nmod tests {}\n", &handler);
        let (function, tests) = (changed.find("fn create_queue("), changed.find("#[cfg(test)]"));
        assert!(function.is_some() && function < tests, "{changed}");
    }

    #[test]
    fn imports_are_added_once() {
        let text = "use virga_store::{Fault, Write};\n";
        assert_eq!(with_import(text, "Write"), text);
        assert_eq!(with_import(text, "Read"), "use virga_store::{Fault, Read, Write};\n");
        let list = "//! List.\n\nvirga_kit::operations! {\n}\n";
        let one = with_module(list, "queue");
        assert_eq!(one, "//! List.\n\nuse crate::queue;\n\nvirga_kit::operations! {\n}\n");
        assert_eq!(with_module(&one, "queue"), one);
        let two = with_module(&one, "tag");
        assert_eq!(two, "//! List.\n\nuse crate::queue;\nuse crate::tag;\n\nvirga_kit::operations! {\n}\n");
    }
}
