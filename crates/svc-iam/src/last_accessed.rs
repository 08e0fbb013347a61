//! Services last accessed: which of the services that a user, group, role or policy allows were used, when and by whom.
//! Made from the calls that were noted; a service of this cloud is listed also when nobody used it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html>

use virga_api::iam as api;
use virga_kit::{Ctx, Usage};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity as _;
use crate::keys::account as keys;
use crate::page::Page;
use crate::policy_listing::{granting, grants};
use crate::records::last_accessed::{AccessedService, AccessingEntity, ActionUse, LastAccessedJob};
use crate::records::{Group, Kind, Role, User};
use crate::{arn, group, managed_policy};

/// The most uses of an entity that are looked at.
const MOST_USES: usize = 100_000;
/// The most reports of an account; a new one takes the place of the oldest.
const MOST_JOBS: usize = 100;

/// Makes a report.
pub(crate) fn generate_service_last_accessed_details(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GenerateServiceLastAccessedDetailsRequest,
) -> Result<api::GenerateServiceLastAccessedDetailsResponse, Error> {
    let (entities, documents) = subject(ctx, txn, input.arn())?;
    let mut services = Vec::new();
    for service in ctx.world().services().iter() {
        let namespace = service.action_prefix;
        if documents.iter().any(|document| grants(document, namespace)) {
            let uses = uses(txn, &entities, namespace)?;
            let name = service.model.full_name().to_owned();
            services.push(AccessedService { name, namespace: namespace.to_owned(), uses });
        }
    }
    services.sort_unstable_by(|one, other| one.namespace.cmp(&other.namespace));
    let of_actions = input.granularity() == Some("ACTION_LEVEL");
    let job = LastAccessedJob { created: ctx.now().secs(), of_actions, entities, services };
    forget_oldest(ctx, txn)?;
    let id = ctx.uuid();
    txn.put(&keys::last_accessed_job(ctx.account(), &id), &job)?;
    Ok(api::GenerateServiceLastAccessedDetailsResponse::new().with_job_id(id))
}

fn forget_oldest(ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
    let jobs = txn.scan(&keys::last_accessed_jobs(ctx.account()), Direction::Forward, usize::MAX)?;
    if jobs.len() >= MOST_JOBS
        && let Some((key, _)) = jobs.iter().min_by_key(|(_, job)| job.created)
    {
        txn.delete(key)?;
    }
    Ok(())
}

