//! Requests that AWS's own clients signed (`tests/fixtures/generate.py`) verify, with every algorithm and place.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::support::{Cloud, Request};

#[derive(Deserialize)]
struct Fixture {
    name: String,
    service: String,
    token: Option<String>,
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn fixtures() -> Vec<Fixture> {
    serde_json::from_str(include_str!("../fixtures/signed_requests.json")).expect("the fixtures are JSON")
}

impl Fixture {
    fn request(&self) -> Request {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Request::new(&self.method, &self.target, &headers, self.body.as_bytes())
    }

    fn cloud(&self) -> Cloud {
        let mut cloud = Cloud::new(self.service.clone().leak(), "20240630T123456Z");
        cloud.region = Some("us-east-1");
        cloud.key.session_token = self.token.clone();
        cloud
    }
}

#[test]
fn requests_of_real_clients_verify() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 80, "all kinds of signature are in the fixtures");
    for fixture in fixtures {
        let result = fixture.cloud().authenticate(&fixture.request());
        assert!(result.is_ok(), "{}: {:?}", fixture.name, result.err());
    }
}

#[test]
fn they_fail_with_another_secret_and_another_body() {
    for fixture in fixtures() {
        let mut cloud = fixture.cloud();
        cloud.key.secret_access_key.push('x');
        assert!(cloud.authenticate(&fixture.request()).is_err(), "{}", fixture.name);
        let mut request = fixture.request();
        request.body.push(b'x');
        let unsigned = fixture.service == "s3" && fixture.name.contains("query");
        assert_eq!(fixture.cloud().authenticate(&request).is_ok(), unsigned, "{}", fixture.name);
    }
}

#[test]
fn they_fail_in_another_region_unless_their_set_has_it() {
    for fixture in fixtures() {
        let mut cloud = fixture.cloud();
        cloud.region = Some("ap-southeast-2");
        let everywhere = match (fixture.service.as_str(), fixture.name.as_str()) {
            ("s3", name) => name.contains("v4a query"),
            (_, name) => name.contains("v4a header"),
        };
        assert_eq!(cloud.authenticate(&fixture.request()).is_ok(), everywhere, "{}", fixture.name);
    }
}
