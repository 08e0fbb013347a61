//! Pages of listings: `Limit`, `Marker`, `Truncated`, `NextMarker`.

use virga_kit::continuation;

use crate::error::Error;

/// A page of a listing.
pub(crate) struct Page {
    limit: usize,
    after: Option<String>,
}

impl Page {
    /// Reads `Limit` and `Marker`; a listing has its own length of a page and its own longest page.
    pub(crate) fn new(
        limit: Option<i32>,
        marker: Option<&str>,
        usual: usize,
        longest: usize,
    ) -> Result<Self, Error> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usual).min(longest);
        let after = marker.map(|marker| continuation::after(marker).ok_or(Error::InvalidMarker));
        Ok(Page { limit, after: after.transpose()? })
    }

    /// Entries at most.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The last entry of the page before.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Cuts rows, of which one more than the limit were read, to the page, and makes the marker of the next.
    pub(crate) fn cut<'r, T>(&self, rows: &'r [T], name: impl Fn(&T) -> String) -> (&'r [T], Option<String>) {
        let shown = &rows[..rows.len().min(self.limit)];
        let more = rows.len() > self.limit;
        let marker = shown.last().filter(|_| more).map(|last| continuation::token(&name(last)));
        (shown, marker)
    }

    /// The page of rows that are all at hand, in the order of their names.
    pub(crate) fn of<T: Clone>(&self, rows: &[T], name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let start = match &self.after {
            Some(after) => match rows.iter().position(|row| &name(row) == after) {
                Some(place) => place + 1,
                // The row has gone meanwhile.
                None => rows.iter().position(|row| &name(row) > after).unwrap_or(rows.len()),
            },
            None => 0,
        };
        let (shown, marker) = self.cut(&rows[start..], name);
        (shown.to_vec(), marker)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_follow_each_other() {
        let page = Page::new(Some(2), None, 10, 10).ok().unwrap();
        let (shown, marker) = page.cut(&["a", "b", "c"], ToString::to_string);
        assert_eq!(shown, ["a", "b"]);
        let next = Page::new(Some(2), marker.as_deref(), 10, 10).ok().unwrap();
        assert_eq!(next.after(), Some("b"));
        assert_eq!(next.of(&["a", "b", "c"], ToString::to_string), (vec!["c"], None));
        assert_eq!(next.of(&["a", "c"], ToString::to_string), (vec!["c"], None), "b has gone");
        assert_eq!(Page::new(None, None, 5, 10).ok().unwrap().limit(), 5);
        assert_eq!(Page::new(Some(1000), None, 5, 10).ok().unwrap().limit(), 10);
        assert!(Page::new(None, Some("?"), 5, 10).is_err());
    }
}
