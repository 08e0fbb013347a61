//! SAML providers. STS reads them when it is shown an assertion.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::saml_keys::{self, SamlKeys};
use virga_kit::{Arn, Ctx};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::provider as keys;
use crate::records::Tag;
use crate::records::provider::{SamlPrivateKey, SamlProvider};
use crate::rules::private_key::{self, PublicPart};
use crate::rules::saml_metadata;
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{arn, quota};

/// How long a provider is good whose document says nothing: a hundred years.
const USUAL_VALIDITY_SECONDS: i64 = 100 * 365 * 86_400;

/// The name in the ARN of a provider of the caller's account.
fn name_of<'a>(ctx: &Ctx, arn: &'a str) -> Result<&'a str, Error> {
    let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "iam");
    let name =
        parsed.and_then(|parsed| Some((parsed.account, parsed.resource.strip_prefix("saml-provider/")?)));
    match name {
        Some((account, name)) if account == ctx.account() => Ok(name),
        Some(_) => Err(Error::NoSuchSamlProvider { arn: arn.to_owned() }),
        None => Err(Error::invalid_arn(arn)),
    }
}

fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<SamlProvider, Error> {
    let found = txn.get(&keys::saml_provider(ctx.account(), name_of(ctx, arn)?))?;
    found.ok_or_else(|| Error::NoSuchSamlProvider { arn: arn.to_owned() })
}

fn put(ctx: &Ctx, txn: &mut Write, provider: &SamlProvider) -> Result<(), Fault> {
    let keys = SamlKeys {
        private_keys: provider.private_keys.iter().map(|key| key.pem.clone()).collect(),
        requires_encryption: provider.encryption_required == Some(true),
    };
    saml_keys::put(txn, &arn_of(ctx, provider), &keys)?;
    txn.put(&keys::saml_provider(ctx.account(), &provider.name), provider)
}

/// How many the account has.
pub(crate) fn count(ctx: &Ctx, txn: &impl Reader) -> Result<usize, Fault> {
    Ok(txn.scan_keys(&keys::saml_providers(ctx.account()), Direction::Forward, usize::MAX)?.len())
}

fn arn_of(ctx: &Ctx, provider: &SamlProvider) -> String {
    arn::of(ctx.account(), "saml-provider", "/", &provider.name)
}

impl SamlProvider {
    /// Takes a metadata document.
    fn set_metadata(&mut self, document: &str, now: i64) -> Result<(), Error> {
        let reason = "Could not parse metadata";
        let metadata = saml_metadata::parse(document);
        let metadata = metadata.ok_or_else(|| Error::InvalidInput { reason: reason.to_owned() })?;
        self.valid_until = metadata.valid_until.unwrap_or(now + USUAL_VALIDITY_SECONDS);
        document.clone_into(&mut self.metadata);
        Ok(())
    }

    /// Takes one more key to read assertions with.
    fn add_private_key(&mut self, ctx: &Ctx, pem: &str) -> Result<(), Error> {
        if !matches!(private_key::public_part(pem), Some(PublicPart::Rsa(..))) {
            let reason = "The private key must be an unencrypted RSA key in PEM format.";
            return Err(Error::InvalidInput { reason: reason.to_owned() });
        }
        quota::SAML_PRIVATE_KEYS.admit(self.private_keys.len())?;
        let id = unique_id::draw(ctx, Named::SamlPrivateKey);
        self.private_keys.push(SamlPrivateKey { id, added: ctx.now().secs(), pem: pem.to_owned() });
        Ok(())
    }

    /// Says whether assertions have to be encrypted; that needs a key.
    fn set_encryption(&mut self, mode: Option<&str>) -> Result<(), Error> {
        if let Some(mode) = mode {
            self.encryption_required = Some(mode == "Required");
        }
        if self.encryption_required == Some(true) && self.private_keys.is_empty() {
            let reason = "A private key is required when the assertion encryption mode is Required.";
            return Err(Error::InvalidInput { reason: reason.to_owned() });
        }
        Ok(())
    }
}

