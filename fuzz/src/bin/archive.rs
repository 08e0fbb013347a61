//! Archives of a store, as a snapshot is loaded: whatever is read, a broken one changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_store::Store;

fuzz_target!(|input: &[u8]| {
    let store = Store::memory();
    if store.load(&mut &*input).is_err() {
        let mut saved = Vec::new();
        store.save(&mut saved).expect("a store in memory can be saved");
        let mut empty = Vec::new();
        Store::memory().save(&mut empty).expect("a store in memory can be saved");
        assert_eq!(saved, empty, "a broken archive left something");
    }
});
