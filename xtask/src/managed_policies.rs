//! `xtask managed-policies`: the facts of AWS's managed policies (names, paths, versions, dates, documents) from a pinned
//! package, one policy per line, so that an update reads as a diff.

use std::fmt::Write as _;
use std::io::Read as _;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value};

use crate::{process, python};

/// The release of moto that carries the policies as AWS listed them.
const MOTO: &str = "5.2.5";
/// The module that holds them, as JSON within a text.
const MODULE: &str = "moto/iam/aws_managed_policies.py";
/// The members of documents and statements, in the order in which AWS writes them.
const ORDER: &[&str] = &[
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Rewrites crates/svc-iam/data/aws-managed-policies.tsv from the pinned package.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only report what would change.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let policies = download()?;
    let mut text =
        format!("# moto {MOTO}: name, path, default version, created, updated (Unix seconds), document\n");
    let mut names: Vec<&String> = policies.keys().collect();
    names.sort_unstable();
    for name in names {
        writeln!(text, "{}", line(name, &policies[name]).with_context(|| name.clone())?)?;
    }
    let path = process::root().join("crates/svc-iam/data/aws-managed-policies.tsv");
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if args.check {
        bail!("out of date: {}", path.display());
    }
    Ok(std::fs::write(path, text)?)
}

/// Downloads the package once and reads the policies in it.
fn download() -> anyhow::Result<Map<String, Value>> {
    let downloads = process::root().join("target/moto");
    let wheel = downloads.join(format!("moto-{MOTO}-py3-none-any.whl"));
    if !wheel.exists() {
        std::fs::create_dir_all(&downloads)?;
        let status = process::command(python::environment()?)
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(&downloads)
            .arg(format!("moto=={MOTO}"))
            .status()?;
        ensure!(status.success(), "pip could not download moto {MOTO}");
    }
    let mut archive = zip::ZipArchive::new(std::fs::File::open(wheel)?)?;
    let mut module = String::new();
    archive.by_name(MODULE)?.read_to_string(&mut module)?;
    ensure!(!module.contains('\\'), "the text has escapes, which are not undone here");
    let json = module.split("\"\"\"").nth(1).context("the policies are in a text")?;
    Ok(serde_json::from_str(json)?)
}

fn line(name: &str, policy: &Value) -> anyhow::Result<String> {
    let text = |member: &str| policy[member].as_str().with_context(|| format!("no {member}"));
    let version: u16 = text("DefaultVersionId")?.trim_start_matches('v').parse()?;
    let (created, updated) = (seconds(text("CreateDate")?)?, seconds(text("UpdateDate")?)?);
    let document = ordered(&policy["Document"]);
    Ok(format!("{name}\t{}\t{version}\t{created}\t{updated}\t{document}", text("Path")?))
}

/// The value with its members in AWS's order; the others, those of conditions, stay as they are.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let place = |name: &String| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len());
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| place(name));
            members.into_iter().map(|(name, value)| (name.clone(), ordered(value))).collect()
        }
        Value::Array(items) => items.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

/// Unix seconds of `2019-01-23T19:03:45+00:00`.
fn seconds(date: &str) -> anyhow::Result<i64> {
    let numbers: Vec<i64> = date
        .strip_suffix("+00:00")
        .with_context(|| format!("{date} is not in UTC"))?
        .split(['-', 'T', ':'])
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [year, month, day, hour, minute, second] = numbers[..] else { bail!("{date} is no date") };
    // Days since the epoch, counted in years that begin in March so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Ok(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_seconds() {
        for (date, expected) in [
            ("1970-01-01T00:00:00+00:00", 0),
            ("2019-01-23T19:03:45+00:00", 1_548_270_225),
            ("2024-02-29T12:00:00+00:00", 1_709_208_000),
        ] {
            assert_eq!(seconds(date).unwrap(), expected, "{date}");
        }
        assert!(seconds("2019-01-23").is_err());
    }

    #[test]
    fn members_come_in_the_order_of_aws() {
        let value =
            serde_json::json!({"Statement": [{"Effect": "Allow", "Sid": "a"}], "Version": "2012-10-17"});
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow"}]}"#;
        assert_eq!(ordered(&value).to_string(), expected);
    }
}