/// Adds a provider.
pub(crate) fn create_saml_provider(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateSAMLProviderRequest,
) -> Result<api::CreateSAMLProviderResponse, Error> {
    let now = ctx.now().secs();
    let mut provider = SamlProvider {
        name: input.name().to_owned(),
        uuid: unique_id::draw(ctx, Named::SamlProvider),
        metadata: String::new(),
        created: now,
        valid_until: 0,
        encryption_required: None,
        private_keys: Vec::new(),
        tags: tag::of_input(input.tags())?,
    };
    provider.set_metadata(input.saml_metadata_document(), now)?;
    if let Some(pem) = input.add_private_key() {
        provider.add_private_key(ctx, pem)?;
    }
    provider.set_encryption(input.assertion_encryption_mode())?;
    if txn.contains(&keys::saml_provider(ctx.account(), &provider.name))? {
        return Err(Error::SamlProviderExists { name: provider.name });
    }
    quota::SAML_PROVIDERS.admit(count(ctx, txn)?)?;
    put(ctx, txn, &provider)?;
    Ok(api::CreateSAMLProviderResponse::new()
        .with_saml_provider_arn(arn_of(ctx, &provider))
        .with_tags(tag::shown_if_any(&provider.tags)))
}

/// Reads a provider with its document.
pub(crate) fn get_saml_provider(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetSAMLProviderRequest,
) -> Result<api::GetSAMLProviderResponse, Error> {
    let provider = find(ctx, txn, input.saml_provider_arn())?;
    let key = |key: &SamlPrivateKey| {
        api::SAMLPrivateKey::new().with_key_id(&*key.id).with_timestamp(Timestamp::from_secs(key.added))
    };
    let keys: Vec<_> = provider.private_keys.iter().map(key).collect();
    let mode = provider.encryption_required.map(|required| if required { "Required" } else { "Allowed" });
    Ok(api::GetSAMLProviderResponse::new()
        .with_saml_provider_uuid(provider.uuid)
        .with_saml_metadata_document(provider.metadata)
        .with_create_date(Timestamp::from_secs(provider.created))
        .with_valid_until(Timestamp::from_secs(provider.valid_until))
        .with_tags(tag::shown_if_any(&provider.tags))
        .with_assertion_encryption_mode(mode)
        .with_private_key_list((!keys.is_empty()).then_some(keys)))
}

/// Lists the providers.
pub(crate) fn list_saml_providers(
    ctx: &Ctx,
    txn: &Read,
    _: &api::ListSAMLProvidersRequest,
) -> Result<api::ListSAMLProvidersResponse, Error> {
    let all = txn.scan(&keys::saml_providers(ctx.account()), Direction::Forward, usize::MAX)?;
    let entry = |provider: &SamlProvider| {
        api::SAMLProviderListEntry::new()
            .with_arn(arn_of(ctx, provider))
            .with_valid_until(Timestamp::from_secs(provider.valid_until))
            .with_create_date(Timestamp::from_secs(provider.created))
    };
    let entries: Vec<_> = all.iter().map(|(_, provider)| entry(provider)).collect();
    Ok(api::ListSAMLProvidersResponse::new().with_saml_provider_list(entries))
}

/// Changes the document, the keys, or whether assertions have to be encrypted.
pub(crate) fn update_saml_provider(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateSAMLProviderRequest,
) -> Result<api::UpdateSAMLProviderResponse, Error> {
    let mut provider = find(ctx, txn, input.saml_provider_arn())?;
    if let Some(document) = input.saml_metadata_document() {
        provider.set_metadata(document, ctx.now().secs())?;
    }
    if let Some(id) = input.remove_private_key() {
        let before = provider.private_keys.len();
        provider.private_keys.retain(|key| key.id != id);
        if provider.private_keys.len() == before {
            return Err(Error::NoSuchSamlPrivateKey { id: id.to_owned() });
        }
    }
    if let Some(pem) = input.add_private_key() {
        provider.add_private_key(ctx, pem)?;
    }
    provider.set_encryption(input.assertion_encryption_mode())?;
    put(ctx, txn, &provider)?;
    Ok(api::UpdateSAMLProviderResponse::new().with_saml_provider_arn(arn_of(ctx, &provider)))
}

/// Removes a provider.
pub(crate) fn delete_saml_provider(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteSAMLProviderRequest,
) -> Result<Nothing, Error> {
    let provider = find(ctx, txn, input.saml_provider_arn())?;
    saml_keys::remove(txn, &arn_of(ctx, &provider))?;
    txn.delete(&keys::saml_provider(ctx.account(), &provider.name))?;
    Ok(Nothing::new())
}

impl Tagged for SamlProvider {
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        find(ctx, txn, name)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn put_tagged(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        put(ctx, txn, self)
    }
}

tag::tag_handlers! {
    SamlProvider by saml_provider_arn:
    tag_saml_provider(TagSAMLProviderRequest), untag_saml_provider(UntagSAMLProviderRequest),
    list_saml_provider_tags(ListSAMLProviderTagsRequest) -> ListSAMLProviderTagsResponse
}
