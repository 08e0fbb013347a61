//! The condition keys of a call: the global ones from its context, the service's from its access. Each is computed
//! only when a policy asks for it, and what was asked is kept for the explanation.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};

use virga_iam::evaluation::{ConditionContext, PrincipalPolicies, Values};
use virga_iam::{AccountId, Principal};
use virga_model::Record;

use crate::service::service_principal;
use crate::{Access, Condition, Ctx};

/// The keys of one access to one resource.
pub(crate) struct CallConditions<'a> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) access: &'a Access,
    pub(crate) input: &'a Record,
    pub(crate) resource: &'a str,
    pub(crate) resource_account: AccountId,
    pub(crate) principal: &'a PrincipalPolicies,
    looked_up: OnceCell<Vec<Condition>>,
    asked: RefCell<Vec<(String, Option<Vec<String>>)>>,
}

impl<'a> CallConditions<'a> {
    pub(crate) fn new(
        ctx: &'a Ctx,
        access: &'a Access,
        input: &'a Record,
        (resource, resource_account): (&'a str, AccountId),
        principal: &'a PrincipalPolicies,
    ) -> Self {
        CallConditions {
            ctx,
            access,
            input,
            resource,
            resource_account,
            principal,
            looked_up: OnceCell::new(),
            asked: RefCell::default(),
        }
    }

    /// What was asked, with what was found.
    pub(crate) fn into_asked(self) -> Vec<(String, Option<Vec<String>>)> {
        self.asked.into_inner()
    }

    fn find(&self, key: &str) -> Option<Vec<String>> {
        if let Some(name) = key.strip_prefix("aws:") {
            if let Some(tag) = name.strip_prefix("principaltag/") {
                return self.principal_tag(tag).map(|value| vec![value]);
            }
            if let Some(values) = self.multivalued(name) {
                return Some(values);
            }
            if let Some(value) = self.of_caller(name).or_else(|| self.of_request(name)) {
                return Some(vec![value]);
            }
        }
        if let Some(values) = self.of_federation(key) {
            return Some(values);
        }
        let named = |conditions: &[Condition]| {
            let found = conditions.iter().find(|condition| condition.key.eq_ignore_ascii_case(key));
            found.map(|condition| condition.values.clone())
        };
        named(&self.access.conditions).or_else(|| named(self.looked_up()))
    }

    fn looked_up(&self) -> &[Condition] {
        let look = |lookup: crate::access::ConditionLookup| lookup(self.ctx, self.input, self.resource);
        self.looked_up.get_or_init(|| self.access.lookup.map(look).unwrap_or_default())
    }

    /// Tags of a session stand over those of the user or role.
    fn principal_tag(&self, tag: &str) -> Option<String> {
        let session = self.ctx.caller().session.as_ref();
        let tags = session.into_iter().flat_map(|session| &session.tags).chain(&self.principal.tags);
        tags.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(tag)).map(|(_, value)| value.clone())
    }

    fn multivalued(&self, name: &str) -> Option<Vec<String>> {
        match name {
            "calledvia" => {
                let services = self.ctx.called_via();
                (!services.is_empty()).then(|| services.iter().map(|name| service_principal(name)).collect())
            }
            "principalorgpaths" => {
                self.principal.organization.as_ref().map(|organization| vec![organization.path.clone()])
            }
            "principalservicenameslist" => match &self.ctx.caller().principal {
                Principal::Service { name, .. } => Some(vec![name.clone()]),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_caller(&self, name: &str) -> Option<String> {
        let caller = self.ctx.caller();
        let session = caller.session.as_deref();
        match name {
            "principalarn" => caller.identity_arn(),
            "principalaccount" => (caller.principal != Principal::Anonymous
                && !matches!(caller.principal, Principal::Service { .. }))
            .then(|| caller.account.to_string()),
            "principaltype" => Some(principal_type(&caller.principal).to_owned()),
            "principalisawsservice" => {
                Some(matches!(caller.principal, Principal::Service { .. }).to_string())
            }
            "principalservicename" => match &caller.principal {
                Principal::Service { name, .. } => Some(name.clone()),
                _ => None,
            },
            "userid" => (caller.principal != Principal::Anonymous).then(|| caller.user_id()),
            "username" => match &caller.principal {
                Principal::User { name, .. } => Some(name.clone()),
                _ => None,
            },
            // Who has shown an MFA code with long-term credentials has no token.
            "tokenissuetime" => session
                .filter(|session| session.issued_at > 0)
                .map(|session| self.ctx.iso_time(session.issued_at)),
            "multifactorauthpresent" => {
                session.map(|session| session.mfa_authenticated_at.is_some().to_string())
            }
            "multifactorauthage" => {
                let at = session?.mfa_authenticated_at?;
                Some((self.ctx.now().secs() - at).max(0).to_string())
            }
            "sourceidentity" => session?.source_identity.clone(),
            "federatedprovider" => session?.federated_provider.clone(),
            "principalorgid" => {
                self.principal.organization.as_ref().map(|organization| organization.id.clone())
            }
            "sourcearn" => match &caller.principal {
                Principal::Service { source_arn, .. } => source_arn.clone(),
                _ => None,
            },
            "sourceaccount" => match &caller.principal {
                Principal::Service { source_arn: Some(_), .. } => Some(caller.account.to_string()),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_request(&self, name: &str) -> Option<String> {
        let ctx = self.ctx;
        let origin = ctx.origin();
        match name {
            "currenttime" => Some(ctx.iso_time(ctx.now().secs())),
            "epochtime" => Some(ctx.now().secs().to_string()),
            "requestedregion" => Some(ctx.region().to_owned()),
            "securetransport" => Some(origin.secure.to_string()),
            "sourceip" => origin.source_ip.map(|address| address.to_string()),
            "useragent" => origin.user_agent.clone(),
            "referer" => origin.referer.clone(),
            "viaawsservice" => Some((!ctx.called_via().is_empty()).to_string()),
            "calledviafirst" => ctx.called_via().first().map(|name| service_principal(name)),
            "calledvialast" => ctx.called_via().last().map(|name| service_principal(name)),
            "resourceaccount" => Some(self.resource_account.to_string()),
            _ => None,
        }
    }

    /// Keys that an identity provider set when the session began.
    fn of_federation(&self, key: &str) -> Option<Vec<String>> {
        let session = self.ctx.caller().session.as_ref()?;
        let found = session.federation_keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, values)| values.clone())
    }
}

impl ConditionContext for CallConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let known =
            self.asked.borrow().iter().find(|(name, _)| name == key).map(|(_, values)| values.clone());
        let found = known.unwrap_or_else(|| {
            let found = self.find(key);
            self.asked.borrow_mut().push((key.to_owned(), found.clone()));
            found
        });
        found.map(owned)
    }
}

/// Owned values, for the policies.
pub(crate) fn owned(mut values: Vec<String>) -> Values<'static> {
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Values::one(value),
        (last, _) => Values::Many(values.into_iter().chain(last).map(Cow::Owned).collect()),
    }
}

fn principal_type(principal: &Principal) -> &'static str {
    match principal {
        Principal::Root => "Account",
        Principal::User { .. } => "User",
        Principal::AssumedRole { .. } => "AssumedRole",
        Principal::FederatedUser { .. } | Principal::Federated { .. } => "FederatedUser",
        Principal::Service { .. } => "Service",
        Principal::Anonymous => "Anonymous",
    }
}
