//! URLs of OpenID Connect providers, and their ARNs.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>

/// The URL without its scheme; none when it is not `https`, names no host, or has a port, query or fragment.
pub(crate) fn without_scheme(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let host = rest.split('/').next().unwrap_or_default();
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let is_path = rest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    (is_host && is_path).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::without_scheme;

    #[test]
    fn only_plain_https_urls_are_taken() {
        for (url, expected) in [
            ("https://token.actions.githubusercontent.com", Some("token.actions.githubusercontent.com")),
            ("https://example.com/a/b", Some("example.com/a/b")),
            ("http://example.com", None),
            ("example.com", None),
            ("https://", None),
            ("https:///path", None),
            ("https://example.com:8443", None),
            ("https://example.com?a=b", None),
            ("https://example.com/a#b", None),
            ("https://exa mple.com", None),
        ] {
            assert_eq!(without_scheme(url), expected, "{url}");
        }
    }
}
