//! Every key space of KMS. Everything that belongs to a key is found by its address: account, region and id. The keys
//! of a multi-Region key share account and id, and what they share beyond that is under these two.

use virga_store::{Counter, Key, Range, Space};

use crate::records::{
    Alias, Grant, Key as KmsKey, LastUse, MasterKey, MaterialId, Regions, SealedSecret, Tags,
};
use crate::rules::KeyAddress;

static KEYS: Space<KmsKey> = Space::new("kms.key");
static KEY_COUNTS: Space<Counter> = Space::new("kms.keys");
static SECRETS: Space<SealedSecret> = Space::new("kms.secret");
static MASTER: Space<MasterKey> = Space::new("kms.master");
static ALIASES: Space<Alias> = Space::new("kms.alias");
static ALIASES_OF: Space<()> = Space::new("kms.aliases-of");
static TAGS: Space<Tags> = Space::new("kms.tags");
static GRANTS: Space<Grant> = Space::new("kms.grant");
static GRANT_COUNTS: Space<Counter> = Space::new("kms.grants");
static RETIRABLE: Space<()> = Space::new("kms.retirable");
static REGIONS: Space<Regions> = Space::new("kms.regions");
static LAST_USES: Space<LastUse> = Space::new("kms.used");

/// A key.
pub(crate) fn key(at: &KeyAddress) -> Key<KmsKey> {
    KEYS.key((&at.account, &at.region, &at.id))
}

/// The keys of an account and region, by id.
pub(crate) fn all_keys(account: &str, region: &str) -> Range<KmsKey> {
    KEYS.prefix((account, region))
}

/// How many keys of its own an account has in a region.
pub(crate) fn key_count(account: &str, region: &str) -> Key<Counter> {
    KEY_COUNTS.key((account, region))
}

/// The secret of a key material.
pub(crate) fn secret(at: &KeyAddress, material: &MaterialId) -> Key<SealedSecret> {
    SECRETS.key((&at.account, &at.region, &at.id, &material[..]))
}

/// The secrets of a key.
pub(crate) fn secrets(at: &KeyAddress) -> Range<SealedSecret> {
    SECRETS.prefix((&at.account, &at.region, &at.id))
}

/// The key that seals secrets.
pub(crate) fn master() -> Key<MasterKey> {
    MASTER.key("1")
}

/// An alias by its name, which begins with `alias/`.
pub(crate) fn alias(account: &str, region: &str, name: &str) -> Key<Alias> {
    ALIASES.key((account, region, name))
}

/// The aliases of an account and region, by name.
pub(crate) fn aliases(account: &str, region: &str) -> Range<Alias> {
    ALIASES.prefix((account, region))
}

/// That an alias stands for a key.
pub(crate) fn alias_of(at: &KeyAddress, name: &str) -> Key<()> {
    ALIASES_OF.key((&at.account, &at.region, &at.id, name))
}

/// The aliases of a key, by name.
pub(crate) fn aliases_of(at: &KeyAddress) -> Range<()> {
    ALIASES_OF.prefix((&at.account, &at.region, &at.id))
}

/// The tags of a key.
pub(crate) fn tags(at: &KeyAddress) -> Key<Tags> {
    TAGS.key((&at.account, &at.region, &at.id))
}

/// A grant.
pub(crate) fn grant(at: &KeyAddress, grant_id: &str) -> Key<Grant> {
    GRANTS.key((&at.account, &at.region, &at.id, grant_id))
}

/// The grants of a key, by id.
pub(crate) fn grants(at: &KeyAddress) -> Range<Grant> {
    GRANTS.prefix((&at.account, &at.region, &at.id))
}

/// How many grants a key has.
pub(crate) fn grant_count(at: &KeyAddress) -> Key<Counter> {
    GRANT_COUNTS.key((&at.account, &at.region, &at.id))
}

/// That a principal can retire a grant of a key in this region.
pub(crate) fn retirable(principal: &str, at: &KeyAddress, grant_id: &str) -> Key<()> {
    RETIRABLE.key((&at.region, principal, &at.account, &at.id, grant_id))
}

/// The grants that a principal can retire in a region, by account, key and id.
pub(crate) fn all_retirable(region: &str, principal: &str) -> Range<()> {
    RETIRABLE.prefix((region, principal))
}

/// The regions of a multi-Region key.
pub(crate) fn regions(account: &str, id: &str) -> Key<Regions> {
    REGIONS.key((account, id))
}

/// The last use of a key.
pub(crate) fn last_use(at: &KeyAddress) -> Key<LastUse> {
    LAST_USES.key((&at.account, &at.region, &at.id))
}
