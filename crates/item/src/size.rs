//! Sizes of items as AWS counts them.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>: names and strings
//! count their UTF-8 bytes; a list or map three bytes and one for each element; a number a byte for its power of a
//! hundred and one for each pair of digits, pairs counted from the point, and one more below zero.

use crate::{AttributeValue, Item, Number};

/// Most bytes of an item.
pub const MAX_ITEM_SIZE: usize = 400 * 1024;

/// What a list or map takes before its elements.
const CONTAINER: usize = 3;
/// What each element of a list or map takes beside itself.
const ELEMENT: usize = 1;
/// Pairs of digits that a number can have; one of so many has no room for the byte of those below zero.
const MAX_PAIRS: usize = 20;

/// Bytes of an item: its names and values.
pub fn item(item: &Item) -> usize {
    item.iter().map(|(name, attribute)| name.len() + value(attribute)).sum()
}

/// Bytes of a value.
pub fn value(attribute: &AttributeValue) -> usize {
    match attribute {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => self::number(*number),
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::Bool(_) | AttributeValue::Null => 1,
        AttributeValue::M(map) => CONTAINER + item(map) + ELEMENT * map.len(),
        AttributeValue::L(values) => {
            CONTAINER + values.iter().map(|element| value(element) + ELEMENT).sum::<usize>()
        }
        AttributeValue::Ss(texts) => texts.iter().map(|text| text.len()).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|element| number(*element)).sum(),
        AttributeValue::Bs(values) => values.iter().map(bytes::Bytes::len).sum(),
    }
}

/// Bytes of a number.
pub fn number(number: Number) -> usize {
    if number == Number::ZERO {
        return 1;
    }
    // A pair begins at every even power of ten, so a first digit there has a place before it.
    let before = usize::from(number.magnitude() % 2 == 0);
    let pairs = (number.digits() as usize + before).div_ceil(2);
    1 + pairs + usize::from(number.is_negative() && pairs < MAX_PAIRS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;

    #[test]
    fn numbers_count_pairs_from_the_point() {
        let cases = [
            ("0", 1),
            ("1", 2),
            ("12", 2),
            ("123", 3),
            ("1000", 2),
            ("-1", 3),
            ("12.3", 3),
            ("1.23", 3),
            ("0.12", 2),
            ("0.123", 3),
            ("12345678901234567890123456789012345678", 20),
            ("1234567890123456789012345678901234567.8", 21),
            ("-1234567890123456789012345678901234567.8", 21),
        ];
        for (text, expected) in cases {
            let number = text.parse().expect("the case is a number");
            assert_eq!(super::number(number), expected, "{text}");
        }
    }

    #[test]
    fn names_and_containers_count() {
        let text = |text: &'static str| AttributeValue::S(Text::from_static(text));
        let map: Item = [(Text::from_static("né"), text("x"))].into_iter().collect();
        let whole: Item = [
            (Text::from_static("pk"), text("abc")),
            (Text::from_static("m"), AttributeValue::M(map)),
            (Text::from_static("l"), AttributeValue::L(vec![AttributeValue::Null, text("")])),
        ]
        .into_iter()
        .collect();
        assert_eq!(item(&whole), (2 + 3) + (1 + 3 + 1 + 3 + 1) + (1 + 3 + 1 + 1 + 1));
    }
}
