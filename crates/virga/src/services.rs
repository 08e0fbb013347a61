//! The composition root: the services of the cloud, one line each, sorted.

use virga_kit::Service;

/// Every service that is built. `cargo xtask new-service` adds its line here.
#[rustfmt::skip]
pub(crate) static SERVICES: &[&Service] = &[
    &virga_svc_iam::SERVICE,
    &virga_svc_kms::SERVICE,
    &virga_svc_sqs::SERVICE,
    &virga_svc_sts::SERVICE,
];
