//! `xtask models`: compacts the API models of a pinned botocore package into `models/`.
//!
//! One JSON file per service, one operation or shape per line, so that an update reads as a diff. Prose is
//! dropped. SQS was once described for the query protocol only and is now described for JSON only, although
//! AWS serves both; its query names and error codes are taken from an older pin and stored as `queryName` and
//! `error`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::{process, python, s3_documents};

/// The release whose models are the truth.
const BOTOCORE: &str = "1.43.11";
/// The last line of releases that described SQS by the query protocol.
const BOTOCORE_QUERY_SQS: &str = "1.29.165";

/// Every service that virga answers for, by botocore's folder name.
pub(crate) const SERVICES: &[&str] = &[
    "acm",
    "apigateway",
    "apigatewaymanagementapi",
    "apigatewayv2",
    "application-autoscaling",
    "appsync",
    "athena",
    "autoscaling",
    "cloudcontrol",
    "cloudformation",
    "cloudfront",
    "cloudfront-keyvaluestore",
    "cloudtrail",
    "cloudwatch",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codeconnections",
    "codedeploy",
    "codeguru-reviewer",
    "codeguruprofiler",
    "codepipeline",
    "codestar-notifications",
    "cognito-identity",
    "cognito-idp",
    "cognito-sync",
    "dax",
    "directconnect",
    "ds",
    "dynamodb",
    "dynamodbstreams",
    "ebs",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elb",
    "elbv2",
    "events",
    "firehose",
    "glue",
    "iam",
    "kinesis",
    "kinesisanalyticsv2",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "pipes",
    "rbin",
    "rds",
    "rds-data",
    "resourcegroupstaggingapi",
    "route53",
    "route53domains",
    "route53resolver",
    "s3",
    "s3control",
    "s3tables",
    "savingsplans",
    "scheduler",
    "schemas",
    "secretsmanager",
    "serverlessrepo",
    "service-quotas",
    "ses",
    "sesv2",
    "shield",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "wafv2",
    "xray",
];

/// Members of the models that are prose or concern only the client's endpoint choice.
const DROPPED: &[&str] = &[
    "documentation",
    "documentationUrl",
    "deprecatedMessage",
    "deprecatedSince",
    "contextParam",
    "staticContextParams",
    "operationContextParams",
    "endpointdiscovery",
    "endpointoperation",
    "deprecated",
];

/// SQS's query codes of the errors that came after its move to JSON.
/// Source: the "Errors" sections of the Amazon SQS API reference.
const SQS_ERROR_CODES: &[(&str, &str)] = &[
    ("KmsAccessDenied", "KMS.AccessDeniedException"),
    ("KmsDisabled", "KMS.DisabledException"),
    ("KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException"),
    ("KmsInvalidState", "KMS.InvalidStateException"),
    ("KmsNotFound", "KMS.NotFoundException"),
    ("KmsOptInRequired", "KMS.OptInRequired"),
    ("KmsThrottled", "KMS.ThrottlingException"),
];

/// Compacts the API models of the pinned botocore package into models/.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only report what would change.
    #[arg(long)]
    check: bool,
}

/// Rewrites `models/` from the pinned packages, or with `--check` only reports what would change.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let check = args.check;
    let root = process::root();
    let scratch = root.join("target/botocore");
    let data = unpack(&scratch, BOTOCORE)?;
    let query_sqs = unpack(&scratch, BOTOCORE_QUERY_SQS)?;
    let mut stale = Vec::new();
    for name in SERVICES {
        let mut service = compact(&data, name)?;
        if *name == "sqs" {
            add_query_names(
                &mut service,
                &read_model(&query_sqs, name, "service-2")?.context("no query model of sqs")?,
            );
        }
        let path = root.join("models").join(format!("{name}.json"));
        let text = print(&service)?;
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(path.display().to_string());
        } else {
            std::fs::write(&path, text)?;
        }
    }
    if stale.is_empty() { Ok(()) } else { bail!("out of date: {}", stale.join(", ")) }
}

/// Unpacks the data folder of our services once.
fn unpack(scratch: &Path, version: &str) -> anyhow::Result<PathBuf> {
    let target = scratch.join(version);
    if target.exists() {
        return Ok(target);
    }
    let wheel = std::fs::File::open(python::wheel("botocore", version)?)?;
    let mut archive = zip::ZipArchive::new(wheel)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let Some(path) = entry.enclosed_name() else { continue };
        let Ok(path) = path.strip_prefix("botocore/data").map(Path::to_path_buf) else { continue };
        let ours =
            path.iter().next().and_then(|name| name.to_str()).is_some_and(|name| SERVICES.contains(&name));
        if ours && entry.is_file() {
            let out = target.join(path);
            std::fs::create_dir_all(out.parent().unwrap_or(&target))?;
            std::io::copy(&mut entry, &mut std::fs::File::create(out)?)?;
        }
    }
    Ok(target)
}

