//! The operations of AWS STS: the one list.

use crate::caller_identity;

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::sts;
    read GetCallerIdentity => caller_identity::get_caller_identity;
    read GetAccessKeyInfo => caller_identity::get_access_key_info;
}
