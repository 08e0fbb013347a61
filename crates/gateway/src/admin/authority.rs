//! `/_virga/ca.pem`: the certificate of the local authority, for clients of the HTTPS side to trust.

use super::answer::{Answer, with_type};
use super::error::AdminError;
use super::visit::Visit;
use crate::http::ResponseBody;

/// `GET /_virga/ca.pem`. The authority is made if there was none.
pub(super) async fn show(visit: &Visit<'_>) -> Answer {
    let Some(certificates) = &visit.cloud.settings().certificates else {
        return Err(AdminError::not_found("this virga does not speak TLS"));
    };
    let pem = certificates.authority_pem().await.map_err(AdminError::internal)?;
    Ok(with_type("application/x-pem-file", ResponseBody::Full(pem.into())))
}
