//! Service-linked roles: created for a service under names that AWS gives, changed by nobody, deleted in the background.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>

use virga_api::iam as api;
use virga_kit::{Ctx, Failure, Timer, TimerHandler, TimerKind};
use virga_store::{Read, Reader as _, Write};

use crate::attachment;
use crate::error::Error;
use crate::identity::Identity as _;
use crate::keys::account as keys;
use crate::records::Role;
use crate::records::account::RoleDeletion;
use crate::role::{self, SERVICE_PATH, USUAL_SESSION_SECONDS};
use crate::rules::service_linked_roles;
use crate::unique_id::{self, Named};

/// The timer that deletes a role.
const DELETION: &str = "delete-service-linked-role";

/// What the timers of this resource do.
pub(crate) const DELETION_TIMER: TimerKind =
    TimerKind { name: DELETION, handler: TimerHandler::Transaction(delete) };

/// Creates the role of a service.
pub(crate) fn create_service_linked_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateServiceLinkedRoleRequest,
) -> Result<api::CreateServiceLinkedRoleResponse, Error> {
    let service = input.aws_service_name();
    let refused = |reason| Err(Error::InvalidInput { reason });
    let Some(template) = service_linked_roles::of_service(service) else {
        return refused(format!("Service role template for {service} could not be found."));
    };
    if input.custom_suffix().is_some() && !template.takes_suffix {
        return refused(format!("Custom suffix is not allowed for {service}"));
    }
    let name = template.role_name(input.custom_suffix());
    if txn.contains(&crate::keys::role(ctx.account(), &name))? {
        return refused(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        ));
    }
    let mut role = Role {
        path: template.path(),
        name,
        id: unique_id::draw(ctx, Named::Role),
        created: ctx.now().secs(),
        trust_policy: template.trust_policy(),
        description: input.description().map(str::to_owned),
        max_session_seconds: USUAL_SESSION_SECONDS,
        boundary: None,
        tags: Vec::new(),
        attached: Vec::new(),
    };
    attachment::connect(ctx, txn, &mut role, &template.policy_arn())?;
    role::insert(ctx, txn, &role)?;
    let shown = role::brief(ctx, &role).with_description(role.description.as_deref());
    Ok(api::CreateServiceLinkedRoleResponse::new().with_role(shown))
}

/// Orders the deletion of a role, and says how to ask after it.
pub(crate) fn delete_service_linked_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteServiceLinkedRoleRequest,
) -> Result<api::DeleteServiceLinkedRoleResponse, Error> {
    let role = Role::find(ctx, txn, input.role_name())?;
    if !role.path.starts_with(SERVICE_PATH) {
        return Err(Error::NoSuchRole { name: role.name });
    }
    let task = format!("task{}{}/{}", role.path, role.name, ctx.uuid());
    txn.put(&keys::role_deletion(ctx.account(), &task), &RoleDeletion { role: role.name, done: false })?;
    let timer = Timer {
        service: "iam",
        kind: DELETION,
        id: format!("{}:{task}", ctx.account()),
        due: ctx.now(),
        payload: task.clone().into_bytes(),
        attempts: 0,
    };
    ctx.schedule(txn, &timer)?;
    Ok(api::DeleteServiceLinkedRoleResponse::new().with_deletion_task_id(task))
}

/// Deletes the role of a task, unless it is gone already.
fn delete(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let task = String::from_utf8_lossy(&timer.payload);
    let key = keys::role_deletion(ctx.account(), &task);
    let Some(deletion) = txn.get(&key)? else { return Ok(()) };
    if let Some(role) = txn.get(&crate::keys::role(ctx.account(), &deletion.role))? {
        for policy in &role.attached {
            txn.delete(&crate::keys::policy_use(ctx.account(), policy, false, &role.id))?;
        }
        role::remove(ctx, txn, &role)?;
    }
    txn.put(&key, &RoleDeletion { done: true, ..deletion })?;
    Ok(())
}

/// Tells how far a deletion is.
pub(crate) fn get_service_linked_role_deletion_status(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<api::GetServiceLinkedRoleDeletionStatusResponse, Error> {
    let task = input.deletion_task_id();
    let deletion = txn.get(&keys::role_deletion(ctx.account(), task))?;
    let deletion = deletion.ok_or_else(|| Error::NoSuchDeletionTask { id: task.to_owned() })?;
    let status = if deletion.done { "SUCCEEDED" } else { "IN_PROGRESS" };
    Ok(api::GetServiceLinkedRoleDeletionStatusResponse::new().with_status(status))
}
