//! What policies decide together about one request, as AWS documents it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
//!
//! Whoever asks puts together a [`Request`]: the action (`sqs:SendMessage`), one resource (an ARN, or `*` for an action
//! that has none) with its account, the caller with its [`PrincipalPolicies`], the policy of the resource, and a
//! [`ConditionContext`] that is asked for a condition key only where a policy names it. [`evaluate()`] gives a
//! [`Decision`]: for an allowed request it costs no allocation beyond what variables in policies need. A refused one words
//! itself with [`Decision::because`]; [`explain()`] looks at everything again and says what it saw. An action on several
//! resources is one request per resource: all of them must be allowed.
//!
//! ```
//! use std::sync::Arc;
//! use virga_iam::{AccountId, Caller, Principal};
//! use virga_iam::evaluation::{AttachedPolicy, PrincipalPolicies, Request, evaluate};
//! use virga_iam::policy::{Policy, PolicyKind};
//!
//! let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}}"#;
//! let policy = Policy::parse(text, PolicyKind::Identity)?;
//! let attached = AttachedPolicy::new("send", "arn:aws:iam::000000000000:user/ann", Arc::new(policy));
//! let policies = PrincipalPolicies { identity: vec![attached], ..PrincipalPolicies::default() };
//! let principal = Principal::User { path: "/".into(), name: "ann".into(), id: "AIDAEXAMPLE".into() };
//! let caller = Caller { principal, ..Caller::root(AccountId::DEFAULT, None) };
//! let queue = "arn:aws:sqs:us-east-1:000000000000:q";
//!
//! let send = Request::new("sqs:SendMessage", queue, &caller, &policies, &());
//! assert!(evaluate(&send).is_allowed());
//!
//! let delete = evaluate(&Request { action: "sqs:DeleteQueue", ..send });
//! let because = delete.because("sqs:DeleteQueue").map(|because| because.to_string());
//! assert_eq!(because.as_deref(), Some("because no identity-based policy allows the sqs:DeleteQueue action"));
//! # Ok::<(), virga_iam::policy::PolicyError>(())
//! ```

mod decision;
mod evaluate;
mod explain;
mod findings;
mod request;

pub use crate::policy::{ConditionContext, Values};
pub use decision::{Because, DecidingStatement, Decision, Outcome, PolicyType};
pub use evaluate::evaluate;
pub use explain::{ConditionExplanation, Explanation, PolicyExplanation, StatementExplanation, explain};
pub use request::{AttachedPolicy, Organization, PrincipalPolicies, Request, ResourceRule};
