//! `/_virga/imds/ID/latest/…`: the instance metadata service, versions 1 and 2.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::collections::BTreeSet;

use http::{HeaderValue, Method, StatusCode};
use serde_json::json;
use virga_kit::workload::{self, Workload, WorkloadKind};

use super::super::answer::{Answer, with_type};
use super::super::error::AdminError;
use super::super::visit::Visit;
use super::issue::{self, Refused, iso};
use super::metadata_token;
use crate::http::Response;

const TOKEN: &str = "x-aws-ec2-metadata-token";
const TOKEN_TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const FORWARDED_FOR: &str = "x-forwarded-for";
/// The longest that a session token holds: six hours.
const LONGEST_TOKEN_SECONDS: i64 = 21_600;
const ROLES: &str = "iam/security-credentials/";

/// An instance that asks.
struct Instance<'a> {
    id: &'a str,
    workload: Workload,
    requires_token: bool,
    metadata: Vec<(String, String)>,
    user_data: Option<String>,
}

/// Answers whatever an instance asks its metadata service.
pub(in super::super) async fn serve(visit: Visit<'_>, id: &str, path: &[&str]) -> Answer {
    let Some(workload) = workload::find(&visit.world.store().read()?, id)? else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    let WorkloadKind::Instance { requires_token, metadata, user_data, .. } = workload.kind.clone() else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    let instance = Instance { id, workload, requires_token, metadata, user_data };
    let headers = &visit.request.head.headers;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let now = visit.world.clock().now().secs();
    if path == ["latest", "api", "token"] {
        // Whoever comes through a proxy that is open to others is to get no token.
        if header(FORWARDED_FOR).is_some() {
            return Ok(status(StatusCode::FORBIDDEN));
        }
        return Ok(instance.token(&visit.request.head.method, header(TOKEN_TTL), now));
    }
    let is_known = match header(TOKEN) {
        Some(token) => metadata_token::holds(&instance.workload.secret, token, now),
        None => !instance.requires_token,
    };
    if !is_known {
        return Ok(status(StatusCode::UNAUTHORIZED));
    }
    if visit.request.head.method != Method::GET {
        return Ok(status(StatusCode::METHOD_NOT_ALLOWED));
    }
    instance.read(&visit, &path.join("/")).await
}

