//! The elements of a policy, taken out of its JSON: their types are right, their contents not yet looked at.

use super::{document::Node, error::PolicyError, principal::PrincipalType};

/// A policy as it is written.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    pub(super) version: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) statements: Vec<StatementElements<'a>>,
}

/// A statement as it is written.
#[derive(Debug, Default)]
pub(super) struct StatementElements<'a> {
    pub(super) sid: Option<&'a str>,
    pub(super) effect: Option<&'a str>,
    pub(super) principals: Option<Either<Vec<(PrincipalType, &'a str)>>>,
    pub(super) actions: Option<Either<Vec<&'a str>>>,
    pub(super) resources: Option<Either<Vec<&'a str>>>,
    pub(super) conditions: Vec<ConditionElements<'a>>,
}

/// An element that comes as itself or as its negation.
#[derive(Debug)]
pub(super) struct Either<T> {
    pub(super) is_negated: bool,
    pub(super) values: T,
}

/// An operator with one key.
#[derive(Debug)]
pub(super) struct ConditionElements<'a> {
    pub(super) operator: &'a str,
    pub(super) key: &'a str,
    pub(super) values: Vec<&'a str>,
}

impl<'a> Elements<'a> {
    /// Takes a document apart. A missing `Statement` gives no statements.
    pub(super) fn of(document: &'a Node) -> Result<Self, PolicyError> {
        let mut elements = Self { version: None, id: None, statements: Vec::new() };
        for (name, node) in document.as_object().ok_or(PolicyError::Syntax)? {
            match name.as_str() {
                "Version" => elements.version = Some(text(node)?),
                "Id" => elements.id = Some(text(node)?),
                "Statement" => {
                    let statements = node.as_list().iter().map(StatementElements::of);
                    elements.statements = statements.collect::<Result<_, _>>()?;
                }
                _ => return Err(PolicyError::Syntax),
            }
        }
        match elements.version {
            None | Some("2008-10-17" | "2012-10-17") => Ok(elements),
            Some(_) => Err(PolicyError::Syntax),
        }
    }
}

impl<'a> StatementElements<'a> {
    fn of(node: &'a Node) -> Result<Self, PolicyError> {
        let mut elements = Self::default();
        for (name, node) in node.as_object().ok_or(PolicyError::Syntax)? {
            match name.as_str() {
                "Sid" => elements.sid = Some(text(node)?),
                "Effect" => elements.effect = Some(effect(node)?),
                "Action" => set(&mut elements.actions, false, texts(node)?)?,
                "NotAction" => set(&mut elements.actions, true, texts(node)?)?,
                "Resource" => set(&mut elements.resources, false, texts(node)?)?,
                "NotResource" => set(&mut elements.resources, true, texts(node)?)?,
                "Principal" => set(&mut elements.principals, false, principals(node)?)?,
                "NotPrincipal" => set(&mut elements.principals, true, principals(node)?)?,
                "Condition" => elements.conditions = conditions(node)?,
                _ => return Err(PolicyError::Syntax),
            }
        }
        Ok(elements)
    }
}

fn set<T>(element: &mut Option<Either<T>>, is_negated: bool, values: T) -> Result<(), PolicyError> {
    match element.replace(Either { is_negated, values }) {
        None => Ok(()),
        Some(_) => Err(PolicyError::Syntax),
    }
}

fn text(node: &Node) -> Result<&str, PolicyError> {
    node.as_text().ok_or(PolicyError::Syntax)
}

fn texts(node: &Node) -> Result<Vec<&str>, PolicyError> {
    node.as_list().iter().map(text).collect()
}

/// An effect in the wrong case gets past this and fails in legacy parsing.
fn effect(node: &Node) -> Result<&str, PolicyError> {
    let effect = text(node)?;
    let is_one = ["Allow", "Deny"].iter().any(|known| known.eq_ignore_ascii_case(effect));
    if is_one { Ok(effect) } else { Err(PolicyError::Syntax) }
}

fn principals(node: &Node) -> Result<Vec<(PrincipalType, &str)>, PolicyError> {
    if node.as_text() == Some("*") {
        return Ok(vec![(PrincipalType::Aws, "*")]);
    }
    let mut principals = Vec::new();
    for (name, node) in node.as_object().ok_or(PolicyError::Syntax)? {
        let principal_type = PrincipalType::of_member(name).ok_or(PolicyError::Syntax)?;
        principals.extend(texts(node)?.into_iter().map(|principal| (principal_type, principal)));
    }
    Ok(principals)
}

fn conditions(node: &Node) -> Result<Vec<ConditionElements<'_>>, PolicyError> {
    let mut conditions = Vec::new();
    for (operator, node) in node.as_object().ok_or(PolicyError::Syntax)? {
        for (key, node) in node.as_object().ok_or(PolicyError::Syntax)? {
            let values = node.as_list().iter().map(|value| match value {
                Node::Text(text) | Node::Scalar(text) => Ok(text.as_str()),
                _ => Err(PolicyError::Syntax),
            });
            conditions.push(ConditionElements { operator, key, values: values.collect::<Result<_, _>>()? });
        }
    }
    Ok(conditions)
}
