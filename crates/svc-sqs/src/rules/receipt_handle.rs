//! Receipt handles: which message, which receive of it, and where to look first.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::records::Place;

/// What a receipt handle says. It is checked against the present state of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiptHandle {
    /// Id of the queue.
    pub(crate) queue: u64,
    /// The message.
    pub(crate) place: Place,
    /// Lane in which it becomes visible; 0 for a FIFO queue.
    pub(crate) lane: u32,
    /// Until when the receive hid it; 0 for a FIFO queue.
    pub(crate) due: i64,
    /// Receive count that the receive left: a later receive makes the handle stale.
    pub(crate) count: u32,
}

/// Handles begin as those of AWS do. Decoded, these bytes are the version of the layout.
const VERSION: [u8; 3] = [1, 1, 1];
const LENGTH: usize = 47;
const TEXT_LENGTH: usize = LENGTH.div_ceil(3) * 4;

impl ReceiptHandle {
    /// The text that the caller sees, in base64.
    pub(crate) fn text(self) -> [u8; TEXT_LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..3].copy_from_slice(&VERSION);
        bytes[3..11].copy_from_slice(&self.queue.to_be_bytes());
        bytes[11..19].copy_from_slice(&self.place.order.to_be_bytes());
        bytes[19..27].copy_from_slice(&self.place.tie.to_be_bytes());
        bytes[27..31].copy_from_slice(&self.lane.to_be_bytes());
        bytes[31..39].copy_from_slice(&self.due.to_be_bytes());
        bytes[39..43].copy_from_slice(&self.count.to_be_bytes());
        let check = crc32fast::hash(&bytes[..43]);
        bytes[43..].copy_from_slice(&check.to_be_bytes());
        let mut text = [0; TEXT_LENGTH];
        STANDARD.encode_slice(bytes, &mut text).expect("four digits for each three bytes");
        text
    }

    /// Reads a handle of this queue.
    pub(crate) fn decode(text: &str, queue: u64) -> Result<Self, Error> {
        let invalid = || Error::ReceiptHandleIsInvalid { handle: text.to_owned() };
        let mut bytes = [0; LENGTH + 1];
        let length = STANDARD.decode_slice(text, &mut bytes).map_err(|_| invalid())?;
        let bytes = bytes.get(..length).filter(|bytes| bytes.len() == LENGTH).ok_or_else(invalid)?;
        let number = |from: usize| {
            let part = bytes[from..from + 8].try_into().expect("eight bytes of a longer slice");
            u64::from_be_bytes(part)
        };
        let short = |from: usize| {
            let part = bytes[from..from + 4].try_into().expect("four bytes of a longer slice");
            u32::from_be_bytes(part)
        };
        let genuine = bytes.starts_with(&VERSION) && short(43) == crc32fast::hash(&bytes[..43]);
        if !genuine || number(3) != queue {
            return Err(invalid());
        }
        Ok(ReceiptHandle {
            queue,
            place: Place { order: number(11), tie: number(19) },
            lane: short(27),
            due: number(31).cast_signed(),
            count: short(39),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_comes_back_for_its_own_queue_alone() {
        let place = Place { order: 1_700_000_000_000_000, tie: u64::MAX };
        let handle = ReceiptHandle { queue: 7, place, lane: 3, due: -1, count: 2 };
        let text = String::from_utf8(handle.text().to_vec()).unwrap();
        assert!(text.starts_with("AQEB"), "{text}");
        assert_eq!(ReceiptHandle::decode(&text, 7).unwrap(), handle);
        for (text, queue) in
            [(text.as_str(), 8), (&text[4..], 7), ("", 7), ("garbage", 7), (&"A".repeat(400), 7)]
        {
            let error = ReceiptHandle::decode(text, queue).unwrap_err();
            assert!(matches!(error, Error::ReceiptHandleIsInvalid { .. }));
        }
        let mut damaged = text.into_bytes();
        damaged[20] ^= 1;
        assert!(ReceiptHandle::decode(std::str::from_utf8(&damaged).unwrap(), 7).is_err());
    }
}
