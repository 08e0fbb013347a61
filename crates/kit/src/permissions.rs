//! When permissions change: the generation that everything remembered about them belongs to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use virga_iam::evaluation::{AttachedPolicy, PrincipalPolicies, ResourceRule};
use virga_iam::policy::{Policy, PolicyKind};
use virga_iam::{AccountId, Caller, Principal};
use virga_store::{Fault, Reader as _, Space, Store, Write, stored};

use crate::per_thread::PerThread;
use crate::propagation::Propagation;
use crate::{Ctx, PolicySource, resource_policy};

/// A number drawn anew with every change of users, roles, policies, keys and their tags. Random, so that the numbers
/// of a state that was reset or loaded are not met again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Generation(u64);
stored!(Generation, 1);

static GENERATION: Space<Generation> = Space::new("kit.permissions");

/// The generation of a world's permissions. This process hears of its own commits at once; where other processes
/// write to the same store, every question reads the stored number.
pub(crate) struct Permissions {
    store: Store,
    own: AtomicU64,
    /// The generation that is known to have no resource policy at all.
    quiet: AtomicU64,
    principals: Memo<Arc<PrincipalPolicies>>,
    /// By account.
    resource_control: Memo<Arc<Vec<Vec<AttachedPolicy>>>>,
    resource_policies: Memo<Option<AttachedPolicy>>,
    propagation: Propagation,
}

/// Principals and resource policies that are remembered, each.
const REMEMBERED: usize = 4096;

impl Permissions {
    pub(crate) fn new(store: Store, propagation: Propagation) -> Self {
        Permissions {
            propagation,
            store,
            own: AtomicU64::new(fresh()),
            quiet: AtomicU64::new(NO_GENERATION),
            principals: Memo::new(REMEMBERED),
            resource_control: Memo::new(REMEMBERED),
            resource_policies: Memo::new(REMEMBERED),
        }
    }

    /// The present generation.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn generation(&self) -> Result<u64, Fault> {
        if self.store.is_shared() {
            let stored = self.store.read()?.get(&GENERATION.key(()))?;
            return Ok(stored.map_or(u64::MAX, |Generation(number)| number));
        }
        if !self.propagation.is_immediate()
            && let Some(due) = self.propagation.due()
        {
            self.own.store(due, Ordering::Release);
        }
        Ok(self.own.load(Ordering::Acquire))
    }

    /// Whether no resource has a policy. One load once it is known.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn has_no_policies(&self, generation: u64) -> Result<bool, Fault> {
        if self.quiet.load(Ordering::Acquire) == generation {
            return Ok(true);
        }
        // What was deleted may still have an effect.
        if !self.propagation.is_immediate() || resource_policy::any(&self.store.read()?)? {
            return Ok(false);
        }
        self.quiet.store(generation, Ordering::Release);
        Ok(true)
    }

    /// The policies of a principal.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn principal(
        &self,
        generation: u64,
        source: &dyn PolicySource,
        caller: &Caller,
    ) -> Result<Arc<PrincipalPolicies>, Fault> {
        // A session has a key of its own; a root user is the same with every key, unless policies limit its session.
        let is_limited = caller.session.as_ref().is_some_and(|session| session.has_policies());
        let name = match (&caller.principal, &caller.access_key_id) {
            (Principal::Root, _) if !is_limited => Cow::Owned(caller.user_id()),
            (_, None) => Cow::Owned(caller.user_id()),
            (_, Some(access_key_id)) => Cow::Borrowed(access_key_id.as_str()),
        };
        self.principals
            .get(generation, &name, || source.of_principal(&self.store.read()?, caller).map(Arc::new))
    }

    /// The resource control policies of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn resource_control(
        &self,
        generation: u64,
        source: &dyn PolicySource,
        account: AccountId,
    ) -> Result<Arc<Vec<Vec<AttachedPolicy>>>, Fault> {
        self.resource_control.get(generation, account.as_str(), || {
            source.resource_control(&self.store.read()?, account).map(Arc::new)
        })
    }

    /// The policy of a resource.
    ///
    /// # Errors
    /// When the store fails, or what is stored is no policy.
    pub(crate) fn resource_policy(
        &self,
        generation: u64,
        arn: &str,
        rule: ResourceRule,
    ) -> Result<Option<AttachedPolicy>, Fault> {
        if self.propagation.is_unknown_yet(arn) {
            return Ok(None);
        }
        // The trust policy of a role speaks of assuming it. What else is done with the role, IAM decides alone.
        if rule == ResourceRule::Ordinary && arn.starts_with("arn:aws:iam::") {
            return Ok(None);
        }
        self.resource_policies.get(generation, arn, || {
            let Some(text) = resource_policy::find(&self.store.read()?, arn)? else { return Ok(None) };
            parse(arn, &text, rule).map(Some)
        })
    }

    /// Starts a new generation in this process.
    pub(crate) fn renew(&self) {
        self.own.store(fresh(), Ordering::Release);
    }

    /// Starts a new generation with the transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn change(self: &Arc<Self>, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&GENERATION.key(()), &Generation(fresh()))?;
        let permissions = Arc::clone(self);
        txn.on_commit(move || {
            if permissions.propagation.is_immediate() {
                permissions.renew();
            } else {
                permissions.propagation.put_off(fresh());
            }
        });
        Ok(())
    }

    /// Notes that the transaction makes something that has a name of its own, a key or a resource policy.
    pub(crate) fn created(self: &Arc<Self>, txn: &mut Write, name: &str) {
        if !self.propagation.is_immediate() {
            let (permissions, name) = (Arc::clone(self), name.to_owned());
            txn.on_commit(move || permissions.propagation.created(&name));
        }
    }

    /// Whether something is too new to be known everywhere.
    pub(crate) fn is_unknown_yet(&self, name: &str) -> bool {
        self.propagation.is_unknown_yet(name)
    }
}

