//! Numbers: whole ones as integers, of 64 bits or with the tags of large ones, all others as decimal fractions
//! (<https://www.rfc-editor.org/rfc/rfc8949#section-3.4.3>).

use minicbor::data::Type;
use virga_item::{Invalid, Number, NumberError};

use super::{Malformed, Reader, Writer};

const POSITIVE_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;
const DECIMAL_FRACTION: u64 = 4;

impl Reader<'_> {
    /// A number of any form.
    ///
    /// # Errors
    /// It is none, or out of DynamoDB's range, which is told in DynamoDB's words.
    pub(crate) fn number(&mut self) -> Result<Number, Malformed> {
        match self.next()? {
            Type::F16 | Type::F32 | Type::F64 => parse(&self.float()?.to_string()),
            Type::Tag => match self.tag()? {
                DECIMAL_FRACTION => {
                    self.array_of(2)?;
                    let exponent = self.int()?;
                    parse(&format!("{}E{exponent}", self.integer()?))
                }
                tag => parse(&self.bignum(tag)?.to_string()),
            },
            _ => parse(&self.wide_int()?.to_string()),
        }
    }

    fn integer(&mut self) -> Result<i128, Malformed> {
        match self.next()? {
            Type::Tag => {
                let tag = self.tag()?;
                self.bignum(tag)
            }
            _ => self.wide_int(),
        }
    }

    /// The large integer behind its tag. What 127 bits do not hold has more than 38 digits.
    fn bignum(&mut self, tag: u64) -> Result<i128, Malformed> {
        let bytes = self.blob()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let too_precise = || Malformed::Value(Invalid::new(NumberError::TooPrecise.to_string()));
        if bytes.len() - zeros > 16 {
            return Err(too_precise());
        }
        let value = bytes.iter().fold(0u128, |value, byte| (value << 8) | u128::from(*byte));
        let value = i128::try_from(value).map_err(|_| too_precise())?;
        match tag {
            POSITIVE_BIGNUM => Ok(value),
            NEGATIVE_BIGNUM => Ok(-1 - value),
            _ => Err(Malformed::expected("a number")),
        }
    }
}

fn parse(text: &str) -> Result<Number, Malformed> {
    text.parse().map_err(|error: NumberError| Malformed::Value(Invalid::new(error.to_string())))
}

impl Writer {
    /// A number, as an integer where it is one of up to 38 digits.
    pub(crate) fn number(&mut self, number: Number) -> &mut Self {
        let power = u32::try_from(number.exponent()).ok().and_then(|exponent| 10i128.checked_pow(exponent));
        match power.and_then(|power| number.coefficient().checked_mul(power)) {
            Some(whole) => self.integer(whole),
            None => {
                self.tag(DECIMAL_FRACTION).array(2).int(number.exponent().into());
                self.integer(number.coefficient())
            }
        }
    }

    fn integer(&mut self, value: i128) -> &mut Self {
        if let Ok(value) = i64::try_from(value) {
            return self.int(value);
        }
        if let Ok(value) = u64::try_from(value) {
            return self.unsigned(value);
        }
        let (tag, magnitude) = match u128::try_from(value) {
            Ok(value) => (POSITIVE_BIGNUM, value),
            Err(_) => (NEGATIVE_BIGNUM, value.unsigned_abs() - 1),
        };
        let bytes = magnitude.to_be_bytes();
        let zeros = (magnitude.leading_zeros() / 8) as usize;
        self.tag(tag).blob(&bytes[zeros..])
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    #[test]
    fn numbers_come_back_as_they_were() {
        let nines = "9".repeat(38);
        let negative = format!("-{nines}");
        let tiny = format!("-{nines}E-130");
        for text in [
            "0",
            "1",
            "-1",
            "23",
            "24",
            "1.5",
            "-0.001",
            "18446744073709551615",
            "-9223372036854775809",
            "1E125",
            "1E-130",
            &nines,
            &negative,
            &tiny,
        ] {
            let mut writer = Writer::default();
            writer.number(number(text));
            let bytes = Bytes::from(writer.into_bytes());
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.number(), Ok(number(text)), "{text}");
            assert!(reader.is_at_end(), "{text}");
        }
    }

    fn check(bytes: &'static [u8], expected: &str) {
        let bytes = Bytes::from_static(bytes);
        let read = Reader::new(&bytes).number();
        match read {
            Ok(read) => assert_eq!(read, number(expected)),
            Err(error) => assert_eq!(error.to_string(), expected),
        }
    }

    #[test]
    fn every_form_is_understood() {
        check(b"\x18\x64", "100");
        check(b"\x20", "-1");
        check(b"\xc2\x42\x01\x00", "256");
        check(b"\xc3\x42\x01\x00", "-257");
        check(b"\xc4\x82\x21\x19\x6a\xb3", "273.15");
        check(b"\xc4\x82\x20\xc2\x41\x05", "0.5");
        check(b"\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00", "1.5");
        check(
            b"\xc2\x51\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            "Attempting to store more than 38 significant digits in a Number",
        );
        check(
            b"\xc4\x82\x19\x01\x00\x01",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        );
        assert!(Reader::new(&Bytes::from_static(b"\xd9\x0c\xf9\x80")).number().is_err());
    }
}
