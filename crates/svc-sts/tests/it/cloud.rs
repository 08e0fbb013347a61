//! A cloud with STS and as much of IAM as STS asks for, in memory, its clock frozen.

use std::ops::Deref;
use std::sync::Arc;

use virga_api::{iam, sts as api};
use virga_iam::{AccountId, Caller, Keys as _, Principal};
use virga_kit::testing::TestCloud;
pub(crate) use virga_kit::testing::{ACCOUNT, START, error};
use virga_kit::{Access, Ctx, Service, Validation, WorldSettings};
use virga_store::{Read, Reader as _, Space, Write, stored};

/// A role of the stand-in for IAM: its ARN and longest session.
#[derive(serde::Serialize, serde::Deserialize)]
struct Role(String, i32);
stored!(Role, 1);

static ROLES: Space<Role> = Space::new("test.role");

virga_kit::service_errors! {
    /// Errors of the stand-in for IAM.
    pub(crate) enum Error in virga_api::iam {
        /// No such role.
        NoSuchRole => modelled no_such_entity_exception: "no such role";
    }
}

virga_kit::operations! {
    static OPERATIONS in virga_api::iam;
    write CreateRole => create_role;
    read GetRole => get_role;
}

static IAM: Service = Service {
    model: iam::model(),
    action_prefix: "iam",
    operations: OPERATIONS,
    access: |_, operation, _| vec![Access::without_resource(operation.name())],
    timers: &[],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

fn create_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &iam::CreateRoleInput,
) -> Result<iam::CreateRoleOutput, Error> {
    let arn = format!("arn:aws:iam::{}:role/{}", ctx.account(), input.role_name());
    ctx.put_resource_policy(txn, &arn, input.assume_role_policy_document())?;
    let longest = input.max_session_duration().unwrap_or(3600);
    txn.put(&ROLES.key((ctx.account(), input.role_name())), &Role(arn.clone(), longest))?;
    Ok(iam::CreateRoleOutput::new().with_role(iam::Role::new().with_arn(arn)))
}

fn get_role(ctx: &Ctx, txn: &Read, input: &iam::GetRoleInput) -> Result<iam::GetRoleOutput, Error> {
    let found = txn.get(&ROLES.key((ctx.account(), input.role_name())))?;
    let Role(arn, longest) = found.ok_or(Error::NoSuchRole)?;
    let role = iam::Role::new()
        .with_path("/")
        .with_role_name(input.role_name())
        .with_role_id("AROAEXAMPLE")
        .with_arn(arn)
        .with_max_session_duration(longest);
    Ok(iam::GetRoleOutput::new().with_role(role))
}

/// A world to call.
#[derive(Clone)]
pub(crate) struct Cloud(TestCloud);

impl Deref for Cloud {
    type Target = TestCloud;

    fn deref(&self) -> &TestCloud {
        &self.0
    }
}

impl Cloud {
    /// A cloud, called as root of an account by a key that was not issued.
    pub(crate) fn new() -> Self {
        let services = [&IAM, &virga_svc_sts::SERVICE];
        Cloud(TestCloud::new(&services, WorldSettings::default(), "us-east-1"))
    }

    /// The same cloud, called by a service.
    pub(crate) fn as_service(&self, name: &str) -> Self {
        let account: AccountId = ACCOUNT.parse().unwrap();
        Cloud(self.0.of(Caller::service(name, account, None)))
    }

    /// The same cloud, called with credentials.
    pub(crate) fn with(&self, credentials: &api::Credentials) -> Self {
        let key = self.world.keys().lookup(credentials.access_key_id()).unwrap();
        assert_eq!(key.session_token.as_deref(), Some(credentials.session_token()));
        Cloud(self.0.of(Arc::clone(&key.caller)))
    }

    /// Whether a key is more than the memory that there was one.
    pub(crate) fn knows(&self, credentials: &api::Credentials) -> bool {
        let key = self.world.keys().lookup(credentials.access_key_id());
        key.is_some_and(|key| key.status == virga_iam::KeyStatus::Active)
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    pub(crate) fn session(&self) -> &virga_iam::Session {
        self.caller.session.as_deref().unwrap()
    }

    /// The ARN of a new role that trusts a principal for some actions.
    pub(crate) async fn role(&self, name: &str, principal: &str, longest: i32) -> String {
        let policy = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":{{\"Effect\":\"Allow\",\"Principal\":{principal},\
             \"Action\":[\"sts:AssumeRole\",\"sts:TagSession\",\"sts:SetSourceIdentity\"]}}}}"
        );
        let input = iam::CreateRoleInput::new()
            .with_role_name(name)
            .with_assume_role_policy_document(policy)
            .with_max_session_duration(longest);
        self.call::<iam::op::CreateRole>(input).await.unwrap();
        format!("arn:aws:iam::{ACCOUNT}:role/{name}")
    }
}
