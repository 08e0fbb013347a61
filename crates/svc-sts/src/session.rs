//! Issuing credentials: the end of every operation that makes a session.

use virga_api::sts as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_iam::{AccountId, Caller};
use virga_kit::{
    Arn, Ctx, Failure, StoredKey, StoredPrincipal, StoredSession, Timer, TimerHandler, TimerKind, secrets,
};
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::Write;

use crate::error::Error;
use crate::rules::{self, RequestedTags};

/// The most managed policies of a session.
const MOST_POLICIES: usize = 10;

/// Forgets a key long after it expired; its id is the timer's.
const FORGET: &str = "forget";

/// What the timers of STS do.
pub(crate) static TIMERS: &[TimerKind] =
    &[TimerKind { name: FORGET, handler: TimerHandler::Transaction(forget) }];

/// A session to be made.
pub(crate) struct NewSession {
    pub(crate) account: AccountId,
    pub(crate) principal: StoredPrincipal,
    pub(crate) session: StoredSession,
    pub(crate) seconds: i32,
}

/// A session that was made.
pub(crate) struct Issued {
    pub(crate) credentials: api::Credentials,
    /// Who calls with them.
    pub(crate) caller: Caller,
}

/// Makes a session and its credentials.
pub(crate) fn issue(ctx: &Ctx, txn: &mut Write, new: &NewSession) -> Result<Issued, Error> {
    let (id, secret) = secrets::new_access_key("ASIA", new.account)?;
    let token = secrets::new_session_token()?;
    let expires_at = ctx.now().secs() + i64::from(new.seconds);
    let key = StoredKey {
        secret_access_key: secret.clone(),
        session_token: Some(token.clone()),
        expires_at: Some(expires_at),
        active: true,
        account: new.account.to_string(),
        principal: new.principal.clone(),
        session: Some(new.session.clone()),
        express: None,
    };
    ctx.issue_key(txn, &id, &key)?;
    let due = Timestamp::from_secs(expires_at).plus(StoredKey::REMEMBERED);
    ctx.schedule(txn, &Timer::new("sts", FORGET, id.clone(), due, &())?)?;
    let credentials = api::Credentials::new()
        .with_access_key_id(&*id)
        .with_secret_access_key(secret)
        .with_session_token(token)
        .with_expiration(Timestamp::from_secs(expires_at));
    Ok(Issued { credentials, caller: key.caller(&id) })
}

fn forget(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    Ok(ctx.revoke_key(txn, &timer.id)?)
}

/// The session policies of a call, checked.
#[derive(Debug, Default)]
pub(crate) struct SessionPolicies {
    pub(crate) policy: Option<String>,
    pub(crate) arns: Vec<String>,
}

impl SessionPolicies {
    /// Reads them; managed ones must be AWS's or the account's.
    pub(crate) fn of_input(
        account: &str,
        policy: Option<&str>,
        arns: Option<List<'_, &api::PolicyDescriptorType>>,
    ) -> Result<Self, Error> {
        if let Some(text) = policy {
            let parsed = Policy::parse(text, PolicyKind::Session);
            parsed.map_err(|error| Error::MalformedPolicyDocument { reason: error.to_string() })?;
        }
        let arns: Vec<String> = arns
            .into_iter()
            .flat_map(List::iter)
            .filter_map(|entry| entry.arn())
            .map(str::to_owned)
            .collect();
        if arns.len() > MOST_POLICIES {
            return Err(Error::validation(format!(
                "The number of managed session policies exceeds the limit of {MOST_POLICIES}"
            )));
        }
        let is_policy = |arn: &&String| {
            Arn::parse(arn).is_some_and(|arn| {
                arn.service == "iam"
                    && arn.resource.starts_with("policy/")
                    && (arn.account == account || arn.account == "aws")
            })
        };
        if let Some(wrong) = arns.iter().find(|arn| !is_policy(arn)) {
            return Err(Error::invalid_arn(wrong));
        }
        Ok(SessionPolicies { policy: policy.map(str::to_owned), arns })
    }

    /// How much of the space they and the tags take, in percent; none when there is nothing to pack.
    pub(crate) fn packed_percent(&self, tags: &[(String, String)]) -> Result<Option<i32>, Error> {
        let percent = rules::packed_percent(self.policy.as_deref(), &self.arns, tags)?;
        Ok(Some(percent).filter(|percent| *percent > 0))
    }
}

/// The tags of a call.
pub(crate) fn requested_tags(
    tags: Option<List<'_, &api::Tag>>,
    transitive_keys: Option<List<'_, &str>>,
) -> RequestedTags {
    let tags = tags.into_iter().flat_map(List::iter);
    RequestedTags {
        tags: tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
        transitive_keys: transitive_keys.into_iter().flat_map(List::iter).map(str::to_owned).collect(),
    }
}
