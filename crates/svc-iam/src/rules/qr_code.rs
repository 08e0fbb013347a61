//! The QR code that an authenticator app reads, as a PNG of one bit per pixel.
//! <https://www.w3.org/TR/png-3/>

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use qrcode::{Color, QrCode};

/// Pixels of a module, and modules of the margin around them all.
const SCALE: usize = 4;
const MARGIN: usize = 4;
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// A picture of a text; none when the text is too long for a QR code.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let modules = code.width();
    let side = (modules + 2 * MARGIN) * SCALE;
    let row_bytes = side.div_ceil(8);
    let mut pixels = Vec::with_capacity((row_bytes + 1) * side);
    for y in 0..side {
        // Each row begins with its filter: none.
        pixels.push(0);
        let mut row = vec![0xff_u8; row_bytes];
        for x in (0..side).filter(|x| is_dark(&code, x / SCALE, y / SCALE)) {
            row[x / 8] &= !(0x80 >> (x % 8));
        }
        pixels.extend(row);
    }
    let size = u32::try_from(side).ok()?.to_be_bytes();
    // One bit of grey; the usual compression and filters; not interlaced.
    let header = [&size[..], &size, &[1, 0, 0, 0, 0]].concat();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&pixels).ok()?;
    let mut png = SIGNATURE.to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &encoder.finish().ok()?);
    chunk(&mut png, b"IEND", &[]);
    Some(png)
}

/// Whether a place, counted with the margin, is dark.
fn is_dark(code: &QrCode, x: usize, y: usize) -> bool {
    let inside = MARGIN..MARGIN + code.width();
    inside.contains(&x) && inside.contains(&y) && code[(x - MARGIN, y - MARGIN)] == Color::Dark
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    // A picture of a few hundred pixels has no chunk of four gigabytes.
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let checksum = crc32fast::hash(&png[start..]);
    png.extend(checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::png;

    #[test]
    fn a_picture_is_a_png_of_the_right_size() {
        let picture = png("otpauth://totp/x?secret=ABCDEFGH").unwrap();
        assert!(picture.starts_with(super::SIGNATURE) && picture.ends_with(b"IEND\xae\x42\x60\x82"));
        let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        assert_eq!(width, (29 + 8) * 4, "a version 3 code has 29 modules");
        assert_eq!(png(&"x".repeat(10_000)), None);
    }
}
