//! What makes a lifecycle configuration wrong, in AWS's order and words.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use virga_api::s3 as api;
use virga_model::Timestamp;
use virga_model::view::List;

use crate::Error;
use crate::document;

/// The most rules.
const MOST_RULES: usize = 1000;
/// The longest id of a rule.
const LONGEST_ID: usize = 255;
/// The longest prefix of keys, in bytes.
const LONGEST_PREFIX: usize = 1024;
/// Days before which nothing moves to an infrequently accessed class.
const LEAST_DAYS_OF_IA: i32 = 30;
/// The most newer versions that can be kept.
pub const MOST_NEWER_VERSIONS: u8 = 100;
const DAY_SECONDS: i64 = 86_400;

/// Refuses a configuration that AWS refuses.
pub fn check(configuration: &api::BucketLifecycleConfiguration) -> Result<(), Error> {
    document::check(configuration)?;
    let rules = configuration.rules();
    if rules.is_empty() {
        return Err(Error::MalformedXml);
    }
    if rules.len() > MOST_RULES {
        return Err(Error::request(format!(
            "The number of lifecycle rules must not exceed the allowed limit of {MOST_RULES} rules"
        )));
    }
    let mut ids: Vec<&str> = Vec::new();
    for rule in rules.iter() {
        if let Some(id) = rule.id().filter(|id| !id.is_empty()) {
            if id.chars().count() > LONGEST_ID {
                let reason = format!("ID length should not exceed allowed limit of {LONGEST_ID}");
                return Err(Error::InvalidArgumentName { reason, argument: "ID".to_owned() });
            }
            if ids.contains(&id) {
                return Err(Error::argument(
                    "Rule ID must be unique. Found same ID for more than one rule",
                    "ID",
                    id,
                ));
            }
            ids.push(id);
        }
        check_rule(rule)?;
    }
    Ok(())
}

/// Gives rules without an id one.
pub fn name_rules(
    configuration: &mut api::GetBucketLifecycleConfigurationOutput,
    mut draw: impl FnMut() -> String,
) {
    let named = configuration.rules().into_iter().flat_map(List::iter).map(|rule| {
        let is_named = rule.id().is_some_and(|id| !id.is_empty());
        if is_named { rule.clone() } else { rule.clone().with_id(draw()) }
    });
    let named: Vec<api::LifecycleRule> = named.collect();
    *configuration = configuration.clone().with_rules(named);
}

