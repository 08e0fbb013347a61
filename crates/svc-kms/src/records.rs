//! What KMS stores. Times are microseconds since the epoch by the world's clock. Secrets are stored sealed only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virga_store::stored;

use crate::rules::terms::{GrantOperation, KeySpec, KeyUsage, Origin};

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    /// When it was created.
    pub(crate) created: i64,
    /// `Description`.
    pub(crate) description: String,
    /// `KeySpec`.
    pub(crate) spec: KeySpec,
    /// `KeyUsage`.
    pub(crate) usage: KeyUsage,
    /// `Origin`.
    pub(crate) origin: Origin,
    /// The service whose AWS managed key it is.
    pub(crate) managed_for: Option<String>,
    /// Where it is in its life.
    pub(crate) status: Status,
    /// What it is in the middle of, and until when.
    pub(crate) transition: Option<Transition>,
    /// `MultiRegion`.
    pub(crate) multi_region: bool,
    /// Automatic rotation.
    pub(crate) rotation: Option<Rotation>,
    /// How often it was rotated on demand.
    pub(crate) on_demand_rotations: u32,
    /// Its key materials, oldest first. Of all but symmetric encryption keys there is at most one.
    pub(crate) materials: Vec<Material>,
}
stored!(Key, 1);

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    /// It can be used.
    Enabled,
    /// It was disabled.
    Disabled,
    /// It waits for key material.
    PendingImport,
    /// It is deleted at this time.
    PendingDeletion {
        /// When.
        at: i64,
    },
    /// Its waiting period of so many days begins once its replicas are gone.
    PendingReplicaDeletion {
        /// Days.
        days: u32,
    },
}

/// A state that passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transition {
    /// `Creating`, not `Updating`.
    pub(crate) creating: bool,
    /// When it is over.
    pub(crate) until: i64,
}

/// Automatic rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rotation {
    /// `RotationPeriodInDays`.
    pub(crate) period_days: u32,
    /// When it is next due.
    pub(crate) next: i64,
}

/// Name of a key material.
pub(crate) type MaterialId = [u8; 32];

/// A key material of a key; the secret itself is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Material {
    /// `KeyMaterialId`.
    pub(crate) id: MaterialId,
    /// Whether it encrypts.
    pub(crate) state: MaterialState,
    /// Whether the secret is there; not when imported material expired or was deleted.
    pub(crate) present: bool,
    /// When imported material expires.
    pub(crate) valid_to: Option<i64>,
    /// `KeyMaterialDescription`.
    pub(crate) description: Option<String>,
    /// When and why it took the place of another.
    pub(crate) rotated: Option<(i64, RotationType)>,
}

/// Whether a key material encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MaterialState {
    /// It encrypts.
    Current,
    /// It decrypts what it once encrypted.
    NonCurrent,
    /// It was imported to be the next.
    PendingRotation,
    /// It was imported to be the next, and is not yet in every replica.
    PendingMultiRegionImport,
}

/// Why key material was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RotationType {
    /// It was due.
    Automatic,
    /// Somebody asked for it.
    OnDemand,
}

/// A secret, encrypted under the master key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SealedSecret(pub(crate) Vec<u8>);
stored!(SealedSecret, 1);

/// The key that seals all secrets of a world. It lies beside them: it keeps secrets out of logs, dumps of single
/// records and careless eyes, and is no protection from someone who has the whole store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MasterKey(pub(crate) [u8; 32]);
stored!(MasterKey, 1);

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// Id of the key that it stands for.
    pub(crate) key_id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// When it last changed.
    pub(crate) updated: i64,
}
stored!(Alias, 1);

/// The tags of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);
stored!(Tags, 1);

/// The regions of a multi-Region key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Regions {
    /// Of the primary key.
    pub(crate) primary: String,
    /// Of the replicas.
    pub(crate) replicas: Vec<String>,
}
stored!(Regions, 1);

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// `Name`.
    pub(crate) name: Option<String>,
    /// When it was created.
    pub(crate) created: i64,
    /// Who may.
    pub(crate) grantee: String,
    /// Who may end it.
    pub(crate) retiring: Option<String>,
    /// ARN or account of who made it.
    pub(crate) issuer: String,
    /// What it allows.
    pub(crate) operations: Vec<GrantOperation>,
    /// For which encryption contexts.
    pub(crate) constraint: Option<Constraint>,
    /// What tells its tokens from forged ones.
    pub(crate) secret: [u8; 16],
}
stored!(Grant, 1);

/// For which encryption contexts a grant allows symmetric operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Constraint {
    /// Exactly this.
    Equals(BTreeMap<String, String>),
    /// Those that hold all of this.
    Subset(BTreeMap<String, String>),
}

impl Constraint {
    /// Whether it lets through no context that the other does not.
    pub(crate) fn is_as_strict_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Constraint::Equals(own), Constraint::Equals(pairs)) => own == pairs,
            (Constraint::Subset(_), Constraint::Equals(_)) => false,
            (Constraint::Equals(own) | Constraint::Subset(own), Constraint::Subset(pairs)) => {
                pairs.iter().all(|(key, value)| own.get(key) == Some(value))
            }
        }
    }
}

/// The last cryptographic operation with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastUse {
    /// Name of the operation.
    pub(crate) operation: String,
    /// When.
    pub(crate) at: i64,
    /// Of the call.
    pub(crate) request_id: String,
}
stored!(LastUse, 1);

impl Key {
    /// The material that encrypts, if there ever was one.
    pub(crate) fn current(&self) -> Option<&Material> {
        self.materials.iter().find(|material| material.state == MaterialState::Current)
    }

    /// A material by its id.
    pub(crate) fn material_mut(&mut self, id: &MaterialId) -> Option<&mut Material> {
        self.materials.iter_mut().find(|material| &material.id == id)
    }

    /// Whether the key belongs to a service of AWS.
    pub(crate) fn is_aws_managed(&self) -> bool {
        self.managed_for.is_some()
    }
}
