//! The states of keys and what they allow.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use crate::error::Error;
use crate::records::{Key, Status};

/// `KeyState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    Creating,
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
    Updating,
}

impl KeyState {
    /// The state of a key at this time.
    pub(crate) fn of(key: &Key, now: i64) -> Self {
        match (key.transition.filter(|transition| now < transition.until), key.status) {
            (Some(transition), _) if transition.creating => KeyState::Creating,
            (Some(_), Status::Enabled) => KeyState::Updating,
            (_, Status::Enabled) => KeyState::Enabled,
            (_, Status::Disabled) => KeyState::Disabled,
            (_, Status::PendingImport) => KeyState::PendingImport,
            (_, Status::PendingDeletion { .. }) => KeyState::PendingDeletion,
            (_, Status::PendingReplicaDeletion { .. }) => KeyState::PendingReplicaDeletion,
        }
    }

    /// AWS's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            KeyState::Creating => "Creating",
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
            KeyState::PendingReplicaDeletion => "PendingReplicaDeletion",
            KeyState::PendingImport => "PendingImport",
            KeyState::Updating => "Updating",
        }
    }

    /// `Enabled` in the metadata.
    pub(crate) fn is_enabled(self) -> bool {
        matches!(self, KeyState::Enabled | KeyState::Updating)
    }

    /// Whether the key is to be deleted.
    pub(crate) fn is_pending_deletion(self) -> bool {
        matches!(self, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
    }

    /// The error of an operation that this state does not allow.
    fn refusal(self, arn: &str) -> Error {
        let why = match self {
            KeyState::Disabled => return Error::Disabled { arn: arn.to_owned() },
            KeyState::Creating => "creating",
            KeyState::PendingDeletion => "pending deletion",
            KeyState::PendingReplicaDeletion => "pending replica deletion",
            KeyState::PendingImport => "pending import",
            KeyState::Updating => "updating",
            KeyState::Enabled => "enabled",
        };
        Error::InvalidState { reason: format!("{arn} is {why}.") }
    }

    /// Refuses the operation in these states.
    pub(crate) fn refuse(self, arn: &str, states: &[KeyState]) -> Result<(), Error> {
        if states.contains(&self) { Err(self.refusal(arn)) } else { Ok(()) }
    }
}

/// States in which a key can't be used.
pub(crate) const UNUSABLE: &[KeyState] = &[
    KeyState::Creating,
    KeyState::Disabled,
    KeyState::PendingDeletion,
    KeyState::PendingReplicaDeletion,
    KeyState::PendingImport,
];
/// States in which a key can't be changed.
pub(crate) const UNCHANGEABLE: &[KeyState] =
    &[KeyState::Creating, KeyState::PendingDeletion, KeyState::PendingReplicaDeletion];
/// States in which a key can't be enabled or disabled.
pub(crate) const NOT_SWITCHABLE: &[KeyState] = &[
    KeyState::Creating,
    KeyState::PendingDeletion,
    KeyState::PendingReplicaDeletion,
    KeyState::PendingImport,
    KeyState::Updating,
];
/// States in which the set of multi-Region keys can't be changed.
pub(crate) const NOT_ENABLED: &[KeyState] = &[
    KeyState::Creating,
    KeyState::Disabled,
    KeyState::PendingDeletion,
    KeyState::PendingReplicaDeletion,
    KeyState::PendingImport,
    KeyState::Updating,
];
