//! The operations of AWS STS: the one list. `AssumeRoot` waits for organizations, and nobody trades in what
//! `GetDelegatedAccessToken` takes.

use crate::{
    assume_role, authorization_message, caller_identity, federation_token, saml, session_token, web_identity,
};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::sts;
    read  GetCallerIdentity => caller_identity::get_caller_identity;
    read  GetAccessKeyInfo => caller_identity::get_access_key_info;
    write GetSessionToken => session_token::get_session_token;
    write GetFederationToken => federation_token::get_federation_token;
    call  AssumeRole => assume_role::assume_role, ignoring ["ProvidedContexts"];
    call  AssumeRoleWithWebIdentity => web_identity::assume_role_with_web_identity;
    call  AssumeRoleWithSAML => saml::assume_role_with_saml;
    read  DecodeAuthorizationMessage => authorization_message::decode_authorization_message;
}
