//! Everything that an evaluation looks at, for people and the admin API. It is put together only when someone asks.

use serde::Serialize;

use crate::policy::{Condition, Effect, Grant, Statement, Subject};

use super::{
    decision::{Decision, Outcome, PolicyType},
    evaluate::{evaluate, with_subject},
    request::{AttachedPolicy, Request, ResourceRule},
};

/// Why a request was decided as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The action that was asked for.
    pub action: String,
    /// The resource that it was asked for.
    pub resource: String,
    /// Whether the call goes on.
    pub allowed: bool,
    /// `allowed`, `explicit deny` or `implicit deny`.
    pub outcome: &'static str,
    /// The clause of AWS's message, of a refused call.
    pub because: Option<String>,
    /// The id of the policy that decided.
    pub deciding_policy: Option<String>,
    /// The position of the deciding statement, from 0.
    pub deciding_statement: Option<usize>,
    /// Every policy looked at.
    pub policies: Vec<PolicyExplanation>,
}

/// A policy that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyExplanation {
    /// The type, as messages name it.
    pub policy_type: &'static str,
    /// The ARN of a managed policy, or the name of an inline one.
    pub id: String,
    /// What it is attached to.
    pub source: String,
    /// Its statements.
    pub statements: Vec<StatementExplanation>,
}

/// A statement that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementExplanation {
    /// The position, from 0.
    pub position: usize,
    /// The `Sid`.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// Whether it applies: action, resource, principal and every condition match.
    pub applies: bool,
    /// Whether it is about the action.
    pub action_matches: bool,
    /// Whether it is about the resource.
    pub resource_matches: bool,
    /// Whether it is about the caller.
    pub principal_matches: bool,
    /// How it speaks of the caller: by its `account`, its `role` or `direct`.
    pub principal: Option<&'static str>,
    /// Its conditions.
    pub conditions: Vec<ConditionExplanation>,
}

/// A condition that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionExplanation {
    /// The operator.
    pub operator: String,
    /// The key.
    pub key: String,
    /// The values wanted, with those of policy variables.
    pub wanted: Vec<String>,
    /// The values found in the request; none if it does not have the key.
    pub found: Option<Vec<String>>,
    /// Whether it holds.
    pub holds: bool,
}

/// Decides a request and says what was looked at.
pub fn explain(request: &Request<'_>) -> Explanation {
    let decision = evaluate(request);
    let policies = with_subject(request, |subject| {
        attached(request).map(|(policy_type, policy)| explain_policy(policy_type, policy, subject)).collect()
    });
    Explanation {
        action: request.action.to_owned(),
        resource: request.resource.to_owned(),
        allowed: decision.is_allowed(),
        outcome: outcome(&decision),
        because: decision.because(request.action).map(|because| because.to_string()),
        deciding_policy: decision.decided_by.as_ref().map(|deciding| deciding.policy.id().to_owned()),
        deciding_statement: decision.decided_by.as_ref().map(|deciding| deciding.statement),
        policies,
    }
}

fn outcome(decision: &Decision) -> &'static str {
    match decision.outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitDeny(_) => "explicit deny",
        Outcome::ImplicitDeny(_) => "implicit deny",
    }
}

/// Every policy of a request, in the order in which they are looked at.
fn attached<'a>(request: &Request<'a>) -> impl Iterator<Item = (PolicyType, &'a AttachedPolicy)> {
    let policies = request.principal;
    let of_type = |policy_type| move |policy| (policy_type, policy);
    let service_control = policies.service_control.iter().flatten();
    let resource_control = request.resource_control.iter().flatten();
    let resource = request.resource_policy.map(|(policy, rule)| match rule {
        ResourceRule::TrustPolicy => (PolicyType::RoleTrust, policy),
        ResourceRule::Ordinary | ResourceRule::KeyPolicy => (PolicyType::ResourceBased, policy),
    });
    service_control
        .map(of_type(PolicyType::ServiceControl))
        .chain(resource_control.map(of_type(PolicyType::ResourceControl)))
        .chain(request.vpc_endpoint_policy.map(of_type(PolicyType::VpcEndpoint)))
        .chain(resource)
        .chain(policies.identity.iter().map(of_type(PolicyType::IdentityBased)))
        .chain(policies.boundary.iter().map(of_type(PolicyType::PermissionsBoundary)))
        .chain(policies.session.iter().flatten().map(of_type(PolicyType::Session)))
}

fn explain_policy(
    policy_type: PolicyType,
    policy: &AttachedPolicy,
    subject: &Subject<'_>,
) -> PolicyExplanation {
    let statements = policy.policy().statements().iter().enumerate();
    PolicyExplanation {
        policy_type: policy_type.name(),
        id: policy.id().to_owned(),
        source: policy.source().to_owned(),
        statements: statements
            .map(|(position, statement)| explain_statement(position, statement, subject))
            .collect(),
    }
}

fn explain_statement(position: usize, statement: &Statement, subject: &Subject<'_>) -> StatementExplanation {
    let grant = statement.matches_principal(subject);
    let conditions = statement.conditions().iter();
    StatementExplanation {
        position,
        sid: statement.sid().map(ToOwned::to_owned),
        effect: match statement.effect() {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        },
        applies: statement.applies(subject).is_some(),
        action_matches: statement.matches_action(subject),
        resource_matches: statement.matches_resource(subject),
        principal_matches: grant.is_some(),
        principal: statement.principals().and(grant).map(|grant| match grant {
            Grant::Account => "account",
            Grant::Role => "role",
            Grant::Direct => "direct",
        }),
        conditions: conditions.map(|condition| explain_condition(condition, subject)).collect(),
    }
}

fn explain_condition(condition: &Condition, subject: &Subject<'_>) -> ConditionExplanation {
    let found = condition.found(subject.context);
    let found = found.map(|found| found.as_slice().iter().map(|value| value.clone().into_owned()).collect());
    ConditionExplanation {
        operator: condition.operator().to_owned(),
        key: condition.key().to_owned(),
        wanted: condition.resolved_values(subject.context),
        found,
        holds: condition.holds(subject.context),
    }
}
