//! Access control lists: canned ones, grants in headers, documents; which are public, and what a permission allows.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use virga_api::s3 as api;
use virga_iam::canonical_user;
use virga_model::view::List;
use virga_model::{Record, Value};

use crate::Error;
use serde::{Deserialize, Serialize};

/// An access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// The owner's account.
    pub owner: String,
    /// Who may do what.
    pub grants: Vec<Grant>,
}

/// One entry of an access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who may.
    pub grantee: Grantee,
    /// What.
    pub permission: Permission,
}

/// Who is granted something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grantee {
    /// An account.
    Account(String),
    /// Everybody, also without credentials.
    AllUsers,
    /// Everybody with credentials of any account.
    AuthenticatedUsers,
    /// The service that delivers access logs.
    LogDelivery,
    /// Amazon EC2, which reads bundles of images.
    Ec2,
}

/// What an access control list grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// `FULL_CONTROL`.
    FullControl,
    /// `READ`.
    Read,
    /// `WRITE`.
    Write,
    /// `READ_ACP`.
    ReadAcp,
    /// `WRITE_ACP`.
    WriteAcp,
}

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// The account of Amazon EC2, whose number nobody knows: `aws-exec-read` stands in lists as a grant to it.
pub const EC2: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";
/// The most grants of a list.
const MOST_GRANTS: usize = 100;

/// What of an access control list a request says in its headers.
#[derive(Debug, Clone, Copy, Default)]
pub struct AclHeaders<'a> {
    /// `x-amz-acl`.
    pub canned: Option<&'a str>,
    /// `x-amz-grant-…`, in the order of [`GRANT_HEADERS`].
    grants: [Option<&'a str>; 5],
}

/// Members of inputs with grants, their headers and what these grant.
const GRANT_HEADERS: [(&str, &str, Permission); 5] = [
    ("GrantFullControl", "x-amz-grant-full-control", Permission::FullControl),
    ("GrantRead", "x-amz-grant-read", Permission::Read),
    ("GrantReadACP", "x-amz-grant-read-acp", Permission::ReadAcp),
    ("GrantWrite", "x-amz-grant-write", Permission::Write),
    ("GrantWriteACP", "x-amz-grant-write-acp", Permission::WriteAcp),
];

/// Whom a canned list has to know.
#[derive(Debug, Clone, Copy)]
pub struct Owners<'a> {
    /// The owner's account of the bucket or object.
    pub owner: &'a str,
    /// The owner's account of the bucket.
    pub bucket_owner: &'a str,
}

impl<'a> AclHeaders<'a> {
    /// Those of any input that has them.
    pub fn of(input: &'a Record) -> Self {
        let text = |member: &str| match input.by_name(member) {
            Some(Value::String(text)) => Some(&**text),
            _ => None,
        };
        AclHeaders { canned: text("ACL"), grants: GRANT_HEADERS.map(|(member, _, _)| text(member)) }
    }

    /// Whether the request says nothing of a list.
    pub fn is_empty(&self) -> bool {
        self.canned.is_none() && !self.has_grants()
    }

    fn has_grants(&self) -> bool {
        self.grants.iter().any(Option::is_some)
    }

    /// The list that the headers ask for; none when they do not. `known` are the canned lists of the resource.
    pub fn grants(&self, owners: Owners<'_>, known: &[&str]) -> Result<Option<Vec<Grant>>, Error> {
        let Some(canned) = self.canned else { return self.granted() };
        if !known.contains(&canned) {
            return Err(Error::argument("", "x-amz-acl", canned));
        }
        if self.has_grants() {
            return Err(Error::request("Specifying both Canned ACLs and Header Grants is not allowed"));
        }
        Ok(Some(canned_grants(canned, owners)))
    }

    fn granted(&self) -> Result<Option<Vec<Grant>>, Error> {
        if !self.has_grants() {
            return Ok(None);
        }
        let mut grants = Vec::new();
        for ((_, header, permission), value) in GRANT_HEADERS.into_iter().zip(self.grants) {
            for grantee in value.unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty())
            {
                grants.push(Grant { grantee: header_grantee(header, grantee)?, permission });
            }
        }
        Ok(Some(grants))
    }
}

