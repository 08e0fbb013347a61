//! From text to policy: what is checked, in the order in which IAM checks it.
//!
//! IAM documents the grammar and not the messages; these and their order are those that its users see.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::{
    action::{self, ActionElement},
    condition::Condition,
    document::Node,
    elements::{ConditionElements, Either, Elements, StatementElements},
    error::PolicyError,
    kind::PolicyKind,
    principal::{PolicyPrincipal, PrincipalElement, PrincipalType},
    resource::{self, ResourceElement},
    statement::{Effect, Policy, Statement},
};

/// The version that has variables.
const CURRENT: &str = "2012-10-17";

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// When it is malformed for its kind.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let not_json = if kind == PolicyKind::Trust { PolicyError::InvalidJson } else { PolicyError::Syntax };
        let document = Node::parse(text).map_err(|_| not_json)?;
        let elements = Elements::of(&document)?;
        if kind == PolicyKind::Trust {
            check_trust(&elements)?;
        }
        let is_complete = elements.statements.iter().all(|statement| statement.effect.is_some());
        if elements.statements.is_empty() || !is_complete {
            return Err(PolicyError::Syntax);
        }
        let variables = elements.version == Some(CURRENT);
        let conditions = compile_conditions(&elements, variables)?;
        if kind.requires_current_version() && !variables {
            return Err(PolicyError::Version);
        }
        let conditions = check_legacy(&elements, conditions)?;
        check_sids(&elements, kind)?;
        check_principals(&elements, kind)?;
        check_actions_and_resources(&elements, kind)?;
        let statements = elements.statements.iter().zip(conditions);
        let statements = statements.map(|(statement, conditions)| compile(statement, conditions, variables));
        Ok(Self::new(elements.id, statements.collect::<Result<_, _>>()?))
    }
}

/// The conditions of each statement, or the legacy error of a date in them, which waits for the version's error.
type Conditions = Vec<Result<Vec<Condition>, PolicyError>>;

fn compile_conditions(elements: &Elements<'_>, variables: bool) -> Result<Conditions, PolicyError> {
    let compile = |condition: &ConditionElements<'_>| {
        Condition::new(condition.operator, condition.key, &condition.values, variables)
    };
    let of_statement = |statement: &StatementElements<'_>| {
        statement.conditions.iter().map(compile).collect::<Result<_, _>>()
    };
    elements
        .statements
        .iter()
        .map(|statement| match of_statement(statement) {
            Err(PolicyError::Syntax) => Err(PolicyError::Syntax),
            compiled => Ok(compiled),
        })
        .collect()
}

/// What the oldest parser minds: the case of effects, some resources, dates.
fn check_legacy(elements: &Elements<'_>, conditions: Conditions) -> Result<Vec<Vec<Condition>>, PolicyError> {
    for statement in &elements.statements {
        if !matches!(statement.effect, Some("Allow" | "Deny")) {
            return Err(PolicyError::LegacyParsing);
        }
    }
    let conditions = conditions.into_iter().collect::<Result<_, _>>()?;
    let resources = elements.statements.iter().flat_map(|statement| &statement.resources);
    resources
        .flat_map(|element| &element.values)
        .try_for_each(|resource| resource::check_legacy(resource))?;
    Ok(conditions)
}

fn check_sids(elements: &Elements<'_>, kind: PolicyKind) -> Result<(), PolicyError> {
    let sids: Vec<&str> = elements
        .statements
        .iter()
        .filter_map(|statement| statement.sid)
        .filter(|sid| !sid.is_empty())
        .collect();
    if sids.iter().enumerate().any(|(position, sid)| sids[..position].contains(sid)) {
        return Err(PolicyError::SidNotUnique);
    }
    if kind.has_principals() {
        return Ok(());
    }
    match sids.into_iter().find(|sid| !sid.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        None => Ok(()),
        Some(sid) => Err(PolicyError::SidNotAlphanumeric { sid: sid.to_owned() }),
    }
}

