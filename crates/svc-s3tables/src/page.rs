//! Pages of a listing by name.

use virga_kit::continuation;
use virga_store::{Direction, Range, Read, Reader as _, Stored};

use crate::error::Error;

/// The longest page, which is also that of who asks for none.
const LONGEST: usize = 1000;

/// Which part of a listing is wanted.
pub(crate) struct Page<'a> {
    prefix: &'a str,
    after: Option<String>,
    limit: usize,
}

impl<'a> Page<'a> {
    /// Reads the prefix, the continuation token and the limit of an input; the model bounds the limit.
    pub(crate) fn new(
        prefix: Option<&'a str>,
        token: Option<&str>,
        limit: Option<i32>,
    ) -> Result<Self, Error> {
        let after = token.map(|token| continuation::after(token).ok_or(Error::InvalidToken)).transpose()?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LONGEST);
        Ok(Page { prefix: prefix.unwrap_or_default(), after, limit })
    }

    /// The records of the page, and the token of the next one.
    pub(crate) fn read<V: Stored>(
        &self,
        txn: &Read,
        all: Range<V>,
        name: impl Fn(&V) -> &str,
    ) -> Result<(Vec<V>, Option<String>), Error> {
        let range = match &self.after {
            Some(after) => all.after(after.as_str()),
            None => all.from(self.prefix),
        };
        let rows = txn.scan(&range, Direction::Forward, self.limit + 1)?;
        let mut rows: Vec<V> = rows
            .into_iter()
            .map(|(_, row)| row)
            .take_while(|row| name(row).starts_with(self.prefix))
            .collect();
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let token = rows.last().filter(|_| more).map(|last| continuation::token(name(last)));
        Ok((rows, token))
    }
}

impl Page<'_> {
    /// The same for records with two names, of which the prefix is of the second.
    pub(crate) fn read_pairs<V: Stored>(
        &self,
        txn: &Read,
        all: Range<V>,
        names: impl Fn(&V) -> (&str, &str),
    ) -> Result<(Vec<V>, Option<String>), Error> {
        let range = match &self.after {
            Some(after) => all.after(after.split_once('/').ok_or(Error::InvalidToken)?),
            None => all,
        };
        let rows = txn.scan(&range, Direction::Forward, usize::MAX)?.into_iter().map(|(_, row)| row);
        let mut rows: Vec<V> =
            rows.filter(|row| names(row).1.starts_with(self.prefix)).take(self.limit + 1).collect();
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let token = rows.last().filter(|_| more).map(|last| {
            let (first, second) = names(last);
            continuation::token(&format!("{first}/{second}"))
        });
        Ok((rows, token))
    }
}