/// The grants of a canned list.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>
fn canned_grants(canned: &str, owners: Owners<'_>) -> Vec<Grant> {
    use api::object_canned_acl as name;
    let grant = |grantee, permission| Grant { grantee, permission };
    let mut grants = vec![grant(Grantee::Account(owners.owner.to_owned()), Permission::FullControl)];
    let of_bucket = |permission| {
        let other = owners.bucket_owner != owners.owner;
        other.then(|| grant(Grantee::Account(owners.bucket_owner.to_owned()), permission))
    };
    match canned {
        name::PUBLIC_READ => grants.push(grant(Grantee::AllUsers, Permission::Read)),
        name::PUBLIC_READ_WRITE => {
            grants.push(grant(Grantee::AllUsers, Permission::Read));
            grants.push(grant(Grantee::AllUsers, Permission::Write));
        }
        name::AUTHENTICATED_READ => grants.push(grant(Grantee::AuthenticatedUsers, Permission::Read)),
        name::AWS_EXEC_READ => grants.push(grant(Grantee::Ec2, Permission::Read)),
        name::BUCKET_OWNER_READ => grants.extend(of_bucket(Permission::Read)),
        name::BUCKET_OWNER_FULL_CONTROL => grants.extend(of_bucket(Permission::FullControl)),
        LOG_DELIVERY_WRITE => {
            grants.push(grant(Grantee::LogDelivery, Permission::Write));
            grants.push(grant(Grantee::LogDelivery, Permission::ReadAcp));
        }
        _ => {}
    }
    grants
}

/// A canned list of buckets that the model does not know.
const LOG_DELIVERY_WRITE: &str = "log-delivery-write";

/// The canned lists of buckets.
pub const CANNED_OF_BUCKETS: &[&str] = &[
    api::object_canned_acl::PRIVATE,
    api::object_canned_acl::PUBLIC_READ,
    api::object_canned_acl::PUBLIC_READ_WRITE,
    api::object_canned_acl::AUTHENTICATED_READ,
    api::object_canned_acl::AWS_EXEC_READ,
    api::object_canned_acl::BUCKET_OWNER_READ,
    api::object_canned_acl::BUCKET_OWNER_FULL_CONTROL,
    LOG_DELIVERY_WRITE,
];

/// The canned lists of objects.
pub const CANNED_OF_OBJECTS: &[&str] = api::object_canned_acl::ALL;

/// One `id="…"`, `uri="…"` or `emailAddress="…"` of a header.
fn header_grantee(header: &str, text: &str) -> Result<Grantee, Error> {
    let unknown = || Error::argument("Argument format not recognized", header, text);
    let (kind, value) = text.split_once('=').ok_or_else(unknown)?;
    let value = value.trim().trim_matches(['"', '\'']);
    match kind.trim() {
        "id" => account(value).ok_or_else(|| Error::argument("Invalid id", "id", value)),
        "uri" => group(value).ok_or_else(|| Error::argument("Invalid group uri", "uri", value)),
        "emailAddress" => Err(Error::UnresolvableGrantByEmailAddress),
        _ => Err(unknown()),
    }
}

fn account(id: &str) -> Option<Grantee> {
    if id == EC2 {
        return Some(Grantee::Ec2);
    }
    canonical_user::account_of(id).map(|account| Grantee::Account(account.to_string()))
}

fn group(uri: &str) -> Option<Grantee> {
    match uri {
        ALL_USERS => Some(Grantee::AllUsers),
        AUTHENTICATED_USERS => Some(Grantee::AuthenticatedUsers),
        LOG_DELIVERY => Some(Grantee::LogDelivery),
        _ => None,
    }
}

/// Reads a document: its owner's account and its grants.
pub fn of_document(policy: &api::AccessControlPolicy) -> Result<Acl, Error> {
    let owner = policy.owner().and_then(api::Owner::id).ok_or(Error::MalformedAcl)?;
    let grants = grants_of(policy.grants().ok_or(Error::MalformedAcl)?)?;
    let invalid = || Error::argument("Invalid id", "CanonicalUser/ID", owner);
    let account = canonical_user::account_of(owner).ok_or_else(invalid)?;
    Ok(Acl { owner: account.to_string(), grants })
}

fn grants_of(given: List<'_, &api::Grant>) -> Result<Vec<Grant>, Error> {
    if given.len() > MOST_GRANTS {
        return Err(Error::MalformedAcl);
    }
    let one = |grant: &api::Grant| {
        let permission = grant.permission().and_then(Permission::parse).ok_or(Error::MalformedAcl)?;
        Ok(Grant { grantee: grantee(grant.grantee().ok_or(Error::MalformedAcl)?)?, permission })
    };
    given.iter().map(one).collect()
}

/// Gives a new object the list that a place for results says, in the headers of its request. Objects know no `WRITE`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>
pub fn with_list_of(
    input: api::PutObjectInput,
    place: &api::S3Location,
) -> Result<api::PutObjectInput, Error> {
    let input = input.with_acl(place.canned_acl());
    let Some(given) = place.access_control_list() else { return Ok(input) };
    let grants = grants_of(given)?;
    if grants.iter().any(|grant| grant.permission == Permission::Write) {
        return Err(Error::MalformedAcl);
    }
    let header = |permission| {
        let granted = grants.iter().filter(|grant| grant.permission == permission);
        let grantees: Vec<_> = granted.map(|grant| header_text(&grant.grantee)).collect();
        (!grantees.is_empty()).then(|| grantees.join(", "))
    };
    Ok(input
        .with_grant_full_control(header(Permission::FullControl))
        .with_grant_read(header(Permission::Read))
        .with_grant_read_acp(header(Permission::ReadAcp))
        .with_grant_write_acp(header(Permission::WriteAcp)))
}

