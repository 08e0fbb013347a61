//! Where a website sends a request, by its routing rules. Pure.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>

use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::s3 as api;

/// What stands as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'#')
    .remove(b'?');

/// Where to go instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Redirection {
    pub(super) status: StatusCode,
    /// `http` or `https`; none is that of the request.
    pub(super) protocol: Option<String>,
    /// Host and port; none are those of the request.
    pub(super) host: Option<String>,
    pub(super) key: String,
}

/// A key as a path.
pub(super) fn encoded(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

/// Where a request goes before any object is looked for.
pub(super) fn before(website: &api::GetBucketWebsiteOutput, key: &str) -> Option<Redirection> {
    if let Some(all) = website.redirect_all_requests_to() {
        return Some(Redirection {
            status: StatusCode::MOVED_PERMANENTLY,
            protocol: all.protocol().map(str::to_owned),
            host: Some(all.host_name().to_owned()),
            key: key.to_owned(),
        });
    }
    find(website, key, None)
}

/// Where a request goes that failed with a status.
pub(super) fn after(website: &api::GetBucketWebsiteOutput, key: &str, status: u16) -> Option<Redirection> {
    find(website, key, Some(status))
}

/// The first rule whose condition holds decides. One without a condition always holds, before any object is looked for.
fn find(website: &api::GetBucketWebsiteOutput, key: &str, status: Option<u16>) -> Option<Redirection> {
    website.routing_rules()?.iter().find_map(|rule| {
        let condition = rule.condition();
        let code = condition.and_then(api::Condition::http_error_code_returned_equals);
        let prefix = condition.and_then(api::Condition::key_prefix_equals).unwrap_or_default();
        let status = status.map(|status| status.to_string());
        let holds = code == status.as_deref() && key.starts_with(prefix);
        holds.then(|| redirection(rule.redirect(), key, prefix))
    })
}

fn redirection(redirect: &api::Redirect, key: &str, prefix: &str) -> Redirection {
    let status = redirect.http_redirect_code().and_then(|code| code.parse().ok());
    let new_key = match (redirect.replace_key_with(), redirect.replace_key_prefix_with()) {
        (Some(whole), _) => whole.to_owned(),
        (None, Some(new_prefix)) => format!("{new_prefix}{}", &key[prefix.len()..]),
        (None, None) => key.to_owned(),
    };
    Redirection {
        status: status.unwrap_or(StatusCode::MOVED_PERMANENTLY),
        protocol: redirect.protocol().map(str::to_owned),
        host: redirect.host_name().map(str::to_owned),
        key: new_key,
    }
}

#[cfg(test)]
mod tests {
    use super::{after, api, before, encoded};

    fn rule(code: Option<&str>, prefix: Option<&str>, redirect: api::Redirect) -> api::RoutingRule {
        let condition =
            api::Condition::new().with_http_error_code_returned_equals(code).with_key_prefix_equals(prefix);
        api::RoutingRule::new().with_condition(condition).with_redirect(redirect)
    }

    #[test]
    fn rules_decide_in_order_before_and_after_the_object_is_looked_for() {
        let website = api::GetBucketWebsiteOutput::new().with_routing_rules(vec![
            rule(None, Some("docs/"), api::Redirect::new().with_replace_key_prefix_with("documents/")),
            rule(
                None,
                Some("old"),
                api::Redirect::new().with_replace_key_with("new").with_http_redirect_code("302"),
            ),
            rule(
                Some("404"),
                Some("images/"),
                api::Redirect::new().with_host_name("other").with_protocol("https"),
            ),
            rule(Some("404"), None, api::Redirect::new().with_replace_key_with("missing.html")),
        ]);
        let key = |found: Option<super::Redirection>| found.map(|found| (found.status.as_u16(), found.key));
        let check = |path, first: Option<(u16, &str)>, second: Option<(u16, &str)>| {
            let owned = |found: Option<(u16, &str)>| found.map(|(status, key)| (status, key.to_owned()));
            assert_eq!(key(before(&website, path)), owned(first), "{path}");
            assert_eq!(key(after(&website, path, 404)), owned(second), "{path}");
        };
        check("docs/a", Some((301, "documents/a")), Some((301, "missing.html")));
        check("older", Some((302, "new")), Some((301, "missing.html")));
        check("images/a", None, Some((301, "images/a")));
        assert!(after(&website, "a", 403).is_none());
        let there = after(&website, "images/a", 404).expect("a redirection");
        assert_eq!((there.host.as_deref(), there.protocol.as_deref()), (Some("other"), Some("https")));
    }

    #[test]
    fn everything_may_go_elsewhere() {
        let all = api::RedirectAllRequestsTo::new().with_host_name("example.com");
        let website = api::GetBucketWebsiteOutput::new().with_redirect_all_requests_to(all);
        let there = before(&website, "a/b").expect("a redirection");
        assert_eq!((there.host.as_deref(), &*there.key, there.protocol), (Some("example.com"), "a/b", None));
        assert_eq!(encoded("a b/ü"), "a%20b/%C3%BC");
    }
}
