//! Frames: bodies are sealed in pieces of 64 KiB with AES-256-GCM, so that any part can be opened alone. The number of
//! the frame is the nonce; no two bodies share a key.

use ring::aead::{Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce};
use virga_store::Fault;

/// Bytes of a frame once it is opened.
pub(crate) const FRAME: usize = 64 << 10;

/// Seals and opens the frames of one body.
pub(crate) struct Sealer {
    layers: Vec<LessSafeKey>,
}

impl Sealer {
    pub(crate) fn new(layers: Vec<LessSafeKey>) -> Self {
        Sealer { layers }
    }

    /// Bytes that sealing adds to a frame.
    pub(crate) fn overhead(&self) -> usize {
        self.layers.len() * MAX_TAG_LEN
    }

    /// Seals what follows `start` in the buffer as a frame.
    pub(crate) fn seal(&self, number: u64, buffer: &mut Vec<u8>, start: usize) -> Result<(), Fault> {
        for layer in &self.layers {
            let tag = layer.seal_in_place_separate_tag(nonce(number), Aad::empty(), &mut buffer[start..]);
            let tag = tag.map_err(|_| Fault::new("a body can't be sealed"))?;
            buffer.extend_from_slice(tag.as_ref());
        }
        Ok(())
    }

    /// Opens a frame in place and says how long it is.
    pub(crate) fn open(&self, number: u64, frame: &mut [u8]) -> Result<usize, Fault> {
        let mut length = frame.len();
        for layer in self.layers.iter().rev() {
            let opened = layer.open_in_place(nonce(number), Aad::empty(), &mut frame[..length]);
            length = opened.map_err(|_| Fault::new("a sealed body is damaged"))?.len();
        }
        Ok(length)
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use crate::DataKeys;

    #[test]
    fn counted_bodies_differ_each_time_and_open_under_the_key_of_their_world_only() {
        let [one, other] = [[1; 32], [2; 32]].map(|key| DataKeys::of_world(&key).unwrap());
        let seal = || {
            let mut sealed = Vec::new();
            one.counted().unwrap().seal(b"hello", &[], &mut sealed).unwrap();
            sealed
        };
        let sealed = seal();
        assert_ne!(sealed, seal());
        assert_eq!(one.open_counted(&sealed).unwrap(), b"hello");
        assert!(other.open_counted(&sealed).is_err());
        assert!(DataKeys::new([[1; 32].as_slice()]).open_counted(&sealed).is_err());
    }

    #[test]
    fn a_frame_opens_under_its_keys_and_number_only() {
        let keys = [[1; 32], [2; 32]];
        for layers in 1..=2 {
            let keys = DataKeys::new(keys[..layers].iter().map(<[u8; 32]>::as_slice));
            let sealer = keys.sealer(&[7; 16]).unwrap();
            let mut sealed = b"hello".to_vec();
            sealer.seal(3, &mut sealed, 0).unwrap();
            assert_eq!(sealed.len(), 5 + sealer.overhead());
            assert!(sealer.open(4, &mut sealed.clone()).is_err());
            assert!(keys.sealer(&[8; 16]).unwrap().open(3, &mut sealed.clone()).is_err());
            let length = sealer.open(3, &mut sealed).unwrap();
            assert_eq!(&sealed[..length], b"hello");
        }
    }
}
