//! What verifying a signature costs: sends with a key that the cloud issued against sends with one it never saw.

use std::{net::SocketAddr, path::Path, time::SystemTime};

use anyhow::{Context as _, Result};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use virga_iam::{
    Algorithm, AmzDate,
    sign::{Body, Credentials, Signer, Unsigned},
};

use super::{
    Options, load,
    report::{Report, Target, median},
};
use crate::{
    http as wire, sqs,
    subject::{Store, Subject},
};

/// How many different requests there are: none is answered from what the last one left in a cache.
pub(super) const REQUESTS: usize = 1000;

/// A key that the cloud has issued.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
}

pub(crate) fn run(binary: &Path, options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Memory, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    let headers = [("Content-Type", "application/json")];
    let issued = client.send(&wire::request("POST", "/_virga/keys", &headers, b"{}"))?;
    let issued = issued.json().context("issue a key")?;
    let member = |name: &str| {
        let text = issued[name].as_str().map(ToOwned::to_owned);
        text.with_context(|| format!("an issued key without {name}"))
    };
    let key = Key { id: member("access_key_id")?, secret: member("secret_access_key")? };
    let (mut rates, mut signed_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("round-{round}"))?;
        let bodies = (0..REQUESTS).map(|number| format!("{number:0200}"));
        let inputs: Vec<Value> =
            bodies.map(|body| json!({ "QueueUrl": queue, "MessageBody": body })).collect();
        let unsigned: Vec<Vec<u8>> = inputs.iter().map(|input| sqs::request("SendMessage", input)).collect();
        let signed = signed_requests(&key, &inputs)?;
        let rate = |requests: &[Vec<u8>]| rate_of(subject.address(), options, requests);
        let (before, with, after) = (rate(&unsigned)?, rate(&signed)?, rate(&unsigned)?);
        // The first round warms up.
        if round > 0 {
            let without = f64::midpoint(before, after);
            println!("round {round}: {without:.0}/s unverified, {with:.0}/s verified");
            rates.push(without);
            signed_rates.push(with);
            ratios.push(with / without);
        }
    }
    let mut report = Report::new("signed");
    report.row("SendMessage, unknown key", median(&rates), "req/s", Target::None);
    report.row("SendMessage, signature verified", median(&signed_rates), "req/s", Target::None);
    report.row("verified to unverified", median(&ratios), "ratio", Target::AtLeast(0.9));
    report.finish(options.enforce)
}

/// Requests per second.
pub(super) fn rate_of(address: SocketAddr, options: &Options, requests: &[Vec<u8>]) -> Result<f64> {
    Ok(load::run(&options.load(address, requests))?.rate())
}

/// The bytes of requests that the key's secret has signed.
#[expect(clippy::disallowed_methods, reason = "a signature carries the real time")]
pub(super) fn signed_requests(key: &Key, inputs: &[Value]) -> Result<Vec<Vec<u8>>> {
    let credentials =
        Credentials { access_key_id: &key.id, secret_access_key: &key.secret, session_token: None };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let signed_at = AmzDate::from_unix_seconds(i64::try_from(now)?);
    let signer = Signer::new(Algorithm::V4, credentials, "us-east-1", "sqs", signed_at);
    inputs.iter().map(|input| signed_request(&signer, input.to_string().as_bytes())).collect()
}

fn signed_request(signer: &Signer<'_>, body: &[u8]) -> Result<Vec<u8>> {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static(wire::HOST));
    headers.insert("x-amz-target", HeaderValue::from_static("AmazonSQS.SendMessage"));
    headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
    signer.sign(&Unsigned { method: "POST", path: "/", query: "", body: Body::Bytes(body) }, &mut headers)?;
    headers.remove("host");
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?))).collect::<Result<_>>()?;
    Ok(wire::request("POST", "/", &headers, body))
}
