//! What makes the configuration of a website wrong: index and error documents, redirects and routing rules.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html>

use virga_api::s3 as api;

use crate::Error;

/// The most routing rules.
const MOST_RULES: usize = 50;

/// Checks how a bucket is to be a website.
pub fn check(website: &api::WebsiteConfiguration) -> Result<(), Error> {
    if let Some(redirect) = website.redirect_all_requests_to() {
        let other = website.index_document().is_some()
            || website.error_document().is_some()
            || website.routing_rules().is_some();
        if other {
            return Err(Error::argument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                "RedirectAllRequestsTo",
                "not null",
            ));
        }
        return check_protocol(redirect.protocol());
    }
    let Some(index) = website.index_document() else {
        return Err(Error::argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        ));
    };
    if index.suffix().is_empty() || index.suffix().contains('/') {
        return Err(Error::argument(
            "The IndexDocument Suffix is not well formed",
            "IndexDocument",
            index.suffix(),
        ));
    }
    if website.error_document().is_some_and(|document| document.key().is_empty()) {
        return Err(Error::argument("The ErrorDocument Key is not well formed", "ErrorDocument", ""));
    }
    check_rules(website)
}

fn check_rules(website: &api::WebsiteConfiguration) -> Result<(), Error> {
    let Some(rules) = website.routing_rules() else { return Ok(()) };
    if rules.is_empty() {
        return Err(Error::MalformedXml);
    }
    if rules.len() > MOST_RULES {
        return Err(Error::request(format!(
            "{} routing rules provided, the number of routing rules in a website configuration is limited to \
             {MOST_RULES}.",
            rules.len()
        )));
    }
    for rule in rules.iter() {
        let is_empty = |condition: &api::Condition| {
            condition.http_error_code_returned_equals().is_none() && condition.key_prefix_equals().is_none()
        };
        if rule.condition().is_some_and(is_empty) {
            return Err(Error::request(
                "Condition cannot be empty. To redirect all requests without a condition, the condition element \
                 shouldn't be present.",
            ));
        }
        check_redirect(rule.redirect())?;
        if let Some(code) = rule.condition().and_then(api::Condition::http_error_code_returned_equals) {
            check_code(code, ["4", "5"])?;
        }
    }
    Ok(())
}

fn check_redirect(redirect: &api::Redirect) -> Result<(), Error> {
    check_protocol(redirect.protocol())?;
    if redirect.replace_key_prefix_with().is_some() && redirect.replace_key_with().is_some() {
        return Err(Error::request("You can only define ReplaceKeyPrefix or ReplaceKey but not both."));
    }
    let says_nothing = redirect.host_name().is_none()
        && redirect.protocol().is_none()
        && redirect.http_redirect_code().is_none()
        && redirect.replace_key_prefix_with().is_none()
        && redirect.replace_key_with().is_none();
    if says_nothing {
        return Err(Error::MalformedXml);
    }
    redirect.http_redirect_code().map_or(Ok(()), |code| check_code(code, ["3", "3"]))
}

fn check_protocol(protocol: Option<&str>) -> Result<(), Error> {
    match protocol {
        None | Some("http" | "https") => Ok(()),
        Some(_) => Err(Error::request(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
             automatically.",
        )),
    }
}

/// A status of three digits, the first of which is one of `kinds`.
fn check_code(code: &str, kinds: [&str; 2]) -> Result<(), Error> {
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    if digits && kinds.iter().any(|kind| code.starts_with(kind)) && code != "300" && code != "304" {
        return Ok(());
    }
    let (what, range) =
        if kinds[0] == "3" { ("redirect", "3XX except 300") } else { ("error", "4XX or 5XX") };
    Err(Error::request(format!(
        "The provided HTTP {what} code ({code}) is not valid. Valid codes are {range}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> api::WebsiteConfiguration {
        api::WebsiteConfiguration::new()
            .with_index_document(api::IndexDocument::new().with_suffix("index.html"))
    }

    fn ruled(rule: api::RoutingRule) -> api::WebsiteConfiguration {
        index().with_routing_rules(vec![rule])
    }

    fn message(website: &api::WebsiteConfiguration) -> String {
        match check(website) {
            Ok(()) => String::new(),
            Err(error) => {
                let error = error.into_api().unwrap();
                format!("{}: {}", error.code, error.message)
            }
        }
    }

    /// The texts are those that AWS was recorded with.
    #[test]
    fn websites_are_checked() {
        assert_eq!(message(&index()), "");
        let suffix = |suffix: &str| {
            api::WebsiteConfiguration::new()
                .with_index_document(api::IndexDocument::new().with_suffix(suffix))
        };
        let malformed = "InvalidArgument: The IndexDocument Suffix is not well formed";
        assert_eq!(message(&suffix("/index.html")), malformed);
        assert_eq!(message(&suffix("")), malformed);
        let to = api::RedirectAllRequestsTo::new().with_host_name("example.com");
        assert!(message(&index().with_redirect_all_requests_to(to.clone())).contains("in conjunction"));
        let ftp = to.with_protocol("ftp");
        assert!(
            message(&api::WebsiteConfiguration::new().with_redirect_all_requests_to(ftp))
                .contains("Invalid protocol")
        );
        assert!(message(&api::WebsiteConfiguration::new()).contains("must be provided"));
        let both = api::Redirect::new().with_replace_key_prefix_with("a").with_replace_key_with("b");
        assert!(message(&ruled(api::RoutingRule::new().with_redirect(both))).contains("but not both"));
        let fine = api::Redirect::new().with_host_name("h");
        let rule = api::RoutingRule::new().with_redirect(fine);
        assert_eq!(message(&ruled(rule.clone())), "");
        let empty = rule.clone().with_condition(api::Condition::new());
        assert!(message(&ruled(empty)).contains("Condition cannot be empty"));
        let code = api::Condition::new().with_http_error_code_returned_equals("200");
        assert!(message(&ruled(rule.with_condition(code))).contains("4XX or 5XX"));
        assert_eq!(
            message(&ruled(api::RoutingRule::new().with_redirect(api::Redirect::new()))).split(':').next(),
            Some("MalformedXML")
        );
    }
}
