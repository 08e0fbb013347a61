//! Keys of identity providers.

use virga_store::{Key, Range, Space};

use crate::records::provider::{OidcProvider, SamlProvider};

static OIDC_PROVIDERS: Space<OidcProvider> = Space::new("iam.oidc-provider");
static SAML_PROVIDERS: Space<SamlProvider> = Space::new("iam.saml-provider");

/// An OpenID Connect provider by its URL without the scheme.
pub(crate) fn oidc_provider(account: &str, url: &str) -> Key<OidcProvider> {
    OIDC_PROVIDERS.key((account, url))
}

/// The OpenID Connect providers of an account.
pub(crate) fn oidc_providers(account: &str) -> Range<OidcProvider> {
    OIDC_PROVIDERS.prefix(account)
}

/// A SAML provider by its name.
pub(crate) fn saml_provider(account: &str, name: &str) -> Key<SamlProvider> {
    SAML_PROVIDERS.key((account, name))
}

/// The SAML providers of an account.
pub(crate) fn saml_providers(account: &str) -> Range<SamlProvider> {
    SAML_PROVIDERS.prefix(account)
}
