//! What clients of DAX send: frames, parameters, expressions, keys and attribute values. Anything is refused or
//! understood; keys and values that are understood come back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokio::runtime::Builder;

fuzz_target!(|bytes: &[u8]| {
    let runtime = Builder::new_current_thread().build().expect("a runtime without drivers starts");
    assert!(runtime.block_on(virga_plane_dax::decode(bytes)));
});
