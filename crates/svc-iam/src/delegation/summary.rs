//! Summaries for people, in English: what a delegation request asks for.

use virga_api::iam as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::{Arn, Ctx};
use virga_store::{Fault, Read};

use super::{KIND, find_visible};
use crate::error::Error;
use crate::rules::policy_summary::summarize;

/// The language when none is named.
const USUAL_LOCALE: &str = "en";

/// Tells in sentences what a request asks for.
pub(crate) fn get_human_readable_summary(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetHumanReadableSummaryRequest,
) -> Result<api::GetHumanReadableSummaryResponse, Error> {
    let arn = Arn::parse(input.entity_arn()).filter(|arn| arn.service == "iam");
    let id = arn.and_then(|arn| arn.resource.strip_prefix(KIND)?.strip_prefix('/'));
    let id = id.ok_or_else(|| Error::InvalidInput {
        reason: "The only supported entity type is delegation-request.".to_owned(),
    })?;
    let request = find_visible(ctx, txn, id)?;
    let locale = input.locale().unwrap_or(USUAL_LOCALE);
    let output = api::GetHumanReadableSummaryResponse::new().with_locale(locale);
    if locale != USUAL_LOCALE && !locale.starts_with("en-") && !locale.starts_with("en_") {
        return Ok(output.with_summary_state("NOT_SUPPORTED"));
    }
    let policy = Policy::parse(&request.policy, PolicyKind::Session)
        .map_err(|error| Fault::new(format!("the policy of {id} can't be read: {error}")))?;
    let summary = summarize(&request.requestor_name, request.session_seconds, &policy);
    Ok(output.with_summary_content(summary).with_summary_state("AVAILABLE"))
}
