//! `NextToken` of statements: where the next page begins, bound to the statement.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use virga_item::{Item, binary};
use virga_model::Record;

use crate::error::Error;

/// Bytes of the statement's digest in a token.
const DIGEST: usize = 8;

/// Where a page of a `SELECT` begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    /// Which of the statement's queries.
    pub(super) query: usize,
    /// Behind which item; none for the first of the query.
    pub(super) after: Option<Item>,
}

fn digest(request: &Record) -> [u8; DIGEST] {
    let named = ["Statement", "Parameters"].map(|member| request.by_name(member));
    let digest: [u8; 32] = Sha256::digest(format!("{named:?}")).into();
    let mut short = [0; DIGEST];
    short.copy_from_slice(&digest[..DIGEST]);
    short
}

/// Writes the token of a position.
pub(super) fn write(request: &Record, position: &Position) -> String {
    let mut bytes = digest(request).to_vec();
    bytes.extend_from_slice(&u32::try_from(position.query).unwrap_or(u32::MAX).to_le_bytes());
    if let Some(item) = &position.after {
        binary::encode(item, &mut bytes);
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the token of a request.
pub(super) fn read(request: &Record, token: &str) -> Result<Position, Error> {
    let invalid = || Error::validation("Invalid NextToken");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    let (known, rest) = bytes.split_at_checked(DIGEST).ok_or_else(invalid)?;
    let (query, item) = rest.split_first_chunk::<4>().ok_or_else(invalid)?;
    if known != digest(request) {
        return Err(invalid());
    }
    let after = match item {
        [] => None,
        item => Some(binary::decode(&Bytes::copy_from_slice(item)).map_err(|_| invalid())?),
    };
    let query = usize::try_from(u32::from_le_bytes(*query)).map_err(|_| invalid())?;
    Ok(Position { query, after })
}
