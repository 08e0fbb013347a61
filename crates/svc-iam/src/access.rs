//! What a call needs permission for. Actions and kinds of resource are those of the Service Authorization Reference;
//! which resource it is follows from the members that name it, the same in all operations.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use virga_iam::authorization_reference;
use virga_iam::{AccountId, Principal};
use virga_kit::{Access, Arn, Condition, Ctx, StoredPrincipal};
use virga_model::{Operation, Record, Value};
use virga_store::{Read, Reader as _};

use crate::owner::is_root_of_member;
use crate::records::credential::{ServerCertificate, VirtualMfaDevice};
use crate::records::provider::{OidcProvider, SamlProvider};
use crate::records::{InstanceProfile, ManagedPolicy, Role, Tag, User};
use crate::rules::service_linked_roles;
use crate::tag::Tagged;
use crate::{arn, delegation, keys, managed_policy, password_policy};

/// Kind of resource, the member that names it, and the action that tags it when it is made with tags.
const KINDS: &[(&str, &str, Option<&str>)] = &[
    ("user", "UserName", Some("TagUser")),
    ("group", "GroupName", None),
    ("role", "RoleName", Some("TagRole")),
    ("instance-profile", "InstanceProfileName", Some("TagInstanceProfile")),
    ("policy", "PolicyName", Some("TagPolicy")),
    ("mfa", "VirtualMFADeviceName", Some("TagMFADevice")),
    ("server-certificate", "ServerCertificateName", Some("TagServerCertificate")),
    ("saml-provider", "Name", Some("TagSAMLProvider")),
    ("oidc-provider", "Url", Some("TagOpenIDConnectProvider")),
];
/// Members that hold the ARN of a resource, by its kind.
const ARNS: &[(&str, &str)] = &[
    ("policy", "PolicyArn"),
    ("mfa", "SerialNumber"),
    ("sms-mfa", "SerialNumber"),
    ("saml-provider", "SAMLProviderArn"),
    ("oidc-provider", "OpenIDConnectProviderArn"),
];
/// Members that hold the ARN of whatever kind of resource.
const ANY_ARNS: &[&str] = &["Arn", "PolicySourceArn"];
/// Condition keys that one member tells.
const KEYS: &[(&str, &str)] = &[
    ("iam:PermissionsBoundary", "PermissionsBoundary"),
    ("iam:AWSServiceName", "AWSServiceName"),
    ("iam:ServiceSpecificCredentialServiceName", "ServiceName"),
    ("iam:ServiceSpecificCredentialAgeDays", "CredentialAgeDays"),
    ("iam:NotificationChannel", "NotificationChannel"),
    ("iam:DelegationDuration", "SessionDuration"),
    ("iam:DelegationRequestOwner", "OwnerId"),
];

/// Operations whose name and path are those of a new resource.
const MAKE_NAMES: [&str; 5] =
    ["CreateUser", "CreateGroup", "CreateRole", "CreateInstanceProfile", "UploadServerCertificate"];

/// The accesses of a call.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    if name == "ChangePassword" && users_may_change_passwords(ctx) {
        return Vec::new();
    }
    let call = Target { ctx, operation: name, input };
    let (kind, resource) = call.resource().unwrap_or_default();
    let mut access = match resource {
        resource if resource.is_empty() => Access::without_resource(name),
        resource => Access::to(name, resource).looking_up(known),
    };
    access.conditions = call.conditions();
    if kind == delegation::KIND || name == "ListDelegationRequests" {
        access.grants = Some(delegation::is_owners);
    }
    let tagging = KINDS.iter().find(|(other, _, _)| *other == kind).and_then(|(_, _, tagging)| *tagging);
    let tagging = tagging.filter(|_| call.makes() && !tags(input).is_empty());
    let mut accesses = vec![access];
    if let Some(action) = tagging {
        accesses.push(Access { action: action.into(), ..accesses[0].clone() });
    }
    if let Some(moved) = call.moved_to().filter(|moved| !accesses[0].resources.contains(moved)) {
        accesses.push(Access { resources: vec![moved], ..accesses[0].clone() });
    }
    if name == "AddRoleToInstanceProfile"
        && let Some(role) = call.arn_of("role")
    {
        let passed = Condition::new("iam:PassedToService", "ec2.amazonaws.com");
        accesses.push(Access::to("PassRole", role).looking_up(known).with(passed));
    }
    accesses
}

