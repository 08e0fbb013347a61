//! Parameter groups: how long the caches of a cluster keep what they have.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.cluster-management.html#DAX.cluster-management.custom-settings.ttl>

use virga_api::dax as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Direction, Read, Reader, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::{ParameterGroup, SourceType};
use crate::{cluster, event, keys, rules};

/// The group of clusters that name none. It is AWS's own: nobody changes it.
pub(crate) const DEFAULT: &str = "default.dax1.0";

const DEFAULT_TTL_MILLIS: u64 = 300_000;
const QUERY_TTL: &str = "query-ttl-millis";
const RECORD_TTL: &str = "record-ttl-millis";
/// The most groups of an account in a region.
const MOST: usize = 20;
/// The most parameters in one change.
const MOST_CHANGES: usize = 20;

fn default_group() -> ParameterGroup {
    new_group(DEFAULT, Some("Default parameter group for dax1.0"))
}

fn new_group(name: &str, description: Option<&str>) -> ParameterGroup {
    ParameterGroup {
        name: name.to_owned(),
        description: description.map(str::to_owned),
        query_ttl_millis: DEFAULT_TTL_MILLIS,
        record_ttl_millis: DEFAULT_TTL_MILLIS,
    }
}

/// Finds a group.
pub(crate) fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<ParameterGroup, Error> {
    if name == DEFAULT {
        return Ok(default_group());
    }
    let missing = || Error::ParameterGroupNotFound { name: name.to_owned() };
    txn.get(&keys::parameter_group(ctx, name))?.ok_or_else(missing)
}

/// The groups of the account and region, with AWS's own.
fn all(ctx: &Ctx, txn: &impl Reader) -> Result<Vec<ParameterGroup>, Error> {
    let rows = txn.scan(&keys::parameter_groups(ctx), Direction::Forward, MOST)?;
    let mut groups: Vec<_> = rows.into_iter().map(|(_, group)| group).chain([default_group()]).collect();
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(groups)
}

/// Creates a group with the default values.
pub(crate) fn create_parameter_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateParameterGroupRequest,
) -> Result<api::CreateParameterGroupResponse, Error> {
    let name = input.parameter_group_name();
    let key = keys::parameter_group(ctx, name);
    if name == DEFAULT || txn.contains(&key)? {
        return Err(Error::ParameterGroupAlreadyExists { name: name.to_owned() });
    }
    rules::check_group_name("Parameter group", name)?;
    if all(ctx, txn)?.len() > MOST {
        return Err(Error::ParameterGroupQuota { limit: MOST });
    }
    let group = new_group(name, input.description());
    txn.put(&key, &group)?;
    event::of(ctx, txn, SourceType::ParameterGroup, name, "Parameter group created.".to_owned())?;
    Ok(api::CreateParameterGroupResponse::new().with_parameter_group(shown(&group)))
}

/// Describes the groups that are named, or all.
pub(crate) fn describe_parameter_groups(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeParameterGroupsRequest,
) -> Result<api::DescribeParameterGroupsResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let names: Vec<&str> = input.parameter_group_names().into_iter().flat_map(List::iter).collect();
    let groups = if names.is_empty() {
        all(ctx, txn)?
    } else {
        names.iter().map(|name| find(ctx, txn, name)).collect::<Result<_, Error>>()?
    };
    let (groups, next) = page.cut(groups, |group| group.name.clone());
    let shown: Vec<_> = groups.iter().map(shown).collect();
    Ok(api::DescribeParameterGroupsResponse::new().with_parameter_groups(shown).with_next_token(next))
}

/// Changes parameters of a group that no cluster has: those of a running cluster change when it gets another group.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.cluster-management.html>
pub(crate) fn update_parameter_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateParameterGroupRequest,
) -> Result<api::UpdateParameterGroupResponse, Error> {
    let name = input.parameter_group_name();
    let mut group = changeable(ctx, txn, name)?;
    if input.parameter_name_values().iter().count() > MOST_CHANGES {
        return Err(Error::value(format!(
            "You can modify up to {MOST_CHANGES} parameters in a single request."
        )));
    }
    check_unused(ctx, txn, name)?;
    for change in input.parameter_name_values().iter() {
        let parameter = change.parameter_name().unwrap_or_default();
        let place = match parameter {
            QUERY_TTL => &mut group.query_ttl_millis,
            RECORD_TTL => &mut group.record_ttl_millis,
            _ => return Err(Error::value(format!("Unknown parameter: {parameter}."))),
        };
        let value = change.parameter_value().unwrap_or_default();
        let invalid = |_| Error::value(format!("Invalid value for parameter {parameter}: {value}."));
        *place = value.parse().map_err(invalid)?;
    }
    txn.put(&keys::parameter_group(ctx, name), &group)?;
    event::of(ctx, txn, SourceType::ParameterGroup, name, "Parameter group updated.".to_owned())?;
    Ok(api::UpdateParameterGroupResponse::new().with_parameter_group(shown(&group)))
}

