//! The life of a delegation request: which state follows which, and how long each lasts.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>

use crate::records::delegation::DelegationState;

const DAY: i64 = 86_400;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Somebody claims it.
    Associate,
    /// It is passed on for approval.
    Update,
    /// It is approved.
    Accept,
    /// The exchange token is released.
    Send,
    /// It is refused.
    Reject,
}

/// The state after a step; none when the step can't be taken.
pub(crate) fn after(state: DelegationState, step: Step) -> Option<DelegationState> {
    use DelegationState as S;
    match (step, state) {
        (Step::Associate, S::Unassigned) => Some(S::Assigned),
        (Step::Update, S::Assigned | S::PendingApproval) => Some(S::PendingApproval),
        (Step::Accept, S::Assigned | S::PendingApproval) => Some(S::Accepted),
        (Step::Send, S::Accepted) => Some(S::Finalized),
        (Step::Reject, S::Assigned | S::PendingApproval | S::Accepted) => Some(S::Rejected),
        _ => None,
    }
}

/// How long a request stays in a state, in seconds. AWS does not say after which time it forgets those that have expired.
pub(crate) fn lasts(state: DelegationState) -> i64 {
    match state {
        DelegationState::Unassigned => DAY,
        DelegationState::Expired => 30 * DAY,
        _ => 7 * DAY,
    }
}

/// The state in the API's words.
pub(crate) fn word(state: DelegationState) -> &'static str {
    match state {
        DelegationState::Unassigned => "UNASSIGNED",
        DelegationState::Assigned => "ASSIGNED",
        DelegationState::PendingApproval => "PENDING_APPROVAL",
        DelegationState::Accepted => "ACCEPTED",
        DelegationState::Finalized => "FINALIZED",
        DelegationState::Rejected => "REJECTED",
        DelegationState::Expired => "EXPIRED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        use DelegationState as S;
        let all = [
            S::Unassigned,
            S::Assigned,
            S::PendingApproval,
            S::Accepted,
            S::Finalized,
            S::Rejected,
            S::Expired,
        ];
        let from = |step| all.map(|state| after(state, step).map(word));
        assert_eq!(from(Step::Associate), [Some("ASSIGNED"), None, None, None, None, None, None]);
        let pending = Some("PENDING_APPROVAL");
        assert_eq!(from(Step::Update), [None, pending, pending, None, None, None, None]);
        let accepted = Some("ACCEPTED");
        assert_eq!(from(Step::Accept), [None, accepted, accepted, None, None, None, None]);
        assert_eq!(from(Step::Send), [None, None, None, Some("FINALIZED"), None, None, None]);
        let rejected = Some("REJECTED");
        assert_eq!(from(Step::Reject), [None, rejected, rejected, rejected, None, None, None]);
    }
}