/// Whether the account's password policy lets its users change their passwords, whatever their policies say.
fn users_may_change_passwords(ctx: &Ctx) -> bool {
    let read = ctx.world().store().read();
    let policy = read.and_then(|read| password_policy::of_account(ctx, &read));
    matches!(policy, Ok(Some(policy)) if policy.users_may_change)
}

/// A call, to find the resource that it is about.
struct Target<'a> {
    ctx: &'a Ctx,
    operation: &'static str,
    input: &'a Record,
}

impl Target<'_> {
    fn makes(&self) -> bool {
        self.operation.starts_with("Create") || self.operation.starts_with("Upload")
    }

    /// Kind and ARN of the resource; none for an action that has none, or when nothing names it.
    fn resource(&self) -> Option<(&'static str, String)> {
        if let Some(id) = self.delegation_request() {
            return Some((delegation::KIND, arn::of(self.ctx.account(), delegation::KIND, "/", id)));
        }
        let caller = self.ctx.caller();
        // The policies of the privileged tasks speak of the root user, whatever its credentials are called.
        if is_root_of_member(caller) && text(self.input, "UserName").is_none() {
            return Some(("user", caller.arn()?));
        }
        let action = authorization_reference::action("iam", self.operation)?;
        action.resources().find_map(|resource| {
            let arn = self.arn_of(resource.resource_type)?;
            Some((resource.resource_type, arn))
        })
    }

    /// The id of the delegation request; `*` of the one to be made. Requests are nobody's at first, so that to each account
    /// they are its own.
    fn delegation_request(&self) -> Option<&str> {
        match self.operation {
            "CreateDelegationRequest" => Some("*"),
            "GetHumanReadableSummary" => text(self.input, "EntityArn")?.rsplit('/').next(),
            _ => text(self.input, "DelegationRequestId"),
        }
    }

    fn arn_of(&self, kind: &'static str) -> Option<String> {
        let given = |member: &str| text(self.input, member).map(in_partition);
        if let Some(arn) = ANY_ARNS.iter().find_map(|member| text(self.input, member)) {
            return Some(self.known_arn(arn));
        }
        if let Some(arn) = ARNS.iter().filter(|(of, _)| *of == kind).find_map(|(_, member)| given(member)) {
            return Some(arn);
        }
        let account = self.ctx.account();
        match self.operation {
            "GetAccessKeyLastUsed" => return self.owner_of_key(),
            "CreateServiceLinkedRole" => {
                let template = service_linked_roles::of_service(text(self.input, "AWSServiceName")?)?;
                let name = template.role_name(text(self.input, "CustomSuffix"));
                return Some(arn::of(account, "role", &template.path(), &name));
            }
            "GetServiceLinkedRoleDeletionStatus" => {
                let task = text(self.input, "DeletionTaskId")?.strip_prefix("task")?;
                let (role, _) = task.rsplit_once('/')?;
                return Some(arn::of(account, "role", role, ""));
            }
            _ => {}
        }
        let (_, member, _) = KINDS.iter().find(|(other, _, _)| *other == kind)?;
        match text(self.input, member) {
            // The provider's ARN is its URL without the scheme.
            Some(url) if kind == "oidc-provider" => {
                Some(arn::of(account, kind, "/", url.trim_start_matches("https://")))
            }
            Some(name) => Some(self.named(kind, name)),
            None if kind == "user" => self.caller(),
            None => None,
        }
    }

    /// The ARN of a resource: with the path that is given when it is made, else with path and name as stored, for it
    /// is found by its name in any case.
    fn named(&self, kind: &str, name: &str) -> String {
        let account = self.ctx.account();
        match stored_path_and_name(self.ctx, kind, name) {
            Some((path, name)) if !MAKE_NAMES.contains(&self.operation) => {
                arn::of(account, kind, &path, &name)
            }
            _ => arn::of(account, kind, text(self.input, "Path").unwrap_or("/"), name),
        }
    }

    /// The ARN of the user, group or role that the operations find by an ARN: they look at its name alone.
    fn known_arn(&self, given: &str) -> String {
        let kind = Arn::parse(given).and_then(|arn| arn.resource.split('/').next()).unwrap_or_default();
        let is_foreign = Arn::parse(given)
            .is_some_and(|arn| arn.account.parse::<AccountId>().is_ok() && arn.account != self.ctx.account());
        let found = stored_path_and_name(self.ctx, kind, managed_policy::name_of(given));
        match found.filter(|_| !is_foreign) {
            Some((path, name)) => arn::of(self.ctx.account(), kind, &path, &name),
            None => in_partition(given),
        }
    }

    /// What a user, group or server certificate is to be called, where the call moves or renames it: that needs the
    /// permission as well.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_manage.html>
    fn moved_to(&self) -> Option<String> {
        let (kind, member) = match self.operation {
            "UpdateUser" => ("user", "NewUserName"),
            "UpdateGroup" => ("group", "NewGroupName"),
            "UpdateServerCertificate" => ("server-certificate", "NewServerCertificateName"),
            _ => return None,
        };
        let (_, of, _) = KINDS.iter().find(|(other, _, _)| *other == kind)?;
        let old = text(self.input, of)?;
        let (path, name) =
            stored_path_and_name(self.ctx, kind, old).unwrap_or_else(|| ("/".to_owned(), old.to_owned()));
        let path = text(self.input, "NewPath").unwrap_or(&path);
        Some(arn::of(self.ctx.account(), kind, path, text(self.input, member).unwrap_or(&name)))
    }

    /// Who is meant where no user is named.
    fn caller(&self) -> Option<String> {
        match &self.ctx.caller().principal {
            Principal::User { .. } => self.ctx.caller().arn(),
            _ => None,
        }
    }

    fn owner_of_key(&self) -> Option<String> {
        let read = self.ctx.world().store().read().ok()?;
        let key = self.ctx.issued_key(&read, text(self.input, "AccessKeyId")?).ok()??;
        match key.principal {
            StoredPrincipal::User { path, name, .. } => Some(arn::of(&key.account, "user", &path, &name)),
            _ => None,
        }
    }

    /// The condition keys that the input tells.
    fn conditions(&self) -> Vec<Condition> {
        let told = |(key, member): &(&str, &str)| Some(Condition::new(*key, scalar(self.input, member)?));
        let mut conditions: Vec<Condition> = KEYS.iter().filter_map(told).collect();
        if self.operation.starts_with("Attach") || self.operation.starts_with("Detach") {
            let arn = text(self.input, "PolicyArn");
            conditions.extend(arn.map(|arn| Condition::new("iam:PolicyARN", arn)));
        }
        if let Some(Value::Structure(permissions)) = self.input.by_name("Permissions") {
            let template = text(permissions, "PolicyTemplateArn");
            conditions.extend(template.map(|arn| Condition::new("iam:TemplateArn", arn)));
        }
        let tags = tags(self.input);
        conditions.extend(
            tags.iter().map(|(key, value)| Condition::new(format!("aws:RequestTag/{key}"), value.clone())),
        );
        let removed = texts(self.input, "TagKeys");
        let keys: Vec<String> = tags.into_iter().map(|(key, _)| key).chain(removed).collect();
        if !keys.is_empty() {
            conditions.push(Condition::multivalued("aws:TagKeys", keys));
        }
        conditions
    }
}

