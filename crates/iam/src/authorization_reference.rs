//! AWS's Service Authorization Reference: the actions of each service, the resources they act on and the condition
//! keys they know. Embedded as text, found by bisection, parsed field by field when asked: nothing at start.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/>
//!
//! `cargo xtask authorization` writes the file and describes its form.

use std::cmp::Ordering;

const TEXT: &str = include_str!("../../../models/authorization.txt");

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLevel {
    /// Reads.
    Read,
    /// Lists.
    List,
    /// Changes.
    Write,
    /// Changes permissions.
    PermissionsManagement,
    /// Changes tags.
    Tagging,
}

/// An action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    line: &'static str,
}

/// A resource type as an action uses it.
#[derive(Debug, Clone, Copy)]
pub struct ActionResource {
    prefix: &'static str,
    /// Its name, `queue`; empty for condition keys that go with the action whatever the resource.
    pub resource_type: &'static str,
    /// Whether a statement for the action must name such a resource.
    pub is_required: bool,
    keys: &'static str,
}

/// A resource type of a service.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    line: &'static str,
}

/// The action of this prefix and name, compared without regard to case, as policies do.
pub fn action(prefix: &str, name: &str) -> Option<Action> {
    let line = find(&format!("{prefix}:{name}"))?;
    Some(Action { line })
}

/// All actions of a service, by name. None for a prefix that the reference does not have.
pub fn actions(prefix: &str) -> impl Iterator<Item = Action> + use<> {
    beginning_with(format!("{prefix}:")).map(|line| Action { line })
}

/// A resource type of a service.
pub fn resource_type(prefix: &str, name: &str) -> Option<ResourceType> {
    let line = find(&format!("{prefix}/{name}"))?;
    Some(ResourceType { line })
}

/// All resource types of a service, by name.
pub fn resource_types(prefix: &str) -> impl Iterator<Item = ResourceType> + use<> {
    beginning_with(format!("{prefix}/")).map(|line| ResourceType { line })
}

/// The condition keys of a service, beside the global ones; none when the reference does not have the service.
pub fn condition_keys(prefix: &str) -> Option<impl Iterator<Item = &'static str>> {
    let line = find(prefix)?;
    Some(field(line, 1).split(',').filter(|key| !key.is_empty()))
}

impl Action {
    /// Prefix and name as AWS spells them: `sqs:SendMessage`.
    pub fn full_name(self) -> &'static str {
        field(self.line, 0)
    }

    /// The name, `SendMessage`.
    pub fn name(self) -> &'static str {
        self.full_name().split_once(':').map_or("", |(_, name)| name)
    }

    /// What it does.
    pub fn access_level(self) -> AccessLevel {
        match field(self.line, 1) {
            "R" => AccessLevel::Read,
            "L" => AccessLevel::List,
            "P" => AccessLevel::PermissionsManagement,
            "T" => AccessLevel::Tagging,
            _ => AccessLevel::Write,
        }
    }

    /// The resource types it acts on. Without one, statements for it need the resource `*`.
    pub fn resources(self) -> impl Iterator<Item = ActionResource> {
        self.entries().filter(|entry| !entry.resource_type.is_empty())
    }

    /// The condition keys it knows beside the global ones, whatever the resource; without those of its resources.
    pub fn condition_keys(self) -> impl Iterator<Item = &'static str> {
        self.entries().filter(|entry| entry.resource_type.is_empty()).flat_map(ActionResource::condition_keys)
    }

    /// Actions that its caller needs as well.
    pub fn dependent_actions(self) -> impl Iterator<Item = &'static str> {
        field(self.line, 3).split(',').filter(|action| !action.is_empty())
    }

    fn entries(self) -> impl Iterator<Item = ActionResource> {
        let prefix = self.full_name().split(':').next().unwrap_or_default();
        field(self.line, 2).split(';').filter(|entry| !entry.is_empty()).map(move |entry| {
            let (name, keys) = entry.split_once(':').unwrap_or((entry, ""));
            let required = name.strip_suffix('*');
            let (resource_type, is_required) = (required.unwrap_or(name), required.is_some());
            ActionResource { prefix, resource_type, is_required, keys }
        })
    }
}

impl ActionResource {
    /// The condition keys that the action knows on this resource.
    pub fn condition_keys(self) -> impl Iterator<Item = &'static str> {
        numbered(self.prefix, self.keys)
    }
}

