//! The body of an answer, whatever framing it has.

use std::io::{self, BufRead, Read};

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By its length.
    Length(u64),
    /// By an empty chunk; so many bytes of the present chunk are left.
    Chunked(u64),
    /// By the end of the connection.
    Close,
    /// It was read.
    Ended,
}

/// A body that is read from a connection.
pub(crate) struct BodyReader<R> {
    connection: R,
    framing: Framing,
}

impl<R: BufRead> BodyReader<R> {
    pub(super) fn new(connection: R, framing: Framing) -> Self {
        BodyReader { connection, framing }
    }

    /// Reads the length of the next chunk.
    fn next_chunk(&mut self) -> io::Result<u64> {
        let line = super::request::line(&mut self.connection)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).map_err(|_| malformed())?;
        if length == 0 {
            while !super::request::line(&mut self.connection)?.is_empty() {}
        }
        Ok(length)
    }
}

impl<R: BufRead> Read for BodyReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = match self.framing {
            Framing::Ended | Framing::Length(0) => return Ok(0),
            Framing::Length(left) => left,
            Framing::Close => u64::MAX,
            Framing::Chunked(0) => match self.next_chunk()? {
                0 => {
                    self.framing = Framing::Ended;
                    return Ok(0);
                }
                length => length,
            },
            Framing::Chunked(left) => left,
        };
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.connection.read(&mut buffer[..most])?;
        if read == 0 && most > 0 && self.framing != Framing::Close {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off"));
        }
        let left = left - read as u64;
        self.framing = match self.framing {
            Framing::Length(_) => Framing::Length(left),
            Framing::Chunked(_) => {
                if left == 0 && !super::request::line(&mut self.connection)?.is_empty() {
                    return Err(malformed());
                }
                Framing::Chunked(left)
            }
            other => other,
        };
        Ok(read)
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, framing: Framing) -> io::Result<String> {
        let mut body = String::new();
        BodyReader::new(text.as_bytes(), framing).read_to_string(&mut body).map(|_| body)
    }

    #[test]
    fn bodies_of_every_framing() {
        assert_eq!(read("hello, and more", Framing::Length(5)).unwrap(), "hello");
        assert_eq!(read("hello", Framing::Close).unwrap(), "hello");
        assert_eq!(read("3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\nmore", Framing::Chunked(0)).unwrap(), "hello");
        assert_eq!(read("", Framing::Length(0)).unwrap(), "");
    }

    #[test]
    fn a_body_that_breaks_off_is_an_error() {
        assert!(read("hell", Framing::Length(5)).is_err());
        assert!(read("5\r\nhell", Framing::Chunked(0)).is_err());
        assert!(read("5\r\nhello\r\n", Framing::Chunked(0)).is_err());
        assert!(read("5\r\nhello!\r\n0\r\n\r\n", Framing::Chunked(0)).is_err());
        assert!(read("x\r\n", Framing::Chunked(0)).is_err());
    }
}
