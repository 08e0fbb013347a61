//! Claims of a caller: Authorization headers, presigned queries, dates. Whatever a client sends is read or refused.
//!
//! The input is `PATH?QUERY` on the first line, then one header per line as `name:value`.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use virga_iam::{Presented, RequestView};

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let Ok(target) = std::str::from_utf8(lines.next().unwrap_or_default()) else { return };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(&line[colon + 1..]);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let request = RequestView { method: "POST", path, query, authority: None, headers: &headers };
    let presented = Presented::of(&request);
    if let Presented::Signed(signature) = &presented {
        let (credential, id) = (signature.credential.as_str(), signature.credential.access_key_id());
        assert!(credential.starts_with(id), "{id} is not the beginning of {credential}");
    }
});
