//! Framing: a connection carries CBOR items one after the other, without lengths in front. An item is found whole before
//! any of it is decoded.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::DEEPEST;

/// Largest item, in bytes: a batch of 16 MB, and what encoding adds.
const LARGEST: usize = 24 * 1024 * 1024;
/// How much is asked of the socket at a time, in bytes.
const PIECE: usize = 16 * 1024;

/// Why no item could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The socket failed, or ended in the middle of an item.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The bytes are no CBOR, or the item is too large or too deep.
    #[error("malformed CBOR: {0}")]
    Malformed(&'static str),
}

/// The items of a connection.
pub(crate) struct Frames<R> {
    socket: R,
    buffer: BytesMut,
    scanner: Scanner,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(crate) fn new(socket: R) -> Self {
        Frames { socket, buffer: BytesMut::new(), scanner: Scanner::default() }
    }

    /// The next item; none when the client has closed the connection before one.
    ///
    /// # Errors
    /// As [`FrameError`] says; the connection is of no use then.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            if let Some(end) = self.scanner.scan(&self.buffer).map_err(FrameError::Malformed)? {
                self.scanner = Scanner::default();
                return Ok(Some(self.buffer.split_to(end).freeze()));
            }
            if self.buffer.len() > LARGEST {
                return Err(FrameError::Malformed("the item is too large"));
            }
            self.buffer.reserve(PIECE);
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
                };
            }
        }
    }
}

/// Where the end of an item is sought. It goes on where it stopped for want of bytes.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    at: usize,
    open: Vec<Open>,
}

/// What an array, map or string in pieces still waits for.
#[derive(Debug)]
enum Open {
    Items(u64),
    Break,
}

/// The head of an item: its kind, its argument, and its own length.
struct Head {
    major: u8,
    /// None where the length is not known beforehand.
    argument: Option<u64>,
    length: usize,
}

impl Scanner {
    /// The end of the item at the beginning of the buffer; none when it has not come whole yet.
    pub(super) fn scan(&mut self, buffer: &[u8]) -> Result<Option<usize>, &'static str> {
        while let Some(head) = head(&buffer[self.at.min(buffer.len())..])? {
            let after = self.at + head.length;
            let is_whole = match (head.major, head.argument) {
                (2 | 3, Some(length)) => {
                    let length = usize::try_from(length).ok().filter(|length| *length <= LARGEST);
                    let end = after + length.ok_or("the string is too long")?;
                    if end > buffer.len() {
                        return Ok(None);
                    }
                    self.at = end;
                    true
                }
                (4 | 5, Some(count)) => {
                    let items = count.checked_mul(if head.major == 5 { 2 } else { 1 });
                    let items = items.filter(|items| *items <= LARGEST as u64).ok_or("too many items")?;
                    self.at = after;
                    if items > 0 {
                        self.push(Open::Items(items))?;
                    }
                    items == 0
                }
                (2..=5, None) => {
                    self.at = after;
                    self.push(Open::Break)?;
                    false
                }
                (6, Some(_)) => {
                    self.at = after;
                    false
                }
                (7, None) => {
                    self.at = after;
                    matches!(self.open.pop(), Some(Open::Break)) || return Err("a break out of place")
                }
                (0 | 1 | 7, Some(_)) => {
                    self.at = after;
                    true
                }
                _ => return Err("an item of no known kind"),
            };
            if is_whole && self.complete() {
                return Ok(Some(self.at));
            }
        }
        Ok(None)
    }

    fn push(&mut self, open: Open) -> Result<(), &'static str> {
        self.open.push(open);
        if self.open.len() > DEEPEST { Err("nested too deeply") } else { Ok(()) }
    }

    /// Counts an item that is complete; whether all around it is complete as well.
    fn complete(&mut self) -> bool {
        while let Some(open) = self.open.last_mut() {
            match open {
                Open::Items(left) if *left > 1 => *left -= 1,
                Open::Items(_) => {
                    self.open.pop();
                    continue;
                }
                Open::Break => {}
            }
            return false;
        }
        true
    }
}

fn head(bytes: &[u8]) -> Result<Option<Head>, &'static str> {
    let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
    let major = first >> 5;
    let size = match first & 31 {
        small @ 0..=23 => return Ok(Some(Head { major, argument: Some(small.into()), length: 1 })),
        31 => return Ok(Some(Head { major, argument: None, length: 1 })),
        power @ 24..=27 => 1usize << (power - 24),
        _ => return Err("a reserved length"),
    };
    let Some(argument) = rest.get(..size) else { return Ok(None) };
    let argument = argument.iter().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte));
    Ok(Some(Head { major, argument: Some(argument), length: 1 + size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEMS: [&[u8]; 10] = [
        b"\x00",
        b"\x3a\x4c\x9d\x29\x59",
        b"\x67J7yne5G",
        b"\x83\x01\x20\x40",
        b"\xa1\x61a\x82\x01\x02",
        b"\xbf\x02\xf5\x03\x01\xff",
        b"\xd9\x0c\xf9\x81\x61x",
        b"\x5f\x41a\x41b\xff",
        b"\x80",
        b"\xf6",
    ];

    #[test]
    fn items_end_where_they_end_however_the_bytes_come() {
        for item in ITEMS {
            let mut scanner = Scanner::default();
            for length in 0..item.len() {
                assert_eq!(scanner.scan(&item[..length]), Ok(None), "{item:x?} {length}");
            }
            assert_eq!(scanner.scan(item), Ok(Some(item.len())), "{item:x?}");
            let followed = [item, b"\xf6".as_slice()].concat();
            assert_eq!(Scanner::default().scan(&followed), Ok(Some(item.len())), "{item:x?}");
        }
    }

    #[test]
    fn what_is_no_cbor_is_refused() {
        let deep = [0x81; DEEPEST + 1];
        let bad: [&[u8]; 6] = [
            b"\xff",
            b"\x1c",
            b"\x82\xff",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            &deep,
        ];
        for bytes in bad {
            assert!(Scanner::default().scan(bytes).is_err(), "{bytes:x?}");
        }
    }

    #[tokio::test]
    async fn a_connection_is_read_item_by_item() {
        let all = ITEMS.concat();
        let mut frames = Frames::new(&all[..]);
        for item in ITEMS {
            assert_eq!(frames.next().await.unwrap().as_deref(), Some(item));
        }
        assert!(frames.next().await.unwrap().is_none());
        assert!(Frames::new(&all[..all.len() - 3]).next().await.is_ok());
        assert!(matches!(Frames::new(&b"\x82\x01"[..]).next().await, Err(FrameError::Io(_))));
    }
}
