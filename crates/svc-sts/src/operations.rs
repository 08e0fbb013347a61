//! The operations of AWS STS: the one list.

use crate::{
    assume_role, assume_root, authorization_message, caller_identity, delegated_access, federation_token,
    saml, session_token, web_identity, web_identity_token,
};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::sts;
    read  GetCallerIdentity => caller_identity::get_caller_identity;
    read  GetAccessKeyInfo => caller_identity::get_access_key_info;
    write GetSessionToken => session_token::get_session_token;
    write GetFederationToken => federation_token::get_federation_token;
    call  AssumeRole => assume_role::assume_role;
    call  AssumeRoleWithWebIdentity => web_identity::assume_role_with_web_identity;
    call  AssumeRoleWithSAML => saml::assume_role_with_saml;
    write AssumeRoot => assume_root::assume_root;
    write GetDelegatedAccessToken => delegated_access::get_delegated_access_token;
    call  GetWebIdentityToken => web_identity_token::get_web_identity_token;
    read  DecodeAuthorizationMessage => authorization_message::decode_authorization_message;
}