/// Reads `kind` (say `service-2`) of the newest API version, plain or gzipped.
fn read_model(data: &Path, name: &str, kind: &str) -> anyhow::Result<Option<Value>> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir(data.join(name))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    versions.sort();
    let folder = versions.pop().context("a service without versions")?;
    let plain = folder.join(format!("{kind}.json"));
    let packed = folder.join(format!("{kind}.json.gz"));
    let mut text = String::new();
    if plain.exists() {
        text = std::fs::read_to_string(plain)?;
    } else if packed.exists() {
        flate2::read::GzDecoder::new(std::fs::File::open(packed)?).read_to_string(&mut text)?;
    } else {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&text)?))
}

fn compact(data: &Path, name: &str) -> anyhow::Result<Map<String, Value>> {
    let model = read_model(data, name, "service-2")?.with_context(|| format!("no model of {name}"))?;
    let mut service = Map::new();
    service.insert("source".into(), json!(format!("botocore {BOTOCORE}")));
    for part in ["metadata", "operations", "shapes"] {
        service.insert(part.into(), without_prose(&model[part]));
    }
    for (kind, part) in [("paginators-1", "pagination"), ("waiters-2", "waiters")] {
        let entries = read_model(data, name, kind)?.map_or(json!({}), |extra| without_prose(&extra[part]));
        service.insert(part.into(), entries);
    }
    if name == "s3" {
        s3_documents::add_names(&mut service);
    }
    Ok(service)
}

/// Drops prose. A structure may well have a member called `documentation`: only strings of that name and
/// context parameters are dropped, never the members of a shape.
fn without_prose(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, value)| !DROPPED.contains(&key.as_str()) || is_member(value))
            .map(|(key, value)| (key.clone(), without_prose(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_prose).collect(),
        other => other.clone(),
    }
}

fn is_member(value: &Value) -> bool {
    value.get("shape").is_some()
}

/// Takes the names on the wire and the error codes of the query protocol from the older model.
fn add_query_names(service: &mut Map<String, Value>, query: &Value) {
    service["metadata"]["protocols"] = json!(["json", "query"]);
    service["metadata"]["xmlNamespace"] = query["metadata"]["xmlNamespace"].clone();
    for operation in service["operations"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        let name = operation["name"].as_str().unwrap_or_default().to_owned();
        if !operation["output"].is_null() {
            operation["output"]["resultWrapper"] = json!(format!("{name}Result"));
        }
    }
    for (name, shape) in service["shapes"].as_object_mut().into_iter().flatten() {
        let old = &query["shapes"][name];
        if let Some((_, code)) = SQS_ERROR_CODES.iter().find(|(shape, _)| shape == name) {
            shape["error"] = json!({ "code": code, "httpStatusCode": 400, "senderFault": true });
        } else if old["error"].is_object() {
            shape["error"] = old["error"].clone();
        }
        for part in ["member", "key", "value"] {
            copy_query_name(&mut shape[part], &old[part], query);
        }
        for (member, target) in shape["members"].as_object_mut().into_iter().flatten() {
            copy_query_name(target, &old["members"][member], query);
        }
        if let Value::Object(shape) = shape {
            shape.retain(|_, value| !value.is_null());
        }
    }
}

/// A name on a shape counts for every member of that shape that has none of its own.
fn copy_query_name(member: &mut Value, old: &Value, query: &Value) {
    let shape = old["shape"].as_str().unwrap_or_default();
    let name = old.get("locationName").or_else(|| query["shapes"][shape].get("locationName"));
    if let (Some(name), true) = (name, member.is_object()) {
        member["queryName"] = name.clone();
    }
}

/// Prints one entry per line.
fn print(service: &Map<String, Value>) -> anyhow::Result<String> {
    let mut text = String::from("{\n");
    for (index, (part, value)) in service.iter().enumerate() {
        let comma = if index + 1 == service.len() { "" } else { "," };
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                writeln!(text, "{}:{{", json!(part))?;
                // Sorted, so that the order of a new release is no difference.
                let entries: BTreeMap<_, _> = entries.iter().collect();
                let lines: Vec<String> =
                    entries.iter().map(|(name, entry)| format!("{}:{entry}", json!(name))).collect();
                writeln!(text, "{}\n}}{comma}", lines.join(",\n"))?;
            }
            other => writeln!(text, "{}:{other}{comma}", json!(part))?,
        }
    }
    text.push_str("}\n");
    Ok(text)
}