/// A grantee as headers name it.
fn header_text(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Account(account) => format!("id=\"{}\"", canonical_id(account)),
        Grantee::Ec2 => format!("id=\"{EC2}\""),
        Grantee::AllUsers => format!("uri=\"{ALL_USERS}\""),
        Grantee::AuthenticatedUsers => format!("uri=\"{AUTHENTICATED_USERS}\""),
        Grantee::LogDelivery => format!("uri=\"{LOG_DELIVERY}\""),
    }
}

/// Reads a grantee of a document.
pub fn grantee(grantee: &api::Grantee) -> Result<Grantee, Error> {
    match (grantee.r#type(), grantee.id(), grantee.uri(), grantee.email_address()) {
        (api::r#type::CANONICAL_USER, Some(id), None, None) => {
            account(id).ok_or_else(|| Error::argument("Invalid id", "CanonicalUser/ID", id))
        }
        (api::r#type::GROUP, None, Some(uri), None) => {
            group(uri).ok_or_else(|| Error::argument("Invalid group uri", "Group/URI", uri))
        }
        (api::r#type::AMAZON_CUSTOMER_BY_EMAIL, None, None, Some(_)) => {
            Err(Error::UnresolvableGrantByEmailAddress)
        }
        _ => Err(Error::MalformedAcl),
    }
}

/// The canonical user id of an account.
pub fn canonical_id(account: &str) -> String {
    account.parse().map(canonical_user::of_account).unwrap_or_default()
}

/// The owner as documents show it.
pub fn shown_owner(account: &str) -> api::Owner {
    api::Owner::new().with_id(canonical_id(account))
}

/// The grants as documents show them.
pub fn shown(grants: &[Grant]) -> Vec<api::Grant> {
    let one = |grant: &Grant| {
        let shown = match &grant.grantee {
            Grantee::Account(account) => {
                api::Grantee::new().with_type(api::r#type::CANONICAL_USER).with_id(canonical_id(account))
            }
            Grantee::Ec2 => api::Grantee::new().with_type(api::r#type::CANONICAL_USER).with_id(EC2),
            Grantee::AllUsers => shown_group(ALL_USERS),
            Grantee::AuthenticatedUsers => shown_group(AUTHENTICATED_USERS),
            Grantee::LogDelivery => shown_group(LOG_DELIVERY),
        };
        api::Grant::new().with_grantee(shown).with_permission(grant.permission.as_str())
    };
    grants.iter().map(one).collect()
}

fn shown_group(uri: &str) -> api::Grantee {
    api::Grantee::new().with_type(api::r#type::GROUP).with_uri(uri)
}

/// The list of whatever has none of its own.
pub fn private(owner: &str) -> Acl {
    let grantee = Grantee::Account(owner.to_owned());
    Acl { owner: owner.to_owned(), grants: vec![Grant { grantee, permission: Permission::FullControl }] }
}

/// Whether a list lets in everybody, or everybody with an account.
pub fn is_public(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| matches!(grant.grantee, Grantee::AllUsers | Grantee::AuthenticatedUsers))
}

/// Whether a list gives the bucket's owner everything and nobody else anything: what may be said of objects whose
/// bucket has no lists.
pub fn is_bucket_owners_alone(headers: AclHeaders<'_>, bucket_owner: &str) -> bool {
    match headers.canned {
        Some(canned) => canned == api::object_canned_acl::BUCKET_OWNER_FULL_CONTROL,
        None => headers.granted().ok().flatten().is_some_and(|grants| {
            grants.iter().all(|grant| {
                grant.permission == Permission::FullControl
                    && matches!(&grant.grantee, Grantee::Account(account) if account == bucket_owner)
            })
        }),
    }
}

impl Permission {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::FullControl => api::permission::FULL_CONTROL,
            Permission::Read => api::permission::READ,
            Permission::Write => api::permission::WRITE,
            Permission::ReadAcp => api::permission::READ_ACP,
            Permission::WriteAcp => api::permission::WRITE_ACP,
        }
    }

    /// Reads AWS's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::FullControl, Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp]
            .into_iter()
            .find(|permission| permission.as_str() == text)
    }

    /// Whether it allows what needs another one.
    pub fn covers(self, needed: Permission) -> bool {
        self == Permission::FullControl || self == needed
    }
}