/// Whose calls a report on an ARN is about, and the policies that say which services they may use.
fn subject(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<(Vec<AccessingEntity>, Vec<String>), Error> {
    let resource = managed_policy::require_arn(arn)?.resource;
    let name = resource.rsplit('/').next().unwrap_or_default();
    let mut entities = Vec::new();
    match resource.split('/').next() {
        Some("user") => entities.push(of_user(ctx, &User::find(ctx, txn, name)?)),
        Some("role") => entities.push(of_role(ctx, &Role::find(ctx, txn, name)?)),
        Some("group") => {
            let users = group::members(ctx, txn, &Group::find(ctx, txn, name)?)?;
            entities.extend(users.iter().map(|user| of_user(ctx, user)));
        }
        Some("policy") => {
            let policy = managed_policy::require(ctx, txn, arn)?;
            let document = policy.default_document(ctx.account(), txn)?;
            return Ok((of_policy(ctx, txn, arn)?, vec![document]));
        }
        _ => return Err(Error::invalid_arn(arn)),
    }
    let documents = granting(ctx, txn, arn)?.into_iter().map(|policy| policy.document).collect();
    Ok((entities, documents))
}

/// The users and roles that have a policy, users also by their groups.
fn of_policy(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Vec<AccessingEntity>, Error> {
    let account = ctx.account();
    let mut found: Vec<AccessingEntity> = Vec::new();
    for key in txn.scan_keys(&crate::keys::policy_uses(account, arn), Direction::Forward, usize::MAX)? {
        let (_, _, is_boundary, id) = key.parts::<(String, String, bool, String)>()?;
        let Some(entity) = txn.get(&crate::keys::entity(account, &id))?.filter(|_| !is_boundary) else {
            continue;
        };
        match entity.kind {
            Kind::User => found.push(of_user(ctx, &User::find(ctx, txn, &entity.name)?)),
            Kind::Role => found.push(of_role(ctx, &Role::find(ctx, txn, &entity.name)?)),
            Kind::Group => {
                let users = group::members(ctx, txn, &Group::find(ctx, txn, &entity.name)?)?;
                found.extend(users.iter().map(|user| of_user(ctx, user)));
            }
        }
    }
    found.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    found.dedup();
    Ok(found)
}

fn of_user(ctx: &Ctx, user: &User) -> AccessingEntity {
    AccessingEntity {
        arn: arn::of(ctx.account(), "user", &user.path, &user.name),
        name: user.name.clone(),
        is_role: false,
        id: user.id.clone(),
        path: user.path.clone(),
    }
}

fn of_role(ctx: &Ctx, role: &Role) -> AccessingEntity {
    AccessingEntity {
        arn: arn::of(ctx.account(), "role", &role.path, &role.name),
        name: role.name.clone(),
        is_role: true,
        id: role.id.clone(),
        path: role.path.clone(),
    }
}

/// The last use of each action of a service by each entity, on whatever resource.
fn uses(txn: &impl Reader, entities: &[AccessingEntity], namespace: &str) -> Result<Vec<ActionUse>, Fault> {
    let mut found: Vec<ActionUse> = Vec::new();
    for (entity, accessing) in entities.iter().enumerate() {
        for used in Usage::of_principal(txn, &accessing.arn, MOST_USES)? {
            let Some((service, action)) = used.action.split_once(':') else { continue };
            if service != namespace {
                continue;
            }
            match found.iter_mut().find(|one| one.entity == entity && one.action == action) {
                Some(one) if one.at >= used.at => {}
                Some(one) => (one.at, one.region) = (used.at, used.region),
                None => found.push(ActionUse {
                    action: action.to_owned(),
                    entity,
                    at: used.at,
                    region: used.region,
                }),
            }
        }
    }
    Ok(found)
}

fn find(ctx: &Ctx, txn: &impl Reader, id: &str) -> Result<LastAccessedJob, Error> {
    let found = txn.get(&keys::last_accessed_job(ctx.account(), id))?;
    found.ok_or_else(|| Error::NoSuchJob { id: id.to_owned() })
}

/// Reads a report by service.
pub(crate) fn get_service_last_accessed_details(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetServiceLastAccessedDetailsRequest,
) -> Result<api::GetServiceLastAccessedDetailsResponse, Error> {
    let job = find(ctx, txn, input.job_id())?;
    let page = Page::of(input.marker(), input.max_items())?;
    let rows = job.services.iter().map(|service| (service.namespace.clone(), job.shown(service)));
    let (services, marker) = page.cut(rows);
    let made = Timestamp::from_secs(job.created);
    Ok(api::GetServiceLastAccessedDetailsResponse::new()
        .with_job_status("COMPLETED")
        .with_job_type(if job.of_actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" })
        .with_job_creation_date(made)
        .with_job_completion_date(made)
        .with_services_last_accessed(services)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

impl LastAccessedJob {
    fn arn(&self, entity: usize) -> Option<&str> {
        self.entities.get(entity).map(|entity| entity.arn.as_str())
    }

    fn shown(&self, service: &AccessedService) -> api::ServiceLastAccessed {
        let mut who: Vec<usize> = service.uses.iter().map(|one| one.entity).collect();
        who.sort_unstable();
        who.dedup();
        let last = service.uses.iter().max_by_key(|one| one.at);
        let actions: Vec<_> = service.uses.iter().map(|one| self.tracked(one)).collect();
        api::ServiceLastAccessed::new()
            .with_service_name(&*service.name)
            .with_service_namespace(&*service.namespace)
            .with_last_authenticated(last.map(|one| Timestamp::from_secs(one.at)))
            .with_last_authenticated_entity(last.and_then(|one| self.arn(one.entity)))
            .with_last_authenticated_region(last.map(|one| one.region.as_str()))
            .with_total_authenticated_entities(i32::try_from(who.len()).unwrap_or(i32::MAX))
            .with_tracked_actions_last_accessed(self.of_actions.then_some(actions))
    }

    fn tracked(&self, one: &ActionUse) -> api::TrackedActionLastAccessed {
        api::TrackedActionLastAccessed::new()
            .with_action_name(&*one.action)
            .with_last_accessed_entity(self.arn(one.entity))
            .with_last_accessed_time(Timestamp::from_secs(one.at))
            .with_last_accessed_region(&*one.region)
    }
}

/// Reads a report by those who used a service: the latest first, then those who never did.
pub(crate) fn get_service_last_accessed_details_with_entities(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<api::GetServiceLastAccessedDetailsWithEntitiesResponse, Error> {
    let job = find(ctx, txn, input.job_id())?;
    let page = Page::of(input.marker(), input.max_items())?;
    let service = job.services.iter().find(|service| service.namespace == input.service_namespace());
    let uses = service.map_or(&[][..], |service| &service.uses);
    let last = |entity| uses.iter().filter(|one| one.entity == entity).map(|one| one.at).max();
    let mut rows: Vec<_> = job.entities.iter().enumerate().map(|(place, one)| (last(place), one)).collect();
    rows.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    let rows = rows.into_iter().enumerate();
    let (details, marker) =
        page.cut(rows.map(|(place, (last, one))| (format!("{place:08}"), entity(one, last))));
    let made = Timestamp::from_secs(job.created);
    Ok(api::GetServiceLastAccessedDetailsWithEntitiesResponse::new()
        .with_job_status("COMPLETED")
        .with_job_creation_date(made)
        .with_job_completion_date(made)
        .with_entity_details_list(details)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

fn entity(one: &AccessingEntity, last: Option<i64>) -> api::EntityDetails {
    let info = api::EntityInfo::new()
        .with_arn(&*one.arn)
        .with_name(&*one.name)
        .with_type(if one.is_role { "ROLE" } else { "USER" })
        .with_id(&*one.id)
        .with_path(&*one.path);
    api::EntityDetails::new().with_entity_info(info).with_last_authenticated(last.map(Timestamp::from_secs))
}