fn check_principals(elements: &Elements<'_>, kind: PolicyKind) -> Result<(), PolicyError> {
    for statement in &elements.statements {
        match (&statement.principals, kind.has_principals()) {
            (Some(_), false) => return Err(PolicyError::Principal),
            (None, true) => return Err(PolicyError::MissingField { field: "Principal" }),
            (Some(Either { values, .. }), true) if values.is_empty() => {
                return Err(PolicyError::MissingField { field: "Principal" });
            }
            (Some(Either { is_negated: true, .. }), true) if statement.effect == Some("Allow") => {
                return Err(PolicyError::AllowNotPrincipal);
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_actions_and_resources(elements: &Elements<'_>, kind: PolicyKind) -> Result<(), PolicyError> {
    let has_values = |element: &Option<Either<Vec<&str>>>| {
        element.as_ref().is_some_and(|either| !either.values.is_empty())
    };
    if !elements.statements.iter().all(|statement| has_values(&statement.actions)) {
        return Err(PolicyError::NoActions);
    }
    // A service checks for itself whether the resources of its policies are its own.
    if !kind.has_principals() {
        let resources = elements.statements.iter().flat_map(|statement| &statement.resources);
        resources.flat_map(|element| &element.values).try_for_each(|resource| resource::check(resource))?;
    }
    let actions = elements.statements.iter().flat_map(|statement| &statement.actions);
    actions.flat_map(|element| &element.values).try_for_each(|action| action::check(action))?;
    let needs_resources = kind.has_resources();
    if needs_resources && !elements.statements.iter().all(|statement| has_values(&statement.resources)) {
        return Err(PolicyError::NoResources);
    }
    Ok(())
}

/// Trust policies are checked by a validator of their own.
fn check_trust(elements: &Elements<'_>) -> Result<(), PolicyError> {
    let missing = |field| Err(PolicyError::MissingField { field });
    if elements.statements.is_empty() {
        return missing("Statement");
    }
    for statement in &elements.statements {
        if statement.effect.is_none() {
            return missing("Effect");
        }
        let Some(actions) = &statement.actions else { return missing("Action") };
        if let Some(resources) = &statement.resources {
            let field = if resources.is_negated { "NotResource" } else { "Resource" };
            return Err(PolicyError::ProhibitedField { field });
        }
        match &statement.principals {
            None => return missing("Principal"),
            Some(Either { is_negated: true, .. }) => {
                return Err(PolicyError::ProhibitedField { field: "NotPrincipal" });
            }
            Some(_) => {}
        }
        actions.values.iter().try_for_each(|action| action::check(action))?;
        if !action_element(actions).is_about_assuming_roles() {
            return Err(PolicyError::NotAssumeRole);
        }
    }
    Ok(())
}

fn compile(
    statement: &StatementElements<'_>,
    conditions: Vec<Condition>,
    variables: bool,
) -> Result<Statement, PolicyError> {
    let principals = statement.principals.as_ref().map(principal_element).transpose()?;
    let actions = statement.actions.as_ref().ok_or(PolicyError::NoActions)?;
    let resources = statement.resources.as_ref().map(|element| {
        let written = element.values.iter().copied().map(Into::into).collect();
        ResourceElement::new(element.is_negated, written, variables)
    });
    Ok(Statement {
        sid: statement.sid.filter(|sid| !sid.is_empty()).map(Into::into),
        effect: if statement.effect == Some("Allow") { Effect::Allow } else { Effect::Deny },
        principals,
        actions: action_element(actions),
        resources,
        conditions: conditions.into(),
    })
}

fn action_element(element: &Either<Vec<&str>>) -> ActionElement {
    ActionElement::new(element.is_negated, element.values.iter().copied().map(Into::into).collect())
}

fn principal_element(element: &Either<Vec<(PrincipalType, &str)>>) -> Result<PrincipalElement, PolicyError> {
    let principals = element
        .values
        .iter()
        .map(|(principal_type, principal)| PolicyPrincipal::new(*principal_type, principal));
    Ok(PrincipalElement { is_negated: element.is_negated, principals: principals.collect::<Result<_, _>>()? })
}
