//! The ids that S3 gives to rules and notification configurations that come without one.

use virga_kit::Ctx;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Letters of an id: as many as AWS draws.
const LETTERS: usize = 48;

/// A new id.
pub(crate) fn draw(ctx: &Ctx) -> String {
    ctx.random_letters(ALPHABET, LETTERS)
}
