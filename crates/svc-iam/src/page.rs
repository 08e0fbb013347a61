//! Pages of a listing: `Marker`, `MaxItems`, `IsTruncated`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use virga_kit::continuation;

use crate::error::Error;

/// A page when nothing is said.
const USUAL: usize = 100;

/// A page of a listing.
pub(crate) struct Page {
    limit: usize,
    /// Sort key of the last row of the page before.
    after: Option<String>,
}

impl Page {
    /// Reads `Marker` and `MaxItems`, whose range the model has checked.
    pub(crate) fn of(marker: Option<&str>, max_items: Option<i32>) -> Result<Self, Error> {
        let limit = max_items.and_then(|most| usize::try_from(most).ok()).unwrap_or(USUAL);
        let after = marker
            .map(|marker| continuation::after(marker).ok_or_else(|| Error::validation("Invalid Marker.")));
        Ok(Page { limit, after: after.transpose()? })
    }

    /// Cuts rows, sorted by their first part, to the page. The marker of the next page is none on the last.
    pub(crate) fn cut<T>(&self, rows: impl IntoIterator<Item = (String, T)>) -> (Vec<T>, Option<String>) {
        let after = self.after.as_deref();
        let mut rest = rows.into_iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
        let mut shown = Vec::new();
        let mut last = String::new();
        for (key, row) in rest.by_ref().take(self.limit) {
            last = key;
            shown.push(row);
        }
        let marker = rest.next().map(|_| continuation::token(&last));
        (shown, marker)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_follow_each_other() {
        let rows = || ["a", "b", "c"].map(|row| (row.to_owned(), row));
        let (shown, marker) = Page::of(None, Some(2)).unwrap().cut(rows());
        assert_eq!(shown, ["a", "b"]);
        let (shown, end) = Page::of(marker.as_deref(), Some(2)).unwrap().cut(rows());
        assert_eq!((shown, end), (vec!["c"], None));
        assert_eq!(Page::of(None, Some(3)).unwrap().cut(rows()).1, None);
        assert!(Page::of(Some("?"), None).is_err());
    }
}
