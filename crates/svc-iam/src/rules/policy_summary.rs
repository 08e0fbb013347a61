//! What a policy allows, in a few sentences for people: the services, and what kind of access to each. AWS has a language
//! model write this; here it follows from the policy and the Service Authorization Reference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use virga_iam::authorization_reference::{self, AccessLevel, Action};
use virga_iam::policy::{Effect, Policy, Statement};

/// The kinds of access, in the order they are named.
const LEVELS: [(AccessLevel, &str); 5] = [
    (AccessLevel::List, "list"),
    (AccessLevel::Read, "read"),
    (AccessLevel::Write, "change"),
    (AccessLevel::Tagging, "tag"),
    (AccessLevel::PermissionsManagement, "manage permissions of"),
];

/// The actions that a statement names by their services, with the services.
pub(crate) fn actions_of(statement: &Statement) -> BTreeMap<String, Vec<Action>> {
    let (patterns, is_negated) = statement.actions();
    let services = patterns.filter_map(|pattern| pattern.split_once(':')).filter(|_| !is_negated);
    let services: BTreeSet<String> = services.map(|(service, _)| service.to_ascii_lowercase()).collect();
    let meant = |service: &String| {
        let actions = authorization_reference::actions(service);
        actions.filter(|action| statement.is_about(action.full_name())).collect::<Vec<_>>()
    };
    services.into_iter().map(|service| (service.clone(), meant(&service))).collect()
}

/// The summary of a policy that a product provider asks for.
pub(crate) fn summarize(requestor: &str, seconds: i32, policy: &Policy) -> String {
    let mut text =
        format!("{requestor} asks for temporary access to this account for {}.", duration(seconds));
    for statement in policy.statements() {
        let verb = if statement.effect() == Effect::Allow { "It can" } else { "It can not" };
        let conditional = if statement.conditions().is_empty() { "" } else { ", under certain conditions" };
        let (mut patterns, is_negated) = statement.actions();
        if is_negated {
            let spared = patterns.collect::<Vec<_>>().join(", ");
            let _ = write!(text, " {verb} use all actions but {spared}{conditional}.");
            continue;
        }
        if patterns.any(|pattern| pattern == "*") {
            let _ = write!(text, " {verb} use all actions of all services{conditional}.");
        }
        for (service, actions) in actions_of(statement) {
            let has = |level| actions.iter().any(|action: &Action| action.access_level() == level);
            let words = LEVELS.iter().filter(|(level, _)| has(*level)).map(|(_, word)| *word);
            let words = words.collect::<Vec<_>>().join(", ");
            let count = actions.len();
            let plural = if count == 1 { "action" } else { "actions" };
            let _ = write!(text, " {verb} {words} resources of {service} ({count} {plural}){conditional}.");
        }
    }
    text
}

fn duration(seconds: i32) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    let many = |number: i32, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    match (hours, minutes) {
        (0, minutes) => many(minutes, "minute"),
        (hours, 0) => many(hours, "hour"),
        (hours, minutes) => format!("{} and {}", many(hours, "hour"), many(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use virga_iam::policy::PolicyKind;

    use super::*;

    #[test]
    fn a_summary_names_services_and_kinds_of_access() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["sqs:SendMessage","sqs:ListQueues","kms:Decrypt"],"Resource":"*"},
            {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
        let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
        assert_eq!(
            summarize("Example Corp", 5400, &policy),
            "Example Corp asks for temporary access to this account for 1 hour and 30 minutes. It can change resources of \
             kms (1 action). It can read, change resources of sqs (2 actions). It can not use all actions of all services, \
             under certain conditions."
        );
    }
}