/// The ARN as policies know the resource: the partition that a caller writes is not looked at when it is found.
fn in_partition(given: &str) -> String {
    Arn::parse(given).map_or_else(|| given.to_owned(), |arn| Arn { partition: "aws", ..arn }.to_string())
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A text or number as text.
fn scalar(input: &Record, member: &str) -> Option<String> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text.to_string()),
        Some(Value::Integer(number)) => Some(number.to_string()),
        _ => None,
    }
}

fn texts(input: &Record, member: &str) -> Vec<String> {
    let Some(Value::List(items)) = input.by_name(member) else { return Vec::new() };
    let text = |item: &Value| match item {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

/// The tags that the input gives.
fn tags(input: &Record) -> Vec<(String, String)> {
    let Some(Value::List(items)) = input.by_name("Tags") else { return Vec::new() };
    let tag = |item: &Value| match item {
        Value::Structure(tag) => Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned())),
        _ => None,
    };
    items.iter().filter_map(tag).collect()
}

fn stored_path_and_name(ctx: &Ctx, kind: &str, name: &str) -> Option<(String, String)> {
    let read = ctx.world().store().read().ok()?;
    let account = ctx.account();
    // A store failure leaves it out: then the call itself fails for the same reason.
    match kind {
        "user" => read.get(&keys::user(account, name)).ok()?.map(|user| (user.path, user.name)),
        "group" => read.get(&keys::group(account, name)).ok()?.map(|group| (group.path, group.name)),
        "role" => read.get(&keys::role(account, name)).ok()?.map(|role| (role.path, role.name)),
        "instance-profile" => {
            let found = read.get(&keys::instance_profile(account, name)).ok()?;
            found.map(|profile| (profile.path, profile.name))
        }
        "server-certificate" => {
            let found = read.get(&keys::credential::server_certificate(account, name)).ok()?;
            found.map(|certificate| (certificate.path, certificate.name))
        }
        _ => None,
    }
}

