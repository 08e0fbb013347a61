//! What several fuzz targets share: requests as text, and what must hold for whatever was decoded.

mod decoding;
mod request;

pub use decoding::decode;
pub use request::TextRequest;