/// The policy of a resource, whose text has been checked.
///
/// # Errors
/// When it is no policy after all.
pub(crate) fn parse(arn: &str, text: &str, rule: ResourceRule) -> Result<AttachedPolicy, Fault> {
    let kind = match rule {
        ResourceRule::Ordinary => PolicyKind::Resource,
        ResourceRule::KeyPolicy => PolicyKind::Key,
        ResourceRule::TrustPolicy => PolicyKind::Trust,
    };
    let policy = Policy::parse(text, kind)
        .map_err(|error| Fault::new(format!("the policy of {arn} can't be read: {error}")))?;
    Ok(AttachedPolicy::new("resource policy", arn, Arc::new(policy)))
}

/// No generation has this number.
const NO_GENERATION: u64 = 0;

fn fresh() -> u64 {
    fastrand::u64(1..)
}

/// What was read of one generation, by name. Past a number of entries all are forgotten. Each thread remembers its own: the
/// count of the references to one value would be what processors wait for each other with.
pub(crate) struct Memo<V> {
    most: usize,
    known: PerThread<RwLock<Known<V>>>,
}

/// A generation and what was read of it.
type Known<V> = (u64, HashMap<String, V, RandomState>);

impl<V: Clone> Memo<V> {
    /// A memo of at most so many entries.
    pub(crate) fn new(most: usize) -> Self {
        Memo { most, known: PerThread::default() }
    }

    /// What is remembered of the generation, else what `read` finds. What was read is kept only under the generation
    /// that was asked for beforehand: a commit in between has started another one by then.
    pub(crate) fn get(
        &self,
        generation: u64,
        name: &str,
        read: impl FnOnce() -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        let own = self.known.own(RwLock::default);
        {
            let known = own.read();
            if let Some(found) = known.1.get(name).filter(|_| known.0 == generation) {
                return Ok(found.clone());
            }
        }
        let value = read()?;
        let mut known = own.write();
        if known.0 != generation || known.1.len() >= self.most {
            *known = (generation, HashMap::default());
        }
        known.1.insert(name.to_owned(), value.clone());
        Ok(value)
    }
}

impl Ctx {
    /// To be called in every transaction that changes what somebody may do: users, groups, roles, policies, their
    /// attachments and tags, keys.
    ///
    /// # Errors
    /// When the store fails.
    pub fn permissions_changed(&self, txn: &mut Write) -> Result<(), Fault> {
        self.world().permissions().change(txn)
    }
}