impl Instance<'_> {
    /// A session token of version 2.
    fn token(&self, method: &Method, ttl: Option<&str>, now: i64) -> Response {
        if *method != Method::PUT {
            return status(StatusCode::METHOD_NOT_ALLOWED);
        }
        let ttl: Option<i64> = ttl.and_then(|ttl| ttl.parse().ok());
        let Some(ttl) = ttl.filter(|ttl| (1..=LONGEST_TOKEN_SECONDS).contains(ttl)) else {
            return status(StatusCode::BAD_REQUEST);
        };
        let mut response = plain(metadata_token::seal(&self.workload.secret, now + ttl));
        response.headers_mut().insert(TOKEN_TTL, HeaderValue::from(ttl));
        response
    }

    async fn read(&self, visit: &Visit<'_>, path: &str) -> Answer {
        let role_arn = match issue::role_arn(visit.world, &self.workload).await {
            Ok(role_arn) => role_arn,
            Err(Refused::Fault(fault)) => return Err(AdminError::internal(fault)),
            Err(Refused::Api(_) | Refused::NoRole) => None,
        };
        let role = role_arn.as_deref().and_then(|arn| arn.rsplit('/').next());
        let Some(path) = path.strip_prefix("latest").map(|path| path.trim_start_matches('/')) else {
            return Ok(if path.is_empty() { plain("latest") } else { status(StatusCode::NOT_FOUND) });
        };
        if let (Some(role), Some(asked)) = (role, path.strip_prefix(&format!("meta-data/{ROLES}")))
            && !asked.is_empty()
        {
            if asked != role {
                return Ok(status(StatusCode::NOT_FOUND));
            }
            return self.credentials(visit, role).await;
        }
        let texts = self.texts(role, visit.world.clock().now().secs());
        if let Some((_, text)) = texts.iter().find(|(known, _)| known == path) {
            return Ok(plain(text.clone()));
        }
        let folder = if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
        let entries = texts.iter().filter_map(|(known, _)| {
            let rest = known.strip_prefix(&folder)?;
            Some(rest.find('/').map_or(rest, |slash| &rest[..=slash]))
        });
        let entries: BTreeSet<&str> = entries.collect();
        if entries.is_empty() {
            return Ok(status(StatusCode::NOT_FOUND));
        }
        Ok(plain(entries.into_iter().collect::<Vec<_>>().join("\n")))
    }

    /// Everything that is told, by path, but for the credentials themselves.
    fn texts(&self, role: Option<&str>, now: i64) -> Vec<(String, String)> {
        let mut texts: Vec<(String, String)> =
            self.metadata.iter().map(|(path, text)| (format!("meta-data/{path}"), text.clone())).collect();
        texts.push(("meta-data/instance-id".to_owned(), self.id.to_owned()));
        texts.push(("meta-data/placement/region".to_owned(), self.workload.region.clone()));
        texts.push(("dynamic/instance-identity/document".to_owned(), self.document()));
        if let Some(role) = role {
            texts.push((format!("meta-data/{ROLES}{role}"), String::new()));
            texts.push(("meta-data/iam/info".to_owned(), self.profile(role, now)));
        }
        texts.extend(self.user_data.clone().map(|data| ("user-data".to_owned(), data)));
        texts
    }

    fn metadata(&self, path: &str) -> Option<&str> {
        self.metadata.iter().find(|(known, _)| known == path).map(|(_, text)| &**text)
    }

    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html>
    fn document(&self) -> String {
        let document = json!({
            "accountId": self.workload.account,
            "architecture": self.metadata("system-architecture").unwrap_or("x86_64"),
            "availabilityZone": self.metadata("placement/availability-zone"),
            "imageId": self.metadata("ami-id"),
            "instanceId": self.id,
            "instanceType": self.metadata("instance-type"),
            "privateIp": self.metadata("local-ipv4"),
            "region": self.workload.region,
            "version": "2017-09-30",
        });
        format!("{document:#}")
    }

    fn profile(&self, role: &str, now: i64) -> String {
        let WorkloadKind::Instance { profile, .. } = &self.workload.kind else { return String::new() };
        let name = profile.as_deref().unwrap_or(role);
        let arn = format!("arn:aws:iam::{}:instance-profile/{name}", self.workload.account);
        format!("{:#}", json!({ "Code": "Success", "LastUpdated": iso(now), "InstanceProfileArn": arn }))
    }

    async fn credentials(&self, visit: &Visit<'_>, role: &str) -> Answer {
        let now = visit.world.clock().now().secs();
        let document = match issue::credentials(visit.world, self.id, &self.workload).await {
            Ok(credentials) => json!({
                "Code": "Success",
                "LastUpdated": iso(credentials.issued_at),
                "Type": "AWS-HMAC",
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret_access_key,
                "Token": credentials.token,
                "Expiration": iso(credentials.expires_at),
            }),
            Err(Refused::Fault(fault)) => return Err(AdminError::internal(fault)),
            Err(Refused::NoRole) => return Ok(status(StatusCode::NOT_FOUND)),
            Err(Refused::Api(_)) => json!({
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": format!("EC2 cannot assume the role {role}."),
                "LastUpdated": iso(now),
            }),
        };
        Ok(plain(format!("{document:#}")))
    }
}

fn plain(text: impl Into<String>) -> Response {
    with_type("text/plain", bytes::Bytes::from(text.into()).into())
}

fn status(status: StatusCode) -> Response {
    let mut response = plain("");
    *response.status_mut() = status;
    response
}
