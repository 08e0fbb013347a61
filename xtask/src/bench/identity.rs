//! What permissions cost: one authorization by itself, and sends by a user with ten policies against sends with a key
//! that the cloud never issued.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use virga_iam::{
    Caller, Principal,
    evaluation::{AttachedPolicy, PrincipalPolicies, Request, evaluate},
    policy::{Policy, PolicyKind},
};

use super::{
    Options,
    report::{Report, Target, median},
    signed::{Key, REQUESTS, rate_of, signed_requests},
};
use crate::{
    http::{self as wire, Client},
    sqs,
    subject::{Store, Subject},
};

/// Policies of the user: as many as can be attached.
const POLICIES: usize = 10;
/// Length of a policy, in bytes.
const POLICY_BYTES: usize = 2048;
/// Authorizations that are timed together.
const AUTHORIZATIONS: u32 = 20_000;

pub(crate) fn run(binary: &Path, options: &Options) -> Result<()> {
    let micros: Vec<f64> = (0..options.rounds).map(|_| authorization_micros()).collect::<Result<_>>()?;
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Memory, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    let key = user_with_policies(&mut client)?;
    let (mut rates, mut enforced_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("round-{round}"))?;
        let bodies = (0..REQUESTS).map(|number| format!("{number:0200}"));
        let inputs: Vec<Value> =
            bodies.map(|body| json!({ "QueueUrl": queue, "MessageBody": body })).collect();
        let unknown: Vec<Vec<u8>> = inputs.iter().map(|input| sqs::request("SendMessage", input)).collect();
        let enforced = signed_requests(&key, &inputs)?;
        let rate = |requests: &[Vec<u8>]| rate_of(subject.address(), options, requests);
        let (before, with, after) = (rate(&unknown)?, rate(&enforced)?, rate(&unknown)?);
        // The first round warms up.
        if round > 0 {
            let without = f64::midpoint(before, after);
            println!("round {round}: {without:.0}/s with an unknown key, {with:.0}/s verified and enforced");
            rates.push(without);
            enforced_rates.push(with);
            ratios.push(with / without);
        }
    }
    let mut report = Report::new("identity");
    report.row("one authorization, ten policies of 2 KB", median(&micros), "us", Target::AtMost(20.0));
    report.row("SendMessage, unknown key", median(&rates), "req/s", Target::None);
    report.row("SendMessage, verified and enforced", median(&enforced_rates), "req/s", Target::None);
    report.row("enforced to unknown key", median(&ratios), "ratio", Target::AtLeast(0.75));
    report.finish(options.enforce)
}

/// A policy of the usual kind and length: the last of them allows what is asked.
fn policy(number: usize) -> String {
    let mut statements = String::new();
    let mut count = 0;
    while statements.len() < POLICY_BYTES - 300 {
        let separator = if count == 0 { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(
            statements,
            r#"{separator}{{"Sid":"P{number}S{count}","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query","s3:Get*"],"Resource":"arn:aws:dynamodb:us-east-1:*:table/team-{number}-{count}","Condition":{{"StringEquals":{{"aws:RequestedRegion":"us-east-1"}}}}}}"#
        );
        count += 1;
    }
    if number == POLICIES - 1 {
        statements
            .push_str(r#",{"Effect":"Allow","Action":"sqs:Send*","Resource":"arn:aws:sqs:*:*:round-*"}"#);
    }
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

#[expect(clippy::disallowed_methods, reason = "this measures")]
fn authorization_micros() -> Result<f64> {
    let arn = "arn:aws:iam::000000000000:user/ann";
    let identity = (0..POLICIES).map(|number| {
        let parsed = Policy::parse(&policy(number), PolicyKind::Identity)?;
        Ok(AttachedPolicy::new(format!("policy-{number}"), arn, Arc::new(parsed)))
    });
    let policies = PrincipalPolicies { identity: identity.collect::<Result<_>>()?, ..Default::default() };
    let principal = Principal::User { path: "/".into(), name: "ann".into(), id: "AIDAEXAMPLE".into() };
    let caller = Caller { principal, ..Caller::of_unknown_key("test") };
    let queue = "arn:aws:sqs:us-east-1:000000000000:round-1";
    let request = Request::new("sqs:SendMessage", queue, &caller, &policies, &());
    let started = Instant::now();
    for _ in 0..AUTHORIZATIONS {
        let decision = evaluate(std::hint::black_box(&request));
        anyhow::ensure!(decision.is_allowed(), "the last policy allows it");
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(AUTHORIZATIONS))
}

/// A user with ten policies, and an access key of theirs.
fn user_with_policies(client: &mut Client) -> Result<Key> {
    iam(client, "CreateUser", &[("UserName", "ann")])?;
    for number in 0..POLICIES {
        let name = format!("policy-{number}");
        let document = policy(number);
        iam(client, "CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", &document)])?;
        let arn = format!("arn:aws:iam::000000000000:policy/{name}");
        iam(client, "AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", &arn)])?;
    }
    let answer = iam(client, "CreateAccessKey", &[("UserName", "ann")])?;
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    Ok(Key {
        id: element("AccessKeyId").context("an access key without id")?,
        secret: element("SecretAccessKey").context("an access key without secret")?,
    })
}

/// Calls an operation of IAM and returns the answer's document.
fn iam(client: &mut Client, action: &str, parameters: &[(&str, &str)]) -> Result<String> {
    let authorization = sqs::UNKNOWN_KEY.replace("/sqs/", "/iam/");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Amz-Date", "20200101T000000Z"),
        ("Authorization", &authorization),
    ];
    let mut form = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        form.push_str(&format!("&{name}={}", percent_encoded(value)));
    }
    let answer = client.send(&wire::request("POST", "/", &headers, form.as_bytes()))?;
    let document = String::from_utf8(answer.body)?;
    anyhow::ensure!(answer.status == 200, "{action}: {document}");
    Ok(document)
}

fn percent_encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