impl ResourceType {
    /// The name, `queue`.
    pub fn name(self) -> &'static str {
        field(self.line, 0).split_once('/').map_or("", |(_, name)| name)
    }

    /// The form of the ARN, with `${Partition}`, `${Region}`, `${Account}` and names of the type's own.
    pub fn arn_format(self) -> String {
        format!("arn:${{Partition}}:{}", field(self.line, 1))
    }

    /// The condition keys it knows.
    pub fn condition_keys(self) -> impl Iterator<Item = &'static str> {
        let prefix = field(self.line, 0).split('/').next().unwrap_or_default();
        numbered(prefix, field(self.line, 2))
    }
}

/// Condition keys by their places in the list of the service.
fn numbered(prefix: &'static str, places: &'static str) -> impl Iterator<Item = &'static str> {
    let all = find(prefix).map_or("", |line| field(line, 1));
    places.split(',').filter_map(move |place| all.split(',').nth(place.parse().ok()?))
}

fn field(line: &'static str, number: usize) -> &'static str {
    line.split('\t').nth(number).unwrap_or_default()
}

fn find(name: &str) -> Option<&'static str> {
    let start = lower_bound(name);
    let line = TEXT[start..].lines().next()?;
    (compare(line, name) == Ordering::Equal).then_some(line)
}

/// The lines whose names begin so.
fn beginning_with(beginning: String) -> impl Iterator<Item = &'static str> {
    let lines = TEXT[lower_bound(&beginning)..].lines();
    lines.take_while(move |line| {
        line.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(&beginning))
    })
}

/// Where the first line begins whose name is not less.
fn lower_bound(name: &str) -> usize {
    let bytes = TEXT.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end =
            bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| start + at + 1);
        match compare(&TEXT[start..end], name) {
            Ordering::Less => low = end,
            Ordering::Equal | Ordering::Greater => high = start,
        }
    }
    low
}

fn compare(line: &str, name: &str) -> Ordering {
    let own = line.bytes().take_while(|byte| !matches!(byte, b'\t' | b'\n'));
    own.map(|byte| byte.to_ascii_lowercase()).cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_the_file_is_small() {
        assert!(TEXT.len() < 400_000, "{} bytes", TEXT.len());
        for line in TEXT.lines() {
            let name = field(line, 0);
            assert_eq!(find(name), Some(line));
            assert_eq!(find(&name.to_ascii_uppercase()), Some(line));
            assert_eq!(find(&format!("{name}!")), None);
        }
        for missing in ["", "a", "zzz", "sqs:", "sqs:NoSuchAction"] {
            assert_eq!(find(missing), None, "{missing}");
        }
    }

    #[test]
    fn facts_of_an_action() {
        let send = action("sqs", "sendmessage").unwrap();
        assert_eq!((send.full_name(), send.name()), ("sqs:SendMessage", "SendMessage"));
        assert_eq!(send.access_level(), AccessLevel::Write);
        let resources: Vec<_> = send.resources().map(|r| (r.resource_type, r.is_required)).collect();
        assert_eq!(resources, [("queue", true)]);
        let create: Vec<_> = action("sqs", "CreateQueue").unwrap().condition_keys().collect();
        assert_eq!(create, ["aws:RequestTag/${TagKey}", "aws:TagKeys"]);
        let run = action("ec2", "RunInstances").unwrap();
        assert!(run.dependent_actions().any(|action| action == "iam:PassRole"));
        let instance = run.resources().find(|resource| resource.resource_type == "instance").unwrap();
        assert!(instance.condition_keys().any(|key| key == "ec2:InstanceType"));
        assert!(action("sqs", "DropQueue").is_none());
    }

    #[test]
    fn facts_of_a_service() {
        let queue = resource_type("sqs", "queue").unwrap();
        assert_eq!(queue.arn_format(), "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}");
        assert_eq!(queue.condition_keys().collect::<Vec<_>>(), ["aws:ResourceTag/${TagKey}"]);
        assert!(actions("rds").all(|action| action.full_name().starts_with("rds:")));
        assert!(actions("sqs").count() >= 20);
        assert_eq!(actions("nothing").count(), 0);
        assert_eq!(resource_types("sqs").map(ResourceType::name).collect::<Vec<_>>(), ["queue"]);
        assert!(condition_keys("sts").unwrap().any(|key| key == "sts:ExternalId"));
    }
}
