//! The access control list of an object as an inventory tells it: a document in base64.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use virga_iam::canonical_user;

use crate::records::{Acl, Grant, Grantee, Permission};
use virga_object::acl;

/// The list of an object; none is the private one of its owner.
pub(super) fn encoded(acl: Option<&Acl>, owner: &str) -> String {
    let private =
        [Grant { grantee: Grantee::Account(owner.to_owned()), permission: Permission::FullControl }];
    let grants = acl.map_or(&private[..], |acl| &acl.grants);
    let grants: Vec<Value> = grants.iter().map(grant).collect();
    let document = json!({ "version": "2022-11-10", "status": "AVAILABLE", "grants": grants });
    STANDARD.encode(document.to_string())
}

fn grant(grant: &Grant) -> Value {
    let permission = grant.permission.as_str();
    let group = |name: &str| {
        let uri = format!("http://acs.amazonaws.com/groups/{name}");
        json!({ "uri": uri, "type": "Group", "permission": permission })
    };
    let user = |id: &str| json!({ "canonicalId": id, "type": "CanonicalUser", "permission": permission });
    match &grant.grantee {
        Grantee::Account(account) => {
            user(&account.parse().map(canonical_user::of_account).unwrap_or_default())
        }
        Grantee::Ec2 => user(acl::EC2),
        Grantee::AllUsers => group("global/AllUsers"),
        Grantee::AuthenticatedUsers => group("global/AuthenticatedUsers"),
        Grantee::LogDelivery => group("s3/LogDelivery"),
    }
}
