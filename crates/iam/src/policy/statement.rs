//! A policy ready to be evaluated: its statements, and which of them to look at for an action.

use crate::Caller;

use super::{
    action::{ActionElement, ActionName},
    condition::Condition,
    context::ConditionContext,
    principal::{Grant, PolicyPrincipal, PrincipalElement},
    resource::ResourceElement,
};

/// A policy.
#[derive(Debug)]
pub struct Policy {
    id: Option<Box<str>>,
    statements: Box<[Statement]>,
    /// By service prefix, the statements that may be about actions of the service.
    by_vendor: Box<[(Box<str>, Positions)]>,
    /// The statements that may be about actions of any other service.
    of_any_vendor: Positions,
}

/// Positions of statements in their policy.
type Positions = Box<[u32]>;

/// A statement.
#[derive(Debug)]
pub struct Statement {
    pub(super) sid: Option<Box<str>>,
    pub(super) effect: Effect,
    pub(super) principals: Option<PrincipalElement>,
    pub(super) actions: ActionElement,
    pub(super) resources: Option<ResourceElement>,
    pub(super) conditions: Box<[Condition]>,
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// What a statement is held against.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) action: ActionName<'a>,
    pub(crate) resource: &'a str,
    pub(crate) caller: &'a Caller,
    /// Whether the caller has a permissions boundary.
    pub(crate) is_limited: bool,
    pub(crate) context: &'a dyn ConditionContext,
}

impl Policy {
    pub(super) fn new(id: Option<&str>, statements: Box<[Statement]>) -> Self {
        let number =
            |position: usize| u32::try_from(position).expect("a policy has fewer statements than bytes");
        let mut vendors: Vec<&str> =
            statements.iter().filter_map(|statement| statement.actions.vendors()).flatten().collect();
        vendors.sort_unstable();
        vendors.dedup();
        let about = |vendor: Option<&str>| -> Positions {
            let is_about = |statement: &Statement| match (statement.actions.vendors(), vendor) {
                (None, _) => true,
                (Some(vendors), Some(vendor)) => vendors.contains(&vendor),
                (Some(_), None) => false,
            };
            let positions = statements.iter().enumerate().filter(|(_, statement)| is_about(statement));
            positions.map(|(position, _)| number(position)).collect()
        };
        let by_vendor = vendors.into_iter().map(|vendor| (vendor.into(), about(Some(vendor)))).collect();
        let of_any_vendor = about(None);
        Self { id: id.map(Into::into), statements, by_vendor, of_any_vendor }
    }

    /// The `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The statements, in their order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The principals that the policy names, for whoever knows which exist.
    pub fn principals(&self) -> impl Iterator<Item = &PolicyPrincipal> {
        self.statements
            .iter()
            .filter_map(|statement| statement.principals.as_ref())
            .flat_map(|element| &element.principals)
    }

    /// The statements that may be about an action, with their positions.
    pub(crate) fn statements_about(
        &self,
        action: ActionName<'_>,
    ) -> impl Iterator<Item = (usize, &Statement)> {
        let found = self.by_vendor.binary_search_by(|(vendor, _)| (**vendor).cmp(action.vendor));
        let positions = found.map_or(&self.of_any_vendor, |found| &self.by_vendor[found].1);
        positions.iter().map(|position| {
            let position = *position as usize;
            (position, &self.statements[position])
        })
    }
}

impl Statement {
    /// The `Sid`.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The `Effect`.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The `Action` or `NotAction` as written, and whether it is the latter.
    pub fn actions(&self) -> (impl Iterator<Item = &str>, bool) {
        (self.actions.written.iter().map(|action| &**action), self.actions.is_negated)
    }

    /// Whether the statement is about an action, `sqs:SendMessage` in any case, on whatever resource.
    pub fn is_about(&self, action: &str) -> bool {
        self.actions.matches(ActionName::new(&action.to_ascii_lowercase()))
    }

    /// The `Resource` or `NotResource` as written, and whether it is the latter; trust policies have neither.
    pub fn resources(&self) -> Option<(impl Iterator<Item = &str>, bool)> {
        let element = self.resources.as_ref()?;
        Some((element.written.iter().map(|resource| &**resource), element.is_negated))
    }

    /// The `Principal` or `NotPrincipal` as written, and whether it is the latter.
    pub fn principals(&self) -> Option<(&[PolicyPrincipal], bool)> {
        self.principals.as_ref().map(|element| (&*element.principals, element.is_negated))
    }

    /// The conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// How the statement applies, if it does. Without principals it speaks of whom its policy is attached to.
    pub(crate) fn applies(&self, subject: &Subject<'_>) -> Option<Grant> {
        if !self.matches_action(subject) || !self.matches_resource(subject) {
            return None;
        }
        let grant = self.matches_principal(subject)?;
        self.conditions.iter().all(|condition| condition.holds(subject.context)).then_some(grant)
    }

    pub(crate) fn matches_action(&self, subject: &Subject<'_>) -> bool {
        self.actions.matches(subject.action)
    }

    pub(crate) fn matches_resource(&self, subject: &Subject<'_>) -> bool {
        self.resources.as_ref().is_none_or(|resources| resources.matches(subject.resource, subject.context))
    }

    pub(crate) fn matches_principal(&self, subject: &Subject<'_>) -> Option<Grant> {
        let Some(principals) = &self.principals else { return Some(Grant::Direct) };
        principals.grant(subject.caller, subject.is_limited)
    }
}
