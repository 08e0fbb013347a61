//! Whether somebody has the permissions that a request asks for: each of its actions on each of its resources is held
//! against the policies of the caller. Where they have conditions, the answer can't be known beforehand.

use virga_iam::evaluation::{ConditionContext, PrincipalPolicies, Request, Values, evaluate};
use virga_iam::policy::{Effect, Policy, PolicyKind, Statement};
use virga_kit::{Ctx, PolicySource as _};
use virga_store::{Fault, Read};

use crate::error::Error;
use crate::policies::Policies;
use crate::rules::policy_summary::actions_of;

/// `ALLOWED`, `DENIED` or `UNSURE`.
pub(super) fn of_caller(ctx: &Ctx, txn: &Read, policy: &str) -> Result<&'static str, Error> {
    let wanted = Policy::parse(policy, PolicyKind::Session)
        .map_err(|error| Fault::new(format!("the policy of a delegation request can't be read: {error}")))?;
    let own = Policies.of_principal(txn, ctx.caller())?;
    let mut is_sure = true;
    for statement in wanted.statements().iter().filter(|statement| statement.effect() == Effect::Allow) {
        let resources: Vec<&str> = match statement.resources() {
            Some((resources, false)) => resources.collect(),
            _ => vec!["*"],
        };
        for action in actions(statement) {
            for resource in &resources {
                let request = Request::new(&action, resource, ctx.caller(), &own, &Unknown);
                let is_conditional = is_conditional(&own, &action);
                if !is_conditional && !evaluate(&request).is_allowed() {
                    return Ok("DENIED");
                }
                is_sure &= !is_conditional;
            }
        }
    }
    Ok(if is_sure { "ALLOWED" } else { "UNSURE" })
}

/// The actions to hold against the policies. Whoever asks for all must be given to somebody who may do anything.
fn actions(statement: &Statement) -> Vec<String> {
    let (mut patterns, is_negated) = statement.actions();
    if is_negated || patterns.any(|pattern| pattern == "*") {
        return vec!["any:any".to_owned()];
    }
    let named = actions_of(statement).into_values().flatten();
    named.map(|action| action.full_name().to_owned()).collect()
}

/// Whether what the policies say of an action depends on conditions.
fn is_conditional(own: &PrincipalPolicies, action: &str) -> bool {
    let policies = own.identity.iter().chain(&own.boundary).chain(own.session.iter().flatten());
    let mut statements = policies.flat_map(|attached| attached.policy().statements());
    statements.any(|statement| statement.is_about(action) && !statement.conditions().is_empty())
}

/// Nothing is known of the call that is to come.
struct Unknown;

impl ConditionContext for Unknown {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}
