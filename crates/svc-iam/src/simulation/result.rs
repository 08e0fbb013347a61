//! What a simulation answers: the decision, the statements behind it, and what it lacked.

use std::collections::BTreeMap;

use virga_api::iam as api;
use virga_iam::evaluation::{
    Explanation, PolicyExplanation, Request, ResourceRule, StatementExplanation, explain,
};

use super::input::{Scene, Source};
use crate::rules::statement_positions::Position;

const ALLOWED: &str = "allowed";
const EXPLICIT_DENY: &str = "explicitDeny";
const IMPLICIT_DENY: &str = "implicitDeny";

impl Scene {
    /// The result of one action on one resource.
    pub(super) fn result(&self, action: &str, resource: &str) -> api::EvaluationResult {
        let explanation = self.explain(action, resource);
        let decision = match explanation.outcome {
            "allowed" => ALLOWED,
            "explicit deny" => EXPLICIT_DENY,
            _ => IMPLICIT_DENY,
        };
        let matched = self.matched(&explanation, decision);
        let boundary = self.boundary_detail(&explanation);
        let details = self.details(&explanation);
        let specific = api::ResourceSpecificResult::new()
            .with_eval_resource_name(resource)
            .with_eval_resource_decision(decision)
            .with_matched_statements(matched.clone())
            .with_missing_context_values(self.missing.clone())
            .with_eval_decision_details((!details.is_empty()).then(|| details.clone()))
            .with_permissions_boundary_decision_detail(boundary.clone());
        api::EvaluationResult::new()
            .with_eval_action_name(action)
            .with_eval_resource_name(resource)
            .with_eval_decision(decision)
            .with_matched_statements(matched)
            .with_missing_context_values(self.missing.clone())
            .with_organizations_decision_detail(
                api::OrganizationsDecisionDetail::new().with_allowed_by_organizations(true),
            )
            .with_permissions_boundary_decision_detail(boundary)
            .with_eval_decision_details(details)
            .with_resource_specific_results(vec![specific])
    }

    fn explain(&self, action: &str, resource: &str) -> Explanation {
        let rule = if action.starts_with("kms:") { ResourceRule::KeyPolicy } else { ResourceRule::Ordinary };
        explain(&Request {
            resource_account: self.owner,
            resource_policy: self.resource_policy.as_ref().map(|source| (&source.attached, rule)),
            ..Request::new(action, resource, &self.caller, &self.policies, &self.context)
        })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.identity.iter().chain(&self.boundary).chain(&self.resource_policy)
    }

    /// The statements that made the decision: those that deny, or those that allow.
    fn matched(&self, explanation: &Explanation, decision: &str) -> Vec<api::Statement> {
        let effect = match decision {
            ALLOWED => "Allow",
            EXPLICIT_DENY => "Deny",
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        for source in self.sources() {
            let Some(policy) = explained(explanation, source) else { continue };
            for statement in policy.statements.iter().filter(|one| one.applies && one.effect == effect) {
                found.push(shown(source, statement));
            }
        }
        found
    }

    /// Whether the boundary lets the action through, where there is one.
    fn boundary_detail(&self, explanation: &Explanation) -> Option<api::PermissionsBoundaryDecisionDetail> {
        let policy = explained(explanation, self.boundary.as_ref()?)?;
        let allowed = verdict(std::iter::once(policy)) == ALLOWED;
        Some(api::PermissionsBoundaryDecisionDetail::new().with_allowed_by_permissions_boundary(allowed))
    }

    /// What each kind of policy says by itself, where there is more than one kind.
    fn details(&self, explanation: &Explanation) -> BTreeMap<String, String> {
        let Some(resource) = &self.resource_policy else { return BTreeMap::new() };
        let of_identity = self.identity.iter().filter_map(|source| explained(explanation, source));
        let of_resource = explained(explanation, resource).into_iter();
        BTreeMap::from([
            ("IAM Policy".to_owned(), verdict(of_identity).to_owned()),
            ("Resource Policy".to_owned(), verdict(of_resource).to_owned()),
        ])
    }
}

fn explained<'a>(explanation: &'a Explanation, source: &Source) -> Option<&'a PolicyExplanation> {
    explanation.policies.iter().find(|policy| policy.id == source.id)
}

/// What policies of one kind say.
fn verdict<'a>(policies: impl Iterator<Item = &'a PolicyExplanation>) -> &'static str {
    let mut verdict = IMPLICIT_DENY;
    for statement in policies.flat_map(|policy| &policy.statements).filter(|statement| statement.applies) {
        if statement.effect == "Deny" {
            return EXPLICIT_DENY;
        }
        verdict = ALLOWED;
    }
    verdict
}

fn shown(source: &Source, statement: &StatementExplanation) -> api::Statement {
    let position = |at: Position| api::Position::new().with_line(at.line).with_column(at.column);
    let span = source.positions.get(statement.position);
    api::Statement::new()
        .with_source_policy_id(&*source.id)
        .with_source_policy_type(source.kind)
        .with_start_position(span.map(|(start, _)| position(*start)))
        .with_end_position(span.map(|(_, end)| position(*end)))
}
