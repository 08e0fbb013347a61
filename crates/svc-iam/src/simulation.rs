//! Policy simulation: what policies would decide, by the evaluation that decides every call.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

mod context;
mod input;
mod result;

use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::Read;

use crate::error::Error;
use crate::page::Page;
use crate::policy_listing;
use crate::rules::context_keys;

use input::{Given, Scene, Source};

/// Decides for policies that are given as texts.
pub(crate) fn simulate_custom_policy(
    ctx: &Ctx,
    _: &Read,
    input: &api::SimulateCustomPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Error> {
    let given = Given {
        boundaries: input.permissions_boundary_policy_input_list(),
        actions: input.action_names(),
        resources: input.resource_arns(),
        resource_policy: input.resource_policy(),
        resource_owner: input.resource_owner(),
        caller_arn: input.caller_arn(),
        entries: input.context_entries(),
    };
    given.check_resources(input.resource_handling_option())?;
    let scene = Scene::of_texts(ctx, &given, input.policy_input_list())?;
    answer(&scene, &given, &Page::of(input.marker(), input.max_items())?)
}

/// Decides for the policies of a user, group or role, with more that are given as texts.
pub(crate) fn simulate_principal_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::SimulatePrincipalPolicyRequest,
) -> Result<api::SimulatePolicyResponse, Error> {
    let given = Given {
        boundaries: input.permissions_boundary_policy_input_list(),
        actions: input.action_names(),
        resources: input.resource_arns(),
        resource_policy: input.resource_policy(),
        resource_owner: input.resource_owner(),
        caller_arn: input.caller_arn(),
        entries: input.context_entries(),
    };
    given.check_resources(input.resource_handling_option())?;
    let scene = Scene::of_principal(ctx, txn, &given, input.policy_source_arn(), input.policy_input_list())?;
    answer(&scene, &given, &Page::of(input.marker(), input.max_items())?)
}

/// One result for each action on each resource, in that order.
fn answer(scene: &Scene, given: &Given<'_>, page: &Page) -> Result<api::SimulatePolicyResponse, Error> {
    let resources: Vec<&str> = match given.resources {
        Some(resources) if !resources.is_empty() => resources.iter().collect(),
        _ => vec!["*"],
    };
    let mut rows = Vec::new();
    for action in given.actions.iter() {
        if action.split_once(':').is_none_or(|(service, name)| service.is_empty() || name.is_empty()) {
            return Err(Error::InvalidInput {
                reason: format!("Action {action} must be of the form service:action."),
            });
        }
        for resource in &resources {
            rows.push((format!("{:08}", rows.len()), (action, *resource)));
        }
    }
    let (asked, marker) = page.cut(rows);
    let results: Vec<_> =
        asked.into_iter().map(|(action, resource)| scene.result(action, resource)).collect();
    Ok(api::SimulatePolicyResponse::new()
        .with_evaluation_results(results)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// The keys that texts of policies ask for.
pub(crate) fn get_context_keys_for_custom_policy(
    _: &Ctx,
    _: &Read,
    input: &api::GetContextKeysForCustomPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Error> {
    Ok(keys_of(&input::texts(Some(input.policy_input_list()))?))
}

/// The keys that the policies of a user, group or role ask for, and more that are given as texts.
pub(crate) fn get_context_keys_for_principal_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetContextKeysForPrincipalPolicyRequest,
) -> Result<api::GetContextKeysForPolicyResponse, Error> {
    let mut sources = Vec::new();
    for policy in policy_listing::granting(ctx, txn, input.policy_source_arn())? {
        sources.push(Source::of_stored(&policy)?);
    }
    sources.extend(input::texts(input.policy_input_list())?);
    Ok(keys_of(&sources))
}

fn keys_of(sources: &[Source]) -> api::GetContextKeysForPolicyResponse {
    let mut keys = Vec::new();
    for source in sources {
        context_keys::of_policy(source.attached.policy(), &mut keys);
    }
    api::GetContextKeysForPolicyResponse::new().with_context_key_names(keys)
}
