//! The stored form of DynamoDB's items: whatever the bytes are, they are damaged or an item that is written again
//! as the same item.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use virga_item::binary;

fuzz_target!(|input: &[u8]| {
    let bytes = Bytes::copy_from_slice(input);
    let Ok(item) = binary::decode(&bytes) else { return };
    let written = Bytes::from(binary::to_bytes(&item));
    assert_eq!(binary::decode(&written).as_ref(), Ok(&item));
    for (name, value) in &item {
        assert_eq!(binary::decode_one(&bytes, name), Ok(Some(value.clone())));
    }
});
