//! What is set of auto scaling, and how it is shown.

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::{Fault, Reader, Write};

use super::{consumption, scaling};
use crate::error::Error;
use crate::item::Use;
use crate::keys;
use crate::records::{AutoScaling, Scalable, Table, TargetTracking};
use crate::rules::TableAddress;

/// A change: of which index (none is the table itself), of what use, and how.
pub(crate) type Update<'a> = (Option<&'a str>, Use, &'a api::AutoScalingSettingsUpdate);

/// What scales of a table.
pub(crate) fn of(txn: &impl Reader, table: &Table) -> Result<AutoScaling, Fault> {
    Ok(txn.get(&keys::auto_scaling(table.id))?.unwrap_or_default())
}

/// Changes what scales of a table.
pub(crate) fn set(
    ctx: &Ctx,
    txn: &mut Write,
    (at, table): (TableAddress<'_>, &Table),
    updates: &[Update<'_>],
) -> Result<(), Error> {
    if updates.is_empty() {
        return Ok(());
    }
    let mut scaling = of(txn, table)?;
    for (index, what, update) in updates {
        let place = (index.map(str::to_owned), *what);
        let known = scaling.0.remove(&place);
        if update.auto_scaling_disabled() != Some(true) {
            let scalable = changed(known, update, (*what, || policy_name(at, *index, *what)))?;
            scaling.0.insert(place, scalable);
        }
    }
    put(ctx, txn, (at, table), &scaling)
}

/// Lets a new replica scale as another one does.
pub(crate) fn begin_as(
    ctx: &Ctx,
    txn: &mut Write,
    from: &Table,
    to: (TableAddress<'_>, &Table),
) -> Result<(), Error> {
    let mut scaling = of(txn, from)?;
    if scaling.0.is_empty() {
        return Ok(());
    }
    for scalable in scaling.0.values_mut() {
        scalable.points.clear();
        (scalable.scaled_out, scalable.scaled_in) = (None, None);
    }
    put(ctx, txn, to, &scaling)
}

fn put(
    ctx: &Ctx,
    txn: &mut Write,
    (at, table): (TableAddress<'_>, &Table),
    scaling: &AutoScaling,
) -> Result<(), Error> {
    if scaling.0.is_empty() {
        return Ok(remove(ctx, txn, at, table)?);
    }
    let key = keys::auto_scaling(table.id);
    if !txn.contains(&key)? {
        scaling::begin(ctx, txn, at, table.id)?;
    }
    Ok(txn.put(&key, scaling)?)
}

/// Ends all scaling of a table.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: &Table) -> Result<(), Fault> {
    let key = keys::auto_scaling(table.id);
    if txn.contains(&key)? {
        consumption::forget(ctx, txn, at);
        txn.delete(&key)?;
    }
    Ok(())
}

fn changed(
    known: Option<Scalable>,
    update: &api::AutoScalingSettingsUpdate,
    (what, name): (Use, impl Fn() -> String),
) -> Result<Scalable, Error> {
    let metric = format!("DynamoDB{}CapacityUtilization", what.name());
    let minimum = update.minimum_units().or(known.as_ref().map(|known| known.minimum));
    let maximum = update.maximum_units().or(known.as_ref().map(|known| known.maximum));
    let (Some(minimum), Some(maximum)) = (minimum, maximum) else {
        return Err(Error::invalid_values(
            "MinimumUnits and MaximumUnits must both be specified to enable auto scaling",
        ));
    };
    if minimum > maximum {
        return Err(Error::validation("Maximum capacity cannot be less than minimum capacity"));
    }
    let known = known.unwrap_or_default();
    let policy = match update.scaling_policy_update() {
        Some(given) => Some(policy(given, known.policy.as_ref(), (&metric, name))?),
        None => known.policy,
    };
    let role = update.auto_scaling_role_arn().map(str::to_owned).or(known.role);
    Ok(Scalable { minimum, maximum, role, policy, ..known })
}

fn policy(
    given: &api::AutoScalingPolicyUpdate,
    known: Option<&TargetTracking>,
    (metric, name): (&str, impl Fn() -> String),
) -> Result<TargetTracking, Error> {
    let configuration = given.target_tracking_scaling_policy_configuration();
    let target = configuration.target_value();
    if !(10.0..=90.0).contains(&target) {
        return Err(Error::validation(format!(
            "For predefined metric type {metric}, target value must be between '10.0' and '90.0', but was '{target:?}'."
        )));
    }
    let (in_cooldown, out_cooldown) = (configuration.scale_in_cooldown(), configuration.scale_out_cooldown());
    let known = known.map(|known| known.name.clone());
    Ok(TargetTracking {
        name: given.policy_name().map(str::to_owned).or(known).unwrap_or_else(name),
        target,
        disable_scale_in: configuration.disable_scale_in(),
        in_cooldown,
        out_cooldown,
    })
}

/// The name of a policy that was given none.
fn policy_name(at: TableAddress<'_>, index: Option<&str>, what: Use) -> String {
    let index = index.map(|index| format!("/index/{index}")).unwrap_or_default();
    format!("DynamoDB{}CapacityUtilization:table/{}{index}", what.name(), at.name)
}

/// The settings of one capacity.
pub(crate) fn shown(
    at: TableAddress<'_>,
    scaling: &AutoScaling,
    (index, what): (Option<&str>, Use),
) -> api::AutoScalingSettingsDescription {
    let description = api::AutoScalingSettingsDescription::new();
    let Some(scalable) = scaling.0.get(&(index.map(str::to_owned), what)) else {
        return description
            .with_auto_scaling_disabled(true)
            .with_scaling_policies(Vec::<api::AutoScalingPolicyDescription>::new());
    };
    let policies: Vec<_> = scalable.policy.iter().map(describe_policy).collect();
    let of_service = || {
        format!(
            "arn:aws:iam::{}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/\
             AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
            at.account
        )
    };
    description
        .with_minimum_units(scalable.minimum)
        .with_maximum_units(scalable.maximum)
        .with_auto_scaling_role_arn(scalable.role.clone().unwrap_or_else(of_service))
        .with_scaling_policies(policies)
}

fn describe_policy(policy: &TargetTracking) -> api::AutoScalingPolicyDescription {
    let configuration = api::AutoScalingTargetTrackingScalingPolicyConfigurationDescription::new()
        .with_target_value(policy.target)
        .with_disable_scale_in(policy.disable_scale_in)
        .with_scale_in_cooldown(policy.in_cooldown)
        .with_scale_out_cooldown(policy.out_cooldown);
    api::AutoScalingPolicyDescription::new()
        .with_policy_name(&policy.name)
        .with_target_tracking_scaling_policy_configuration(configuration)
}