/// Deletes a group that no cluster has.
pub(crate) fn delete_parameter_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteParameterGroupRequest,
) -> Result<api::DeleteParameterGroupResponse, Error> {
    let name = input.parameter_group_name();
    changeable(ctx, txn, name)?;
    check_unused(ctx, txn, name)?;
    txn.delete(&keys::parameter_group(ctx, name))?;
    event::of(ctx, txn, SourceType::ParameterGroup, name, "Parameter group deleted.".to_owned())?;
    let message = format!("Parameter group {name} has been deleted.");
    Ok(api::DeleteParameterGroupResponse::new().with_deletion_message(message))
}

/// Describes the parameters of a group.
pub(crate) fn describe_parameters(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeParametersRequest,
) -> Result<api::DescribeParametersResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let group = find(ctx, txn, input.parameter_group_name())?;
    let of_source =
        |parameter: &api::Parameter| input.source().is_none_or(|source| parameter.source() == Some(source));
    let parameters: Vec<_> = parameters(&group).into_iter().filter(of_source).collect();
    let (parameters, next) = page.cut(parameters, parameter_name);
    Ok(api::DescribeParametersResponse::new().with_parameters(parameters).with_next_token(next))
}

/// Describes the parameters of a new group.
pub(crate) fn describe_default_parameters(
    _: &Ctx,
    _: &Read,
    input: &api::DescribeDefaultParametersRequest,
) -> Result<api::DescribeDefaultParametersResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let (parameters, next) = page.cut(parameters(&default_group()), parameter_name);
    Ok(api::DescribeDefaultParametersResponse::new().with_parameters(parameters).with_next_token(next))
}

fn changeable(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<ParameterGroup, Error> {
    let group = find(ctx, txn, name)?;
    if name == DEFAULT {
        let reason = format!("The default parameter group {DEFAULT} cannot be modified or deleted.");
        return Err(Error::InvalidParameterGroupState { reason });
    }
    Ok(group)
}

fn check_unused(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<(), Error> {
    match cluster::all(ctx, txn)?.iter().find(|cluster| cluster.parameter_group == name) {
        None => Ok(()),
        Some(user) => {
            let reason = format!("Parameter group {name} is in use by cluster {}.", user.name);
            Err(Error::InvalidParameterGroupState { reason })
        }
    }
}

fn shown(group: &ParameterGroup) -> api::ParameterGroup {
    let shown = api::ParameterGroup::new().with_parameter_group_name(&group.name);
    shown.with_description(group.description.as_deref())
}

fn parameters(group: &ParameterGroup) -> Vec<api::Parameter> {
    let query = "Duration in milliseconds for queries to remain cached";
    let record = "Duration in milliseconds for records to remain valid in cache (Default: 0 = infinite)";
    vec![
        parameter(QUERY_TTL, group.query_ttl_millis, query),
        parameter(RECORD_TTL, group.record_ttl_millis, record),
    ]
}

fn parameter(name: &str, value: u64, description: &str) -> api::Parameter {
    api::Parameter::new()
        .with_parameter_name(name)
        .with_parameter_type(api::parameter_type::DEFAULT)
        .with_parameter_value(value.to_string())
        .with_node_type_specific_values(Vec::<api::NodeTypeSpecificValue>::new())
        .with_description(description)
        .with_source("user")
        .with_data_type("integer")
        .with_allowed_values("0-")
        .with_is_modifiable(api::is_modifiable::TRUE)
        .with_change_type(api::change_type::IMMEDIATE)
}

fn parameter_name(parameter: &api::Parameter) -> String {
    parameter.parameter_name().unwrap_or_default().to_owned()
}
