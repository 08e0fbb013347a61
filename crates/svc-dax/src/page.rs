//! Pages of a listing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;

/// The shortest page that can be asked for, and the longest, which is also that of who asks for none.
const SHORTEST: i32 = 20;
const LONGEST: i32 = 100;

/// A page of a listing by name.
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
        let decode =
            |token: &str| STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let after = match next_token {
            Some(token) => Some(decode(token).ok_or_else(|| Error::value("The NextToken is not valid."))?),
            None => None,
        };
        Ok(Page { limit, after })
    }

    /// Cuts sorted rows to the page, and makes the token of the next.
    pub(crate) fn cut<T>(&self, rows: Vec<T>, name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let start = match &self.after {
            Some(after) => rows.iter().position(|row| name(row) == *after).map_or(0, |place| place + 1),
            None => 0,
        };
        let more = rows.len() > start + self.limit;
        let shown: Vec<T> = rows.into_iter().skip(start).take(self.limit).collect();
        let token = shown.last().filter(|_| more).map(|last| STANDARD.encode(name(last)));
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
    fn a_page_has_bounds() {
        for limit in [0, 19, 101] {
            assert!(Page::new(Some(limit), None).is_err(), "{limit}");
        }
        assert!(Page::new(None, Some("?")).is_err());
    }
}
