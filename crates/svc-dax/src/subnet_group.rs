//! Subnet groups. There is no VPC: subnets are taken by the form of their identifiers, and every account has the group
//! `default` with the subnets of its default VPC.

use virga_api::dax as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Direction, Read, Reader, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::{SourceType, SubnetGroup};
use crate::{cluster, event, keys, rules};

/// The group of clusters that name none.
pub(crate) const DEFAULT: &str = "default";

/// The most groups of an account in a region.
const MOST: usize = 50;
/// The most subnets of a group.
const MOST_SUBNETS: usize = 20;

/// Finds a group by its name in lower case.
pub(crate) fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<SubnetGroup, Error> {
    if let Some(group) = txn.get(&keys::subnet_group(ctx, name))? {
        return Ok(group);
    }
    if name == DEFAULT {
        return Ok(SubnetGroup {
            name: DEFAULT.to_owned(),
            description: Some("Default CacheSubnetGroup".to_owned()),
            subnets: rules::subnets(ctx.account(), ctx.region()),
        });
    }
    Err(Error::SubnetGroupNotFound { name: name.to_owned() })
}

fn all(ctx: &Ctx, txn: &impl Reader) -> Result<Vec<SubnetGroup>, Error> {
    let rows = txn.scan(&keys::subnet_groups(ctx), Direction::Forward, MOST + 1)?;
    let mut groups: Vec<_> = rows.into_iter().map(|(_, group)| group).collect();
    if groups.iter().all(|group| group.name != DEFAULT) {
        groups.push(find(ctx, txn, DEFAULT)?);
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(groups)
}

/// Creates a group.
pub(crate) fn create_subnet_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateSubnetGroupRequest,
) -> Result<api::CreateSubnetGroupResponse, Error> {
    let name = input.subnet_group_name().to_ascii_lowercase();
    let key = keys::subnet_group(ctx, &name);
    if name == DEFAULT || txn.contains(&key)? {
        return Err(Error::SubnetGroupAlreadyExists { name });
    }
    rules::check_group_name("Subnet group", &name)?;
    if all(ctx, txn)?.len() > MOST {
        return Err(Error::SubnetGroupQuota { limit: MOST });
    }
    let subnets = subnets(input.subnet_ids())?;
    let group = SubnetGroup { name, description: input.description().map(str::to_owned), subnets };
    txn.put(&key, &group)?;
    event::of(ctx, txn, SourceType::SubnetGroup, &group.name, "Subnet group created.".to_owned())?;
    Ok(api::CreateSubnetGroupResponse::new().with_subnet_group(shown(ctx, &group)))
}

/// Describes the groups that are named, or all.
pub(crate) fn describe_subnet_groups(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeSubnetGroupsRequest,
) -> Result<api::DescribeSubnetGroupsResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let names: Vec<&str> = input.subnet_group_names().into_iter().flat_map(List::iter).collect();
    let groups = if names.is_empty() {
        all(ctx, txn)?
    } else {
        names.iter().map(|name| find(ctx, txn, &name.to_ascii_lowercase())).collect::<Result<_, Error>>()?
    };
    let (groups, next) = page.cut(groups, |group| group.name.clone());
    let shown: Vec<_> = groups.iter().map(|group| shown(ctx, group)).collect();
    Ok(api::DescribeSubnetGroupsResponse::new().with_subnet_groups(shown).with_next_token(next))
}

/// Changes the description or the subnets of a group. A subnet where a cluster has nodes stays.
pub(crate) fn update_subnet_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateSubnetGroupRequest,
) -> Result<api::UpdateSubnetGroupResponse, Error> {
    let name = input.subnet_group_name().to_ascii_lowercase();
    let mut group = find(ctx, txn, &name)?;
    if let Some(description) = input.description() {
        group.description = Some(description.to_owned());
    }
    if let Some(ids) = input.subnet_ids().filter(|ids| !ids.is_empty()) {
        let subnets = subnets(ids)?;
        let clusters = cluster::all(ctx, txn)?;
        let zone = |subnet: &String| rules::subnet_zone(ctx.account(), ctx.region(), subnet);
        let is_used = |subnet: &&String| {
            let of_group = clusters.iter().filter(|cluster| cluster.subnet_group == name);
            let mut nodes = of_group.flat_map(|cluster| &cluster.nodes);
            nodes.any(|node| node.availability_zone == zone(subnet))
        };
        if let Some(used) = group.subnets.iter().filter(|subnet| !subnets.contains(subnet)).find(is_used) {
            return Err(Error::SubnetInUse { id: used.clone() });
        }
        group.subnets = subnets;
    }
    txn.put(&keys::subnet_group(ctx, &name), &group)?;
    event::of(ctx, txn, SourceType::SubnetGroup, &name, "Subnet group updated.".to_owned())?;
    Ok(api::UpdateSubnetGroupResponse::new().with_subnet_group(shown(ctx, &group)))
}

/// Deletes a group that no cluster is in.
pub(crate) fn delete_subnet_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteSubnetGroupRequest,
) -> Result<api::DeleteSubnetGroupResponse, Error> {
    let name = input.subnet_group_name().to_ascii_lowercase();
    find(ctx, txn, &name)?;
    if name == DEFAULT {
        return Err(Error::SubnetGroupInUse {
            reason: "The default subnet group cannot be deleted.".to_owned(),
        });
    }
    if let Some(user) = cluster::all(ctx, txn)?.iter().find(|cluster| cluster.subnet_group == name) {
        let reason = format!("Subnet group {name} is in use by cluster {}.", user.name);
        return Err(Error::SubnetGroupInUse { reason });
    }
    txn.delete(&keys::subnet_group(ctx, &name))?;
    event::of(ctx, txn, SourceType::SubnetGroup, &name, "Subnet group deleted.".to_owned())?;
    let message = format!("Subnet group {} has been deleted.", input.subnet_group_name());
    Ok(api::DeleteSubnetGroupResponse::new().with_deletion_message(message))
}

fn subnets(ids: List<'_, &str>) -> Result<Vec<String>, Error> {
    let subnets: Vec<String> = ids.iter().map(str::to_owned).collect();
    if subnets.len() > MOST_SUBNETS {
        return Err(Error::SubnetQuota { limit: MOST_SUBNETS });
    }
    match subnets.iter().find(|id| !rules::is_subnet(id)) {
        Some(id) => Err(Error::InvalidSubnet { id: id.clone() }),
        None => Ok(subnets),
    }
}

fn shown(ctx: &Ctx, group: &SubnetGroup) -> api::SubnetGroup {
    let types = || vec![api::network_type::IPV4];
    let subnet = |id: &String| {
        api::Subnet::new()
            .with_subnet_identifier(id)
            .with_subnet_availability_zone(rules::subnet_zone(ctx.account(), ctx.region(), id))
            .with_supported_network_types(types())
    };
    api::SubnetGroup::new()
        .with_subnet_group_name(&group.name)
        .with_description(group.description.as_deref())
        .with_vpc_id(rules::vpc(ctx.account(), ctx.region()))
        .with_subnets(group.subnets.iter().map(subnet).collect::<Vec<_>>())
        .with_supported_network_types(types())
}
