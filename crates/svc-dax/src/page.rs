//! Pages of a listing.

use virga_kit::continuation;

use crate::error::Error;

/// The shortest page that can be asked for, and the longest, which is also that of who asks for none.
const SHORTEST: i32 = 20;
const LONGEST: i32 = 100;

/// A page of a listing.
pub(crate) struct Page {
    limit: usize,
    after: Option<String>,
}

impl Page {
    /// Reads `MaxResults` and `NextToken`.
    pub(crate) fn new(max_results: Option<i32>, next_token: Option<&str>) -> Result<Self, Error> {
        let limit = max_results.unwrap_or(LONGEST);
        let limit = usize::try_from(limit).ok().filter(|_| (SHORTEST..=LONGEST).contains(&limit));
        let limit = limit
            .ok_or_else(|| Error::value(format!("MaxResults must be between {SHORTEST} and {LONGEST}.")))?;
        let after = next_token.map(|token| {
            continuation::after(token).ok_or_else(|| Error::value("The NextToken is not valid."))
        });
        Ok(Page { limit, after: after.transpose()? })
    }

    /// Cuts rows, whose keys sort as the rows do, to the page, and makes the token of the next.
    pub(crate) fn cut<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let start = match &self.after {
            Some(after) => match rows.iter().position(|row| key(row) == *after) {
                Some(place) => place + 1,
                // The row has gone meanwhile.
                None => rows.iter().position(|row| key(row) > *after).unwrap_or(rows.len()),
            },
            None => 0,
        };
        let more = rows.len() > start + self.limit;
        let shown: Vec<T> = rows.into_iter().skip(start).take(self.limit).collect();
        let token = shown.last().filter(|_| more).map(|last| continuation::token(&key(last)));
        (shown, token)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_follow_each_other() {
        let rows: Vec<u32> = (0..50).collect();
        let first = Page::new(Some(20), None).ok().unwrap();
        let (shown, token) = first.cut(rows.clone(), u32::to_string);
        assert_eq!((shown.len(), shown.last()), (20, Some(&19)));
        let last = Page::new(Some(30), token.as_deref()).ok().unwrap();
        let (shown, token) = last.cut(rows, u32::to_string);
        assert_eq!((shown.first(), shown.len(), token), (Some(&20), 30, None));
    }

    #[test]
    fn a_page_goes_on_after_a_row_that_has_gone() {
        let key = |row: &u32| format!("{row:03}");
        let rows: Vec<u32> = (0..50).collect();
        let (_, token) = Page::new(Some(20), None).ok().unwrap().cut(rows, key);
        let next = Page::new(Some(20), token.as_deref()).ok().unwrap();
        let (shown, _) = next.cut((0..50).filter(|row| *row != 19).collect(), key);
        assert_eq!(shown.first(), Some(&20));
        let (shown, token) = next.cut((0..19).collect(), key);
        assert_eq!((shown, token), (vec![], None));
    }

    #[test]
    fn a_page_has_bounds() {
        for limit in [0, 19, 101] {
            assert!(Page::new(Some(limit), None).is_err(), "{limit}");
        }
        assert!(Page::new(None, Some("?")).is_err());
    }
}
