//! The credential report of an account: which credentials its users have. It is good for four hours.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::{Ctx, Usage};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::account as keys;
use crate::owner::Owner;
use crate::records::User;
use crate::records::account::CredentialReport;
use crate::records::credential::Status;
use crate::rules::report::{self, AccessKey, Password, Row};
use crate::{access_key, arn, mfa_device, password_policy, signing_certificate};

/// How long a report is good.
const GOOD_SECONDS: i64 = 4 * 3600;
const SECONDS_PER_DAY: i64 = 86_400;
/// What the report calls the root user.
const ROOT: &str = "<root_account>";

/// Makes a report, unless a good one is there. The first answer says that it was begun, as AWS's does.
pub(crate) fn generate_credential_report(
    ctx: &Ctx,
    txn: &mut Write,
    _: &Nothing,
) -> Result<api::GenerateCredentialReportResponse, Error> {
    let now = ctx.now().secs();
    let key = keys::credential_report(ctx.account());
    if txn.get(&key)?.is_some_and(|report| now < report.generated + GOOD_SECONDS) {
        return Ok(api::GenerateCredentialReportResponse::new().with_state("COMPLETE"));
    }
    let csv = report::csv(&rows(ctx, txn)?);
    txn.put(&key, &CredentialReport { generated: now, csv })?;
    Ok(api::GenerateCredentialReportResponse::new()
        .with_state("STARTED")
        .with_description("No report exists. Starting a new report generation task"))
}

/// Reads the report.
pub(crate) fn get_credential_report(
    ctx: &Ctx,
    txn: &Read,
    _: &Nothing,
) -> Result<api::GetCredentialReportResponse, Error> {
    let report = txn.get(&keys::credential_report(ctx.account()))?.ok_or(Error::NoCredentialReport)?;
    if ctx.now().secs() >= report.generated + GOOD_SECONDS {
        return Err(Error::CredentialReportExpired);
    }
    Ok(api::GetCredentialReportResponse::new()
        .with_content(report.csv.into_bytes())
        .with_report_format("text/csv")
        .with_generated_time(Timestamp::from_secs(report.generated)))
}

/// A line for the root user, then one for each user.
fn rows(ctx: &Ctx, txn: &impl Reader) -> Result<Vec<Row>, Error> {
    let policy = password_policy::of_account(ctx, txn)?;
    let age = policy.and_then(|policy| policy.maximum_age_days).map(|days| i64::from(days) * SECONDS_PER_DAY);
    let root = Row {
        user: ROOT.to_owned(),
        arn: format!("arn:aws:iam::{}:root", ctx.account()),
        password: Password::OfRoot,
        ..of_owner(ctx, txn, &Owner::root(ctx))?
    };
    let mut rows = vec![root];
    for (_, user) in txn.scan(&crate::keys::users(ctx.account()), Direction::Forward, usize::MAX)? {
        let password = password(ctx, txn, &user, age)?;
        let arn = arn::of(ctx.account(), "user", &user.path, &user.name);
        let (name, created) = (user.name.clone(), user.created);
        let rest = of_owner(ctx, txn, &Owner::of_user(user))?;
        rows.push(Row { user: name, arn, created, password, ..rest });
    }
    Ok(rows)
}

fn password(ctx: &Ctx, txn: &impl Reader, user: &User, age: Option<i64>) -> Result<Password, Fault> {
    let profile = txn.get(&crate::keys::credential::login_profile(ctx.account(), &user.id))?;
    Ok(profile.map_or(Password::None, |profile| Password::Set {
        last_used: user.password_last_used,
        changed: profile.changed,
        next_rotation: age.map(|age| profile.changed + age),
    }))
}

/// The credentials that users and the root user have alike.
fn of_owner(ctx: &Ctx, txn: &impl Reader, owner: &Owner) -> Result<Row, Error> {
    let mut access_keys = Vec::new();
    for (id, key) in access_key::of_user(ctx.account(), txn, &owner.id)? {
        let active = ctx.issued_key(txn, &id)?.is_some_and(|key| key.active);
        let last_used = Usage::of_key(txn, &id)?.map(|last| (last.at, last.region, last.service));
        access_keys.push(AccessKey { active, created: key.created, last_used });
    }
    let mut certificates: Vec<(bool, i64)> = signing_certificate::of_owner(ctx, txn, &owner.id)?
        .into_iter()
        .map(|certificate| (certificate.status == Status::Active, certificate.uploaded))
        .collect();
    certificates.sort_by_key(|(_, uploaded)| *uploaded);
    let mfa_active = !mfa_device::of_owner(ctx, txn, &owner.id)?.is_empty();
    Ok(Row { mfa_active, access_keys, certificates, ..Row::default() })
}
