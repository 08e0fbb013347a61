//! The role that is to be assumed: its ARN, and what IAM knows of it.

use virga_api::iam;
use virga_iam::AccountId;
use virga_kit::{Arn, Ctx, StoredPrincipal};
use virga_model::view::List;

use crate::error::Error;

/// Where IAM, which is global, is asked.
pub(crate) const IAM_REGION: &str = "us-east-1";
/// The longest session of a role that says nothing of it.
const USUAL_LONGEST_SECONDS: i32 = 3600;

/// The ARN of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoleArn<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// The account of the role, when the ARN has one.
    account: Option<AccountId>,
    /// The path, `/` or `/division/`, and the name; none when it is the ARN of something else.
    path_and_name: Option<(&'a str, &'a str)>,
}

/// A role as IAM knows it.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    path: String,
    name: String,
    id: String,
    pub(crate) longest_seconds: i32,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
}

impl<'a> RoleArn<'a> {
    /// Reads the ARN; whether it names a role shows later, when access is refused.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let arn = Arn::parse(text).ok_or_else(|| Error::invalid_arn(text))?;
        let role = arn.resource.strip_prefix("role").filter(|_| arn.service == "iam");
        let slash = role.and_then(|role| role.rfind('/'));
        let path_and_name = role.zip(slash).map(|(role, slash)| (&role[..=slash], &role[slash + 1..]));
        Ok(RoleArn { text, account: arn.account.parse().ok(), path_and_name })
    }

    /// The account of the role.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// What IAM knows of the role; none when there is no such one.
    pub(crate) async fn find(&self, ctx: &Ctx) -> Option<Role> {
        let (account, (path, name)) = self.account.zip(self.path_and_name)?;
        let input = iam::GetRoleInput::new().with_role_name(name);
        let output = ctx.call_trusted::<iam::op::GetRole>(account, IAM_REGION, input).await.ok()?;
        let role = output.role();
        let is_same = role.path() == path && role.role_name() == name;
        is_same.then(|| Role {
            path: path.to_owned(),
            name: name.to_owned(),
            id: role.role_id().to_owned(),
            longest_seconds: role.max_session_duration().unwrap_or(USUAL_LONGEST_SECONDS),
            tags: tags_of(role),
        })
    }
}

/// The tags of a role; none when it is gone.
pub(crate) async fn tags(ctx: &Ctx, account: AccountId, name: &str) -> Vec<(String, String)> {
    let input = iam::GetRoleInput::new().with_role_name(name);
    let output = ctx.call_trusted::<iam::op::GetRole>(account, IAM_REGION, input).await.ok();
    output.map(|output| tags_of(output.role())).unwrap_or_default()
}

fn tags_of(role: &iam::Role) -> Vec<(String, String)> {
    let tags = role.tags().into_iter().flat_map(List::iter);
    tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

impl Role {
    /// A session of the role as a key's owner.
    pub(crate) fn session(&self, session_name: &str) -> StoredPrincipal {
        StoredPrincipal::AssumedRole {
            path: self.path.clone(),
            role: self.name.clone(),
            role_id: self.id.clone(),
            session: session_name.to_owned(),
        }
    }
}
