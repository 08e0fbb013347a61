//! The order of AWS's evaluation: a deny anywhere, then what each type of policy has to allow.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use smallvec::SmallVec;

use crate::{
    Principal,
    policy::{ActionName, Grant, Subject},
};

use super::{
    decision::{Decision, Outcome, PolicyType},
    findings::{Applied, allow_in, every_level_allows},
    request::{Request, ResourceRule},
};

/// Decides a request.
pub fn evaluate(request: &Request<'_>) -> Decision {
    with_subject(request, |subject| match decide(request, subject) {
        Ok(decision) | Err(decision) => decision,
    })
}

/// Puts together what statements are held against. The action is lowered in case on the stack.
pub(super) fn with_subject<T>(request: &Request<'_>, use_it: impl FnOnce(&Subject<'_>) -> T) -> T {
    let mut action: SmallVec<[u8; 96]> = SmallVec::from_slice(request.action.as_bytes());
    action.make_ascii_lowercase();
    let action = std::str::from_utf8(&action).expect("lowering ASCII letters keeps UTF-8");
    use_it(&Subject {
        action: ActionName::new(action),
        resource: request.resource,
        caller: request.caller,
        is_limited: request.principal.boundary.is_some(),
        context: request.context,
    })
}

/// The allows that were found, where no policy denies.
struct Allows<'a> {
    service_control: bool,
    resource_control: bool,
    vpc_endpoint: bool,
    /// How the resource's policy or a grant allows, and the statement if it was the policy.
    resource: Option<(Grant, Option<Applied<'a>>)>,
    identity: Option<Applied<'a>>,
    boundary: bool,
    session: bool,
}

/// An `Err` is the decision at the first deny.
fn decide(request: &Request<'_>, subject: &Subject<'_>) -> Result<Decision, Decision> {
    let is_service = matches!(request.caller.principal, Principal::Service { .. });
    if request.is_internal && is_service && request.is_within_account() {
        return Ok(allowed(None));
    }
    let allows = Allows::find(request, subject)?;
    Ok(allows.weigh(request))
}

impl<'a> Allows<'a> {
    fn find(request: &Request<'a>, subject: &Subject<'_>) -> Result<Self, Decision> {
        let policies = request.principal;
        let has_policies = has_policies(&request.caller.principal);
        let is_free = request.is_service_linked();
        let service_control = is_free
            || !(has_policies || request.caller.principal == Principal::Root)
            || every_level_allows(&policies.service_control, PolicyType::ServiceControl, subject)?;
        let resource_control =
            is_free || every_level_allows(request.resource_control, PolicyType::ResourceControl, subject)?;
        let vpc_endpoint = match request.vpc_endpoint_policy {
            None => true,
            Some(policy) => allow_in([policy], PolicyType::VpcEndpoint, subject)?.is_some(),
        };
        let resource = match request.resource_policy {
            None => None,
            Some((policy, _)) => allow_in([policy], resource_type(request), subject)?,
        };
        let resource = if request.is_granted {
            Some((Grant::Direct, None))
        } else {
            resource.map(|applied| (applied.grant, Some(applied)))
        };
        let identity = if has_policies {
            allow_in(&policies.identity, PolicyType::IdentityBased, subject)?
        } else {
            None
        };
        let boundary = match &policies.boundary {
            Some(boundary) if has_policies => {
                allow_in([boundary], PolicyType::PermissionsBoundary, subject)?.is_some()
            }
            _ => true,
        };
        let session = match &policies.session {
            Some(session) => allow_in(session, PolicyType::Session, subject)?.is_some(),
            // A federated user without session policies has the permissions that resources give it, no others.
            None => !matches!(request.caller.principal, Principal::FederatedUser { .. }),
        };
        Ok(Self { service_control, resource_control, vpc_endpoint, resource, identity, boundary, session })
    }

    /// Weighs the allows against each other.
    fn weigh(&self, request: &Request<'_>) -> Decision {
        if !self.resource_control {
            return implicit_deny(PolicyType::ResourceControl);
        }
        if !self.service_control {
            return implicit_deny(PolicyType::ServiceControl);
        }
        if !self.vpc_endpoint {
            return implicit_deny(PolicyType::VpcEndpoint);
        }
        match request.caller.principal {
            Principal::Service { .. } | Principal::Federated { .. } | Principal::Anonymous => {
                match self.resource {
                    Some((_, applied)) => allowed(applied),
                    None => implicit_deny(resource_type(request)),
                }
            }
            _ if request.is_within_account() => self.within_account(request),
            _ => self.across_accounts(request),
        }
    }

    /// Within an account the policy of the resource suffices; how directly it speaks of the caller says which implicit
    /// denies still count.
    fn within_account(&self, request: &Request<'_>) -> Decision {
        let rule = request.resource_policy.map_or(ResourceRule::Ordinary, |(_, rule)| rule);
        match self.resource {
            Some((Grant::Direct, applied)) => allowed(applied),
            Some((Grant::Role, applied)) => self.limits().unwrap_or_else(|| allowed(applied)),
            None if rule != ResourceRule::Ordinary => implicit_deny(resource_type(request)),
            Some((Grant::Account, _)) | None => self.of_caller(request),
        }
    }

    /// Across accounts both sides have to allow.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
    fn across_accounts(&self, request: &Request<'_>) -> Decision {
        let of_caller = self.of_caller(request);
        match self.resource {
            _ if !of_caller.is_allowed() => of_caller,
            None => implicit_deny(resource_type(request)),
            Some((_, Some(applied))) => applied.decides(Outcome::Allowed),
            Some((_, None)) => of_caller,
        }
    }

    /// What the policies of the caller say by themselves.
    fn of_caller(&self, request: &Request<'_>) -> Decision {
        if is_or_stands_for_root(request) {
            return self.limits().unwrap_or_else(|| allowed(None));
        }
        match self.identity {
            None => implicit_deny(PolicyType::IdentityBased),
            Some(applied) => self.limits().unwrap_or_else(|| applied.decides(Outcome::Allowed)),
        }
    }

    /// The implicit deny of a permissions boundary or of session policies.
    fn limits(&self) -> Option<Decision> {
        if !self.boundary {
            return Some(implicit_deny(PolicyType::PermissionsBoundary));
        }
        (!self.session).then(|| implicit_deny(PolicyType::Session))
    }
}

/// Whether policies are attached to principals of this kind.
fn has_policies(principal: &Principal) -> bool {
    matches!(
        principal,
        Principal::User { .. } | Principal::AssumedRole { .. } | Principal::FederatedUser { .. }
    )
}

/// Whether the caller is the root user, or a federated user that the root user made: neither has policies of its own.
fn is_or_stands_for_root(request: &Request<'_>) -> bool {
    let caller = request.caller;
    match caller.principal {
        Principal::Root => true,
        Principal::FederatedUser { .. } => {
            caller.session.as_ref().is_some_and(|session| session.federating_user.is_none())
        }
        _ => false,
    }
}

fn resource_type(request: &Request<'_>) -> PolicyType {
    match request.resource_policy {
        Some((_, ResourceRule::TrustPolicy)) => PolicyType::RoleTrust,
        _ => PolicyType::ResourceBased,
    }
}

fn allowed(applied: Option<Applied<'_>>) -> Decision {
    match applied {
        Some(applied) => applied.decides(Outcome::Allowed),
        None => Decision { outcome: Outcome::Allowed, decided_by: None },
    }
}

fn implicit_deny(policy_type: PolicyType) -> Decision {
    Decision { outcome: Outcome::ImplicitDeny(policy_type), decided_by: None }
}
