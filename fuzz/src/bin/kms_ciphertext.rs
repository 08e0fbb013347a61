//! Ciphertexts of KMS's symmetric keys: anything is refused or splits into a head, which encodes to the same bytes
//! again, and the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_svc_kms::CiphertextHead;

fuzz_target!(|blob: &[u8]| {
    let Some((head, bytes, rest)) = CiphertextHead::decode(blob) else { return };
    assert_eq!(head.encode().as_deref(), Some(bytes));
    assert_eq!([bytes, rest].concat(), blob);
    assert_eq!(head.account.len(), 12);
});