/// The permission of a bucket's list that an action needs.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>
pub fn needed_of_bucket(action: &str) -> Option<Permission> {
    match action {
        "ListBucket" | "ListBucketVersions" | "ListBucketMultipartUploads" => Some(Permission::Read),
        "PutObject" => Some(Permission::Write),
        "GetBucketAcl" => Some(Permission::ReadAcp),
        "PutBucketAcl" => Some(Permission::WriteAcp),
        _ => None,
    }
}

/// The permission of an object's list that an action needs.
pub fn needed_of_object(action: &str) -> Option<Permission> {
    match action {
        "GetObject" | "GetObjectVersion" | "GetObjectTorrent" => Some(Permission::Read),
        "GetObjectAcl" | "GetObjectVersionAcl" => Some(Permission::ReadAcp),
        "PutObjectAcl" | "PutObjectVersionAcl" => Some(Permission::WriteAcp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNERS: Owners<'_> = Owners { owner: "111122223333", bucket_owner: "444455556666" };

    fn grants(headers: AclHeaders<'_>) -> Result<Vec<Grant>, String> {
        match headers.grants(OWNERS, CANNED_OF_OBJECTS) {
            Ok(grants) => Ok(grants.unwrap_or_default()),
            Err(error) => {
                let error = error.into_api().unwrap();
                let details: Vec<String> = error.details.into_iter().map(|(_, value)| value).collect();
                Err(format!("{} {} [{}]", error.code, error.message, details.join("|")))
            }
        }
    }

    fn grant(grantee: Grantee, permission: Permission) -> Grant {
        Grant { grantee, permission }
    }

    #[test]
    fn canned_lists_are_grants() {
        let owner = grant(Grantee::Account("111122223333".into()), Permission::FullControl);
        for (canned, more) in [
            ("private", vec![]),
            ("public-read", vec![grant(Grantee::AllUsers, Permission::Read)]),
            (
                "public-read-write",
                vec![grant(Grantee::AllUsers, Permission::Read), grant(Grantee::AllUsers, Permission::Write)],
            ),
            ("authenticated-read", vec![grant(Grantee::AuthenticatedUsers, Permission::Read)]),
            ("bucket-owner-read", vec![grant(Grantee::Account("444455556666".into()), Permission::Read)]),
            (
                "bucket-owner-full-control",
                vec![grant(Grantee::Account("444455556666".into()), Permission::FullControl)],
            ),
        ] {
            let found = grants(AclHeaders { canned: Some(canned), ..AclHeaders::default() }).unwrap();
            assert_eq!(found[0], owner);
            assert_eq!(found[1..], more, "{canned}");
        }
    }

    #[test]
    fn headers_are_read_as_aws_reads_them() {
        let id = canonical_user::of_account("111122223333".parse().unwrap());
        let read = |text| grants(AclHeaders { canned: None, grants: [None, Some(text), None, None, None] });
        let header = format!("id=\"{id}\", uri=\"{ALL_USERS}\"");
        assert_eq!(
            read(&header).unwrap(),
            [
                grant(Grantee::Account("111122223333".into()), Permission::Read),
                grant(Grantee::AllUsers, Permission::Read)
            ]
        );
        for (text, expected) in [
            (
                "fakekey=\"1234\"",
                "InvalidArgument Argument format not recognized [x-amz-grant-read|fakekey=\"1234\"]",
            ),
            ("id=\"wrong-id\"", "InvalidArgument Invalid id [id|wrong-id]"),
            ("uri=\"http://x\"", "InvalidArgument Invalid group uri [uri|http://x]"),
        ] {
            assert_eq!(read(text).unwrap_err(), expected);
        }
        let both = AclHeaders { canned: Some("private"), grants: [Some("id=x"), None, None, None, None] };
        assert_eq!(
            grants(both).unwrap_err(),
            "InvalidRequest Specifying both Canned ACLs and Header Grants is not allowed []"
        );
        let fake = AclHeaders { canned: Some("fake-acl"), ..AclHeaders::default() };
        assert_eq!(grants(fake).unwrap_err(), "InvalidArgument  [x-amz-acl|fake-acl]");
    }

    #[test]
    fn a_list_is_public_by_its_groups() {
        assert!(!is_public(&private("111122223333").grants));
        assert!(is_public(&[grant(Grantee::AuthenticatedUsers, Permission::ReadAcp)]));
        assert!(!is_public(&[grant(Grantee::LogDelivery, Permission::Write)]));
    }

    #[test]
    fn what_a_permission_covers() {
        assert!(Permission::FullControl.covers(Permission::WriteAcp));
        assert!(Permission::Read.covers(Permission::Read));
        assert!(!Permission::Write.covers(Permission::Read));
        assert_eq!(needed_of_bucket("PutObject"), Some(Permission::Write));
        assert_eq!(needed_of_object("PutObject"), None);
    }
}
