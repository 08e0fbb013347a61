//! Pages of a listing: how long, from where, and the token of the next.

use virga_kit::continuation;

use crate::error::Error;

/// The longest page, and a page when nothing is said: 1,000 queues.
const LONGEST: i32 = 1000;

/// A page of a listing.
pub(crate) struct Page {
    /// Entries at most.
    pub(crate) limit: usize,
    /// The last entry of the page before.
    pub(crate) after: Option<String>,
    /// Whether the caller asked for pages: without it a longer listing is cut off and has no token.
    asked: bool,
}

impl Page {
    /// Reads `MaxResults` and `NextToken`.
    pub(crate) fn new(max_results: Option<i32>, next_token: Option<&str>) -> Result<Self, Error> {
        let limit = max_results.unwrap_or(LONGEST);
        let limit = usize::try_from(limit).ok().filter(|_| (1..=LONGEST).contains(&limit)).ok_or_else(|| {
            let reason = format!("Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and {LONGEST}.");
            Error::InvalidParameterValue { reason }
        })?;
        let invalid =
            || Error::invalid_value(next_token.unwrap_or_default(), "NextToken", "The token is not valid.");
        let after = next_token.map(|token| continuation::after(token).ok_or_else(invalid));
        Ok(Page { limit, after: after.transpose()?, asked: max_results.is_some() || next_token.is_some() })
    }

    /// Cuts rows, of which one more than the limit were read, to the page, and makes the token of the next.
    pub(crate) fn cut<'r, T>(&self, rows: &'r [T], name: impl Fn(&T) -> String) -> (&'r [T], Option<String>) {
        let shown = &rows[..rows.len().min(self.limit)];
        let more = rows.len() > self.limit && self.asked;
        let token = shown.last().filter(|_| more).map(|last| continuation::token(&name(last)));
        (shown, token)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_follow_each_other() {
        let page = Page::new(Some(2), None).ok().unwrap();
        let (shown, token) = page.cut(&["a", "b", "c"], ToString::to_string);
        assert_eq!(shown, ["a", "b"]);
        let next = Page::new(Some(2), token.as_deref()).ok().unwrap();
        assert_eq!(next.after.as_deref(), Some("b"));
        assert_eq!(next.cut(&["c"], ToString::to_string), (&["c"][..], None));
        assert!(Page::new(Some(0), None).is_err() && Page::new(Some(1001), None).is_err());
        assert!(Page::new(None, Some("?")).is_err());
    }
}