fn check_rule(rule: &api::LifecycleRule) -> Result<(), Error> {
    let filter = Filter::of(rule)?;
    let has_action = rule.expiration().is_some()
        || rule.transitions().is_some_and(|list| !list.is_empty())
        || rule.noncurrent_version_transitions().is_some_and(|list| !list.is_empty())
        || rule.noncurrent_version_expiration().is_some()
        || rule.abort_incomplete_multipart_upload().is_some();
    if !has_action {
        return Err(Error::request("At least one action needs to be specified in a rule"));
    }
    if let Some(expiration) = rule.expiration() {
        check_expiration(expiration, &filter)?;
    }
    for transition in rule.transitions().into_iter().flat_map(List::iter) {
        check_transition(transition)?;
    }
    check_order(rule, &filter)?;
    check_noncurrent(rule)?;
    let Some(abort) = rule.abort_incomplete_multipart_upload() else { return Ok(()) };
    if filter.has_tags {
        return Err(Error::request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
    }
    if filter.has_size {
        return Err(Error::request("AbortIncompleteMultipartUpload cannot be specified with Object Size."));
    }
    let days = abort.days_after_initiation().ok_or(Error::MalformedXml)?;
    positive(
        days,
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        "DaysAfterInitiation",
    )
}

/// What a rule is about, as far as it matters for what else the rule may say.
struct Filter {
    has_tags: bool,
    has_size: bool,
    /// As messages show it.
    shown: String,
}

impl Filter {
    fn of(rule: &api::LifecycleRule) -> Result<Self, Error> {
        let Some(filter) = rule.filter() else {
            let prefix = rule.prefix().ok_or(Error::MalformedXml)?;
            check_prefix(Some(prefix))?;
            return Ok(Filter { has_tags: false, has_size: false, shown: format!("(prefix={prefix})") });
        };
        if rule.prefix().is_some() {
            return Err(Error::MalformedXml);
        }
        let members = [
            filter.prefix().is_some(),
            filter.tag().is_some(),
            filter.object_size_greater_than().is_some(),
            filter.object_size_less_than().is_some(),
            filter.and().is_some(),
        ];
        if members.into_iter().filter(|member| *member).count() > 1 {
            return Err(Error::MalformedXml);
        }
        check_prefix(filter.prefix())?;
        check_sizes(filter.object_size_greater_than(), filter.object_size_less_than())?;
        let Some(and) = filter.and() else {
            let shown = format!("(prefix={})", filter.prefix().unwrap_or_default());
            let has_size =
                filter.object_size_greater_than().is_some() || filter.object_size_less_than().is_some();
            return Ok(Filter { has_tags: filter.tag().is_some(), has_size, shown });
        };
        check_prefix(and.prefix())?;
        check_sizes(and.object_size_greater_than(), and.object_size_less_than())?;
        let tags: Vec<&str> = and.tags().into_iter().flat_map(List::iter).map(api::Tag::key).collect();
        if tags.iter().enumerate().any(|(at, key)| tags[..at].contains(key)) {
            return Err(Error::request("Duplicate Tag Keys are not allowed."));
        }
        let parts = usize::from(and.prefix().is_some())
            + tags.len()
            + usize::from(and.object_size_greater_than().is_some())
            + usize::from(and.object_size_less_than().is_some());
        if parts < 2 {
            return Err(Error::MalformedXml);
        }
        if let (Some(above), Some(below)) = (and.object_size_greater_than(), and.object_size_less_than())
            && above >= below
        {
            return Err(Error::request("'ObjectSizeLessThan' must be greater than 'ObjectSizeGreaterThan'."));
        }
        Ok(Filter {
            has_tags: !tags.is_empty(),
            has_size: and.object_size_greater_than().is_some() || and.object_size_less_than().is_some(),
            shown: format!("(prefix={})", and.prefix().unwrap_or_default()),
        })
    }
}

fn check_prefix(prefix: Option<&str>) -> Result<(), Error> {
    match prefix.is_some_and(|prefix| prefix.len() > LONGEST_PREFIX) {
        true => Err(Error::request(format!("The maximum size of a prefix is {LONGEST_PREFIX}."))),
        false => Ok(()),
    }
}

fn check_sizes(above: Option<i64>, below: Option<i64>) -> Result<(), Error> {
    for (size, name) in [(above, "ObjectSizeGreaterThan"), (below, "ObjectSizeLessThan")] {
        if let Some(size) = size.filter(|size| *size < 0) {
            let reason = format!("'{name}' must not be negative");
            return Err(Error::argument(reason, name, size.to_string()));
        }
    }
    Ok(())
}

fn check_expiration(expiration: &api::LifecycleExpiration, filter: &Filter) -> Result<(), Error> {
    let said = [
        expiration.date().is_some(),
        expiration.days().is_some(),
        expiration.expired_object_delete_marker().is_some(),
    ];
    if said.into_iter().filter(|said| *said).count() != 1 {
        return Err(Error::MalformedXml);
    }
    if expiration.expired_object_delete_marker().is_some() && filter.has_tags {
        return Err(Error::request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
    }
    if let Some(date) = expiration.date() {
        midnight(date)?;
    }
    let reason = "'Days' for Expiration action must be a positive integer";
    expiration.days().map_or(Ok(()), |days| positive(days, reason, "Days"))
}

fn check_transition(transition: &api::Transition) -> Result<(), Error> {
    let class = transition.storage_class().ok_or(Error::MalformedXml)?;
    match (transition.date(), transition.days()) {
        (Some(date), None) => midnight(date),
        (None, Some(days)) if days < 0 => {
            invalid("'Days' in Transition action must be nonnegative", "Days", days)
        }
        (None, Some(days)) => long_enough(days, class, "'Days' in Transition action"),
        _ => Err(Error::MalformedXml),
    }
}

fn long_enough(days: i32, class: &str, what: &str) -> Result<(), Error> {
    use api::transition_storage_class::{ONEZONE_IA, STANDARD_IA};
    if !matches!(class, STANDARD_IA | ONEZONE_IA) || days >= LEAST_DAYS_OF_IA {
        return Ok(());
    }
    let reason =
        format!("{what} must be greater than or equal to {LEAST_DAYS_OF_IA} for storageClass '{class}'");
    invalid(reason, "Days", days)
}

/// Transitions and expiration all have dates or all have days, and the expiration is the last.
fn check_order(rule: &api::LifecycleRule, filter: &Filter) -> Result<(), Error> {
    let transitions: Vec<&api::Transition> = rule.transitions().into_iter().flat_map(List::iter).collect();
    let shown = &filter.shown;
    let dated = transitions.iter().any(|transition| transition.date().is_some())
        || rule.expiration().is_some_and(|expiration| expiration.date().is_some());
    let counted = transitions.iter().any(|transition| transition.days().is_some())
        || rule.expiration().is_some_and(|expiration| expiration.days().is_some());
    if dated && counted {
        return Err(Error::request(format!(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '{shown}'"
        )));
    }
    let classes: Vec<_> = transitions.iter().filter_map(|transition| transition.storage_class()).collect();
    if let Some(class) =
        classes.iter().enumerate().find_map(|(at, class)| classes[..at].contains(class).then_some(class))
    {
        return Err(Error::request(format!(
            "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '{shown}'. Found \
             more than one for '{class}'."
        )));
    }
    let Some(expires) = rule.expiration().and_then(api::LifecycleExpiration::days) else { return Ok(()) };
    let latest = transitions.iter().filter_map(|transition| transition.days()).max();
    match latest.filter(|latest| *latest >= expires) {
        None => Ok(()),
        Some(_) => {
            let reason = format!(
                "'Days' in the Expiration action for filter '{shown}' must be greater than 'Days' in the Transition \
                 action"
            );
            invalid(reason, "Days", expires)
        }
    }
}

fn check_noncurrent(rule: &api::LifecycleRule) -> Result<(), Error> {
    let newer = |count: Option<i32>| match count {
        Some(count) if !(1..=i32::from(MOST_NEWER_VERSIONS)).contains(&count) => invalid(
            format!("'NewerNoncurrentVersions' must be between 1 and {MOST_NEWER_VERSIONS}"),
            "NewerNoncurrentVersions",
            count,
        ),
        Some(_) if rule.filter().is_none() => {
            Err(Error::request("'NewerNoncurrentVersions' can only be specified with a Filter element."))
        }
        _ => Ok(()),
    };
    for transition in rule.noncurrent_version_transitions().into_iter().flat_map(List::iter) {
        let class = transition.storage_class().ok_or(Error::MalformedXml)?;
        let days = transition.noncurrent_days().ok_or(Error::MalformedXml)?;
        if days < 0 {
            return invalid(
                "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative",
                "NoncurrentDays",
                days,
            );
        }
        long_enough(days, class, "'NoncurrentDays' in NoncurrentVersionTransition action")?;
        newer(transition.newer_noncurrent_versions())?;
    }
    let Some(expiration) = rule.noncurrent_version_expiration() else { return Ok(()) };
    let days = expiration.noncurrent_days().ok_or(Error::MalformedXml)?;
    positive(
        days,
        "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
        "NoncurrentDays",
    )?;
    newer(expiration.newer_noncurrent_versions())
}

fn positive(days: i32, reason: &str, argument: &str) -> Result<(), Error> {
    if days > 0 { Ok(()) } else { invalid(reason, argument, days) }
}

fn invalid(reason: impl Into<String>, argument: &str, value: i32) -> Result<(), Error> {
    Err(Error::argument(reason, argument, value.to_string()))
}

fn midnight(date: Timestamp) -> Result<(), Error> {
    if date.micros() % (DAY_SECONDS * 1_000_000) == 0 {
        return Ok(());
    }
    Err(Error::argument("'Date' must be at midnight GMT", "Date", virga_wire::timestamp::iso8601(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> api::LifecycleRule {
        api::LifecycleRule::new()
            .with_status("Enabled")
            .with_filter(api::LifecycleRuleFilter::new().with_prefix(""))
    }

    fn message(rule: api::LifecycleRule) -> String {
        let configuration = api::BucketLifecycleConfiguration::new().with_rules(vec![rule]);
        match check(&configuration) {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                let error = error.into_api().unwrap();
                if error.code == "MalformedXML" { "malformed".to_owned() } else { error.message.to_string() }
            }
        }
    }

    fn days(days: i32) -> api::LifecycleExpiration {
        api::LifecycleExpiration::new().with_days(days)
    }

    fn tag(key: &str) -> api::Tag {
        api::Tag::new().with_key(key).with_value("v")
    }

    #[test]
    fn expirations() {
        assert_eq!(message(rule().with_expiration(days(7))), "ok");
        assert_eq!(
            message(rule().with_expiration(days(0))),
            "'Days' for Expiration action must be a positive integer"
        );
        assert_eq!(message(rule()), "At least one action needs to be specified in a rule");
        let both = days(7).with_expired_object_delete_marker(true);
        assert_eq!(message(rule().with_expiration(both)), "malformed");
        let noon = api::LifecycleExpiration::new().with_date(Timestamp::from_secs(DAY_SECONDS / 2));
        assert_eq!(message(rule().with_expiration(noon)), "'Date' must be at midnight GMT");
        let empty = api::NoncurrentVersionExpiration::new();
        assert_eq!(message(rule().with_noncurrent_version_expiration(empty)), "malformed");
        assert_eq!(message(rule().with_status("On").with_expiration(days(7))), "malformed");
    }

    #[test]
    fn filters() {
        let rule = |filter| {
            api::LifecycleRule::new().with_status("Enabled").with_expiration(days(7)).with_filter(filter)
        };
        let filter = api::LifecycleRuleFilter::new;
        let and = api::LifecycleRuleAndOperator::new;
        assert_eq!(message(rule(filter())), "ok");
        assert_eq!(message(rule(filter()).with_prefix("a")), "malformed");
        assert_eq!(message(rule(filter().with_prefix("a").with_tag(tag("k")))), "malformed");
        assert_eq!(message(rule(filter().with_and(and().with_prefix("a")))), "malformed");
        let twice = and().with_tags(vec![tag("k"), tag("k")]);
        assert_eq!(message(rule(filter().with_and(twice))), "Duplicate Tag Keys are not allowed.");
        let no_filter = api::LifecycleRule::new().with_status("Enabled").with_expiration(days(7));
        assert_eq!(message(no_filter.clone()), "malformed");
        assert_eq!(message(no_filter.with_prefix("a")), "ok");
    }

    #[test]
    fn uploads_have_neither_tags_nor_a_size() {
        let abort = api::AbortIncompleteMultipartUpload::new().with_days_after_initiation(1);
        let rule = |filter| {
            api::LifecycleRule::new()
                .with_status("Enabled")
                .with_filter(filter)
                .with_abort_incomplete_multipart_upload(abort.clone())
        };
        let filter = api::LifecycleRuleFilter::new;
        assert_eq!(message(rule(filter().with_prefix("a"))), "ok");
        let refused = |what: &str| format!("AbortIncompleteMultipartUpload cannot be specified with {what}.");
        assert_eq!(message(rule(filter().with_tag(tag("k")))), refused("Tags"));
        assert_eq!(message(rule(filter().with_object_size_greater_than(1_i64))), refused("Object Size"));
        let both = api::LifecycleRuleAndOperator::new().with_prefix("a").with_object_size_less_than(9_i64);
        assert_eq!(message(rule(filter().with_and(both))), refused("Object Size"));
    }

    #[test]
    fn transitions() {
        let to = |days: i32, class: &str| api::Transition::new().with_days(days).with_storage_class(class);
        assert_eq!(message(rule().with_transitions(vec![to(0, "GLACIER")])), "ok");
        assert_eq!(
            message(rule().with_transitions(vec![to(29, "STANDARD_IA")])),
            "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"
        );
        assert_eq!(
            message(rule().with_transitions(vec![to(30, "GLACIER")]).with_expiration(days(30))),
            "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action"
        );
        assert_eq!(message(rule().with_transitions(vec![to(30, "FROZEN")])), "malformed");
        let dated = api::Transition::new().with_date(Timestamp::from_secs(0)).with_storage_class("GLACIER");
        assert!(
            message(rule().with_transitions(vec![dated]).with_expiration(days(1))).starts_with("Found mixed")
        );
    }
}