/// What a resource tells of itself: its tags and, of users and roles, the boundary that the call does not change.
fn known(ctx: &Ctx, input: &Record, arn: &str) -> Vec<Condition> {
    let Ok(read) = ctx.world().store().read() else { return Vec::new() };
    if let Some((_, id)) = arn.split_once(":delegation-request/") {
        let owner = delegation::find(&read, id).ok().and_then(|request| request.owner);
        return owner.map(|owner| Condition::new("iam:DelegationRequestOwner", owner)).into_iter().collect();
    }
    let (tags, boundary) = facts(ctx, &read, arn).unwrap_or_default();
    let boundary = boundary.filter(|_| text(input, "PermissionsBoundary").is_none());
    let boundary = boundary.map(|arn| Condition::new("iam:PermissionsBoundary", arn));
    let tag = |Tag { key, value }: Tag| {
        ["aws", "iam"].map(|prefix| Condition::new(format!("{prefix}:ResourceTag/{key}"), value.clone()))
    };
    tags.into_iter().flat_map(tag).chain(boundary).collect()
}

/// Tags and permissions boundary of the resource with this ARN, if it is there.
fn facts(ctx: &Ctx, read: &Read, arn: &str) -> Option<(Vec<Tag>, Option<String>)> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let name = managed_policy::name_of(arn);
    let tags = match resource.split('/').next()? {
        "user" => {
            let user = User::find_tagged(ctx, read, name).ok()?;
            return Some((user.tags, user.boundary));
        }
        "role" => {
            let role = Role::find_tagged(ctx, read, name).ok()?;
            return Some((role.tags, role.boundary));
        }
        "policy" => tags_of::<ManagedPolicy>(ctx, read, arn),
        "instance-profile" => tags_of::<InstanceProfile>(ctx, read, name),
        "server-certificate" => tags_of::<ServerCertificate>(ctx, read, name),
        "mfa" => tags_of::<VirtualMfaDevice>(ctx, read, arn),
        "oidc-provider" => tags_of::<OidcProvider>(ctx, read, arn),
        "saml-provider" => tags_of::<SamlProvider>(ctx, read, arn),
        _ => None,
    };
    Some((tags?, None))
}

fn tags_of<R: Tagged>(ctx: &Ctx, read: &Read, name: &str) -> Option<Vec<Tag>> {
    R::find_tagged(ctx, read, name).ok().map(|resource| resource.tags().to_vec())
}
