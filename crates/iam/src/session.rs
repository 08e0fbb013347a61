//! What is particular to a session of temporary credentials.

/// The facts of a session, as condition keys and session policies see them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html>
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// When the credentials were issued, in Unix seconds: `aws:TokenIssueTime`.
    pub issued_at: i64,
    /// When the caller proved to have an MFA device, in Unix seconds: `aws:MultiFactorAuthAge` counts from it.
    pub mfa_authenticated_at: Option<i64>,
    /// The session policy that was passed as text.
    pub policy: Option<String>,
    /// ARNs of the managed policies that were passed as session policies.
    pub policy_arns: Vec<String>,
    /// Session tags: `aws:PrincipalTag/…`, over the tags of the user or role.
    pub tags: Vec<(String, String)>,
    /// Keys of the tags that pass on to further roles.
    pub transitive_tag_keys: Vec<String>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// The identity provider that vouched: `aws:FederatedProvider`.
    pub federated_provider: Option<String>,
    /// Condition keys that a web identity or SAML provider sets, say `saml:sub`.
    pub federation_keys: Vec<(String, Vec<String>)>,
    /// Whether the credentials of one role assumed the next.
    pub is_chained: bool,
    /// Who called `GetFederationToken`: the session has no more than this user's permissions.
    pub federating_user: Option<FederatingUser>,
    /// What S3's `CreateSession` gave it for.
    pub express: Option<ExpressSession>,
}

/// What a session of S3's `CreateSession` is for: the objects of one directory bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressSession {
    /// The name of the directory bucket.
    pub bucket: String,
    /// What tells the bucket from others of its name, before and after it; none when there was no bucket of this name,
    /// so that nobody was asked for a permission.
    pub bucket_id: Option<u64>,
    /// Whether it may only read.
    pub read_only: bool,
    /// How what it writes is encrypted, where it says so: the algorithm, and the key of KMS.
    pub encryption: Option<(String, Option<String>)>,
}

impl Session {
    /// Whether policies were passed with it. Of the sessions of users and root users, those of delegations and of
    /// `AssumeRoot` have some; those of `GetSessionToken` never do.
    pub fn has_policies(&self) -> bool {
        self.policy.is_some() || !self.policy_arns.is_empty()
    }
}

/// The user behind a federated user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatingUser {
    /// The path, `/` or `/division/`.
    pub path: String,
    /// The user name.
    pub name: String,
    /// The unique id, `AIDA…`.
    pub id: String,
}
