//! Custom key stores. virga has no hardware security modules and calls nothing outside, so that there is never one:
//! making one fails as it does in AWS when the cluster or proxy is not there.

use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use crate::error::Error;

/// Fails: there is no cluster and no proxy.
pub(crate) fn create_custom_key_store(
    _: &Ctx,
    _: &mut Write,
    input: &api::CreateCustomKeyStoreRequest,
) -> Result<api::CreateCustomKeyStoreResponse, Error> {
    if input.custom_key_store_type() == Some("EXTERNAL_KEY_STORE") {
        let endpoint = input.xks_proxy_uri_endpoint();
        let endpoint = endpoint.ok_or_else(|| Error::validation("XksProxyUriEndpoint is required."))?;
        let reason = format!("The external key store proxy {endpoint} can't be reached.");
        return Err(Error::XksProxyUriUnreachable { reason });
    }
    let id =
        input.cloud_hsm_cluster_id().ok_or_else(|| Error::validation("CloudHsmClusterId is required."))?;
    Err(Error::CloudHsmClusterNotFound { reason: format!("Cluster {id} was not found.") })
}

/// Lists none.
pub(crate) fn describe_custom_key_stores(
    _: &Ctx,
    _: &Read,
    input: &api::DescribeCustomKeyStoresRequest,
) -> Result<api::DescribeCustomKeyStoresResponse, Error> {
    if let Some(name) = input.custom_key_store_id().or(input.custom_key_store_name()) {
        return Err(unknown(name));
    }
    if input.marker().is_some() {
        return Err(Error::InvalidMarker);
    }
    Ok(api::DescribeCustomKeyStoresResponse::new()
        .with_custom_key_stores(Vec::<api::CustomKeyStoresListEntry>::new())
        .with_truncated(false))
}

/// Fails: there is none.
pub(crate) fn connect_custom_key_store(
    _: &Ctx,
    _: &mut Write,
    input: &api::ConnectCustomKeyStoreRequest,
) -> Result<api::ConnectCustomKeyStoreResponse, Error> {
    Err(unknown(input.custom_key_store_id()))
}

/// Fails: there is none.
pub(crate) fn disconnect_custom_key_store(
    _: &Ctx,
    _: &mut Write,
    input: &api::DisconnectCustomKeyStoreRequest,
) -> Result<api::DisconnectCustomKeyStoreResponse, Error> {
    Err(unknown(input.custom_key_store_id()))
}

/// Fails: there is none.
pub(crate) fn update_custom_key_store(
    _: &Ctx,
    _: &mut Write,
    input: &api::UpdateCustomKeyStoreRequest,
) -> Result<api::UpdateCustomKeyStoreResponse, Error> {
    Err(unknown(input.custom_key_store_id()))
}

/// Fails: there is none.
pub(crate) fn delete_custom_key_store(
    _: &Ctx,
    _: &mut Write,
    input: &api::DeleteCustomKeyStoreRequest,
) -> Result<api::DeleteCustomKeyStoreResponse, Error> {
    Err(unknown(input.custom_key_store_id()))
}

fn unknown(name: &str) -> Error {
    Error::CustomKeyStoreNotFound { reason: format!("Custom key store {name} does not exist.") }
}
