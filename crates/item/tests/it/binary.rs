//! The stored form of random items.

use bytes::Bytes;
use proptest::prelude::*;
use virga_item::binary;

use crate::strategy;

proptest! {
    #[test]
    fn items_come_back(item in strategy::item()) {
        let bytes = Bytes::from(binary::to_bytes(&item));
        prop_assert_eq!(binary::decode(&bytes), Ok(item.clone()));
        for name in ["a", "b", "c", "d", "e"] {
            prop_assert_eq!(binary::decode_one(&bytes, name), Ok(item.get(name).cloned()));
        }
        let some = binary::decode_some(&bytes, |name| name > "b").expect("it is whole");
        prop_assert!(some.iter().all(|(name, value)| &**name > "b" && item.get(name) == Some(value)));
    }
}
