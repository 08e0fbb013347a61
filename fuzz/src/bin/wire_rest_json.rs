//! Requests in the restJson1 protocol.

#![no_main]

use virga_model::Protocol;

libfuzzer_sys::fuzz_target!(|input: &[u8]| virga_fuzz::decode(Protocol::RestJson, input));
