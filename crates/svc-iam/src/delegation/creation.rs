//! Making a delegation request, from a policy template that is registered for the product provider.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateDelegationRequest.html>

use virga_api::iam as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::{Arn, Ctx, delegation};
use virga_model::view::List;
use virga_store::{Reader as _, Write};

use crate::error::Error;
use crate::keys::delegation as keys;
use crate::records::delegation::{DelegationParameter, DelegationRequest, DelegationState};
use crate::rules::policy_template;

/// Asks for access.
pub(crate) fn create_delegation_request(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateDelegationRequestRequest,
) -> Result<api::CreateDelegationRequestResponse, Error> {
    let permissions = input.permissions();
    let template_arn = permissions.policy_template_arn();
    let template_arn = template_arn.ok_or_else(|| Error::missing("permissions.policyTemplateArn"))?;
    let template = delegation::template(txn, template_arn)?.filter(|found| found.account == ctx.account());
    let Some(template) = template else {
        let reason =
            format!("The policy template {template_arn} is not registered for account {}.", ctx.account());
        return Err(invalid(reason));
    };
    let parameters = parameters(permissions.parameters())?;
    let policy = policy_template::render(&template.policy, &parameters).map_err(invalid)?;
    Policy::parse(&policy, PolicyKind::Session).map_err(|error| invalid(error.to_string()))?;
    check_topic(ctx, input.notification_channel())?;
    let workflow = keys::workflow(ctx.account(), input.requestor_workflow_id());
    if txn.contains(&workflow)? {
        return Err(Error::DelegationRequestExists { workflow: input.requestor_workflow_id().to_owned() });
    }
    txn.put(&workflow, &())?;
    let now = ctx.now().secs();
    let mut request = DelegationRequest {
        id: ctx.uuid(),
        requestor: ctx.account().to_owned(),
        requestor_name: template.requestor_name,
        workflow_id: input.requestor_workflow_id().to_owned(),
        owner_account: input.owner_account_id().map(str::to_owned),
        owner: None,
        approver: None,
        description: input.description().to_owned(),
        message: input.request_message().map(str::to_owned),
        template: template_arn.to_owned(),
        parameters,
        policy,
        redirect_url: input.redirect_url().map(str::to_owned),
        topic: input.notification_channel().to_owned(),
        session_seconds: input.session_duration(),
        only_send_by_owner: input.only_send_by_owner().unwrap_or(false),
        state: DelegationState::Unassigned,
        notes: None,
        rejection_reason: None,
        created: now,
        updated: now,
        expires: now,
    };
    request.enter(ctx, txn, DelegationState::Unassigned)?;
    let link = format!("https://console.aws.amazon.com/iam/home#/delegation-requests/{}", request.id);
    Ok(api::CreateDelegationRequestResponse::new()
        .with_console_deep_link(link)
        .with_delegation_request_id(request.id))
}

fn invalid(reason: String) -> Error {
    Error::InvalidInput { reason }
}

/// Only topics of the product provider's own accounts are told.
fn check_topic(ctx: &Ctx, arn: &str) -> Result<(), Error> {
    match Arn::parse(arn) {
        Some(topic) if topic.service == "sns" && topic.account == ctx.account() => Ok(()),
        Some(topic) if topic.service == "sns" => {
            Err(invalid("The notification channel must be a topic of the requesting account.".to_owned()))
        }
        _ => Err(invalid("The notification channel must be the ARN of an Amazon SNS topic.".to_owned())),
    }
}

fn parameters(given: Option<List<'_, &api::PolicyParameter>>) -> Result<Vec<DelegationParameter>, Error> {
    let mut parameters: Vec<DelegationParameter> = Vec::new();
    for parameter in given.into_iter().flat_map(List::iter) {
        let name = parameter.name().ok_or_else(|| Error::missing("permissions.parameters.name"))?;
        let values: Vec<String> =
            parameter.values().into_iter().flat_map(List::iter).map(str::to_owned).collect();
        let is_list = parameter.r#type() == Some("stringList");
        if values.is_empty() || (values.len() > 1 && !is_list) {
            return Err(invalid(format!("The parameter {name} must have one value.")));
        }
        if parameters.iter().any(|other| other.name == name) {
            return Err(invalid(format!("The parameter {name} is given twice.")));
        }
        parameters.push(DelegationParameter { name: name.to_owned(), values, is_list });
    }
    Ok(parameters)
}
