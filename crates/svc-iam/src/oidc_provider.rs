//! OpenID Connect providers. STS reads them when it is shown a token.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::{Arn, Ctx};
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::provider as keys;
use crate::records::Tag;
use crate::records::provider::OidcProvider;
use crate::rules::oidc_url;
use crate::tag::{self, Tagged};
use crate::{arn, quota};

/// The most thumbprints of a provider.
const MOST_THUMBPRINTS: usize = 5;

/// The URL in the ARN of a provider of the caller's account.
fn url_of<'a>(ctx: &Ctx, arn: &'a str) -> Result<&'a str, Error> {
    let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "iam");
    let url =
        parsed.and_then(|parsed| Some((parsed.account, parsed.resource.strip_prefix("oidc-provider/")?)));
    match url {
        Some((account, url)) if account == ctx.account() => Ok(url),
        Some(_) => Err(Error::NoSuchOidcProvider { arn: arn.to_owned() }),
        None => Err(Error::invalid_arn(arn)),
    }
}

fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<OidcProvider, Error> {
    let found = txn.get(&keys::oidc_provider(ctx.account(), url_of(ctx, arn)?))?;
    found.ok_or_else(|| Error::NoSuchOidcProvider { arn: arn.to_owned() })
}

/// Changes a provider that is there.
fn change(
    ctx: &Ctx,
    txn: &mut Write,
    arn: &str,
    change: impl FnOnce(&mut OidcProvider) -> Result<(), Error>,
) -> Result<Nothing, Error> {
    let mut provider = find(ctx, txn, arn)?;
    change(&mut provider)?;
    txn.put(&keys::oidc_provider(ctx.account(), &provider.url), &provider)?;
    Ok(Nothing::new())
}

/// How many the account has.
pub(crate) fn count(ctx: &Ctx, txn: &impl Reader) -> Result<usize, Fault> {
    Ok(txn.scan_keys(&keys::oidc_providers(ctx.account()), Direction::Forward, usize::MAX)?.len())
}

fn arn_of(ctx: &Ctx, provider: &OidcProvider) -> String {
    arn::of(ctx.account(), "oidc-provider", "/", &provider.url)
}

fn thumbprints(given: List<'_, &str>) -> Result<Vec<String>, Error> {
    if given.len() > MOST_THUMBPRINTS {
        let reason = format!("Thumbprint list must contain fewer than {MOST_THUMBPRINTS} entries.");
        return Err(Error::InvalidInput { reason });
    }
    Ok(given.iter().map(str::to_owned).collect())
}

/// Adds a provider. Where no thumbprint is given, AWS looks at the provider's certificate; this cloud opens no
/// connections to the outside and leaves the list empty.
pub(crate) fn create_open_id_connect_provider(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateOpenIDConnectProviderRequest,
) -> Result<api::CreateOpenIDConnectProviderResponse, Error> {
    let url = oidc_url::without_scheme(input.url());
    let url = url.ok_or_else(|| Error::validation("Invalid Open ID Connect Provider URL"))?;
    let thumbprints = input.thumbprint_list().map_or_else(|| Ok(Vec::new()), thumbprints)?;
    let mut client_ids: Vec<String> = Vec::new();
    for id in input.client_id_list().into_iter().flat_map(List::iter) {
        if !client_ids.iter().any(|other| other == id) {
            client_ids.push(id.to_owned());
        }
    }
    if client_ids.len() > quota::OIDC_CLIENT_IDS.limit {
        quota::OIDC_CLIENT_IDS.admit(client_ids.len())?;
    }
    let key = keys::oidc_provider(ctx.account(), url);
    if txn.contains(&key)? {
        return Err(Error::OidcProviderExists { url: input.url().to_owned() });
    }
    let tags = tag::of_input(input.tags())?;
    quota::OIDC_PROVIDERS.admit(count(ctx, txn)?)?;
    let created = ctx.now().secs();
    let provider = OidcProvider { url: url.to_owned(), client_ids, thumbprints, created, tags };
    txn.put(&key, &provider)?;
    Ok(api::CreateOpenIDConnectProviderResponse::new()
        .with_open_id_connect_provider_arn(arn_of(ctx, &provider))
        .with_tags(tag::shown_if_any(&provider.tags)))
}

/// Reads a provider.
pub(crate) fn get_open_id_connect_provider(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetOpenIDConnectProviderRequest,
) -> Result<api::GetOpenIDConnectProviderResponse, Error> {
    let provider = find(ctx, txn, input.open_id_connect_provider_arn())?;
    Ok(api::GetOpenIDConnectProviderResponse::new()
        .with_url(&*provider.url)
        .with_client_id_list(provider.client_ids)
        .with_thumbprint_list(provider.thumbprints)
        .with_create_date(Timestamp::from_secs(provider.created))
        .with_tags(tag::shown_if_any(&provider.tags)))
}

/// Lists the providers.
pub(crate) fn list_open_id_connect_providers(
    ctx: &Ctx,
    txn: &Read,
    _: &api::ListOpenIDConnectProvidersRequest,
) -> Result<api::ListOpenIDConnectProvidersResponse, Error> {
    let all = txn.scan(&keys::oidc_providers(ctx.account()), Direction::Forward, usize::MAX)?;
    let entry = |provider| api::OpenIDConnectProviderListEntry::new().with_arn(arn_of(ctx, provider));
    let entries: Vec<_> = all.iter().map(|(_, provider)| entry(provider)).collect();
    Ok(api::ListOpenIDConnectProvidersResponse::new().with_open_id_connect_provider_list(entries))
}

/// Adds an audience; one that is there already is no error.
pub(crate) fn add_client_id(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AddClientIDToOpenIDConnectProviderRequest,
) -> Result<Nothing, Error> {
    change(ctx, txn, input.open_id_connect_provider_arn(), |provider| {
        if !provider.client_ids.iter().any(|id| id == input.client_id()) {
            quota::OIDC_CLIENT_IDS.admit(provider.client_ids.len())?;
            provider.client_ids.push(input.client_id().to_owned());
        }
        Ok(())
    })
}

/// Removes an audience; one that is not there is no error.
pub(crate) fn remove_client_id(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Nothing, Error> {
    change(ctx, txn, input.open_id_connect_provider_arn(), |provider| {
        provider.client_ids.retain(|id| id != input.client_id());
        Ok(())
    })
}

/// Replaces the thumbprints.
pub(crate) fn update_thumbprint(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Nothing, Error> {
    change(ctx, txn, input.open_id_connect_provider_arn(), |provider| {
        provider.thumbprints = thumbprints(input.thumbprint_list())?;
        Ok(())
    })
}

/// Removes a provider; one that is not there is no error.
pub(crate) fn delete_open_id_connect_provider(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteOpenIDConnectProviderRequest,
) -> Result<Nothing, Error> {
    let url = url_of(ctx, input.open_id_connect_provider_arn())?;
    txn.delete(&keys::oidc_provider(ctx.account(), url))?;
    Ok(Nothing::new())
}

impl Tagged for OidcProvider {
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
        txn.put(&keys::oidc_provider(ctx.account(), &self.url), self)
    }
}

tag::tag_handlers! {
    OidcProvider by open_id_connect_provider_arn:
    tag_open_id_connect_provider(TagOpenIDConnectProviderRequest),
    untag_open_id_connect_provider(UntagOpenIDConnectProviderRequest),
    list_open_id_connect_provider_tags(ListOpenIDConnectProviderTagsRequest) -> ListOpenIDConnectProviderTagsResponse
}
