//! Condition operators against references that are too plain to be wrong.

use std::{fmt, net::IpAddr};

use proptest::prelude::*;
use virga_iam::policy::{Policy, PolicyKind};

use crate::request::Keys;

/// Whether a condition on a key holds for values of the request.
fn holds(operator: &str, wanted: &[String], found: &[String]) -> bool {
    let wanted = serde_json::to_string(wanted).expect("strings are JSON");
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*",
           "Condition":{{"{operator}":{{"test:key":{wanted}}}}}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Identity).expect("the policy is well formed");
    policy.statements()[0].conditions()[0].holds(&Keys::owned("test:key", found))
}

fn one(operator: &str, wanted: impl fmt::Display, found: impl fmt::Display) -> bool {
    holds(operator, &[format!("{wanted}")], &[format!("{found}")])
}

/// The bits of an address, and how many there are.
fn bits(address: IpAddr) -> Vec<bool> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
}

proptest! {
    #[test]
    fn numbers(wanted in -20_i64..20, found in -20_i64..20) {
        for (operator, expected) in [
            ("NumericEquals", found == wanted),
            ("NumericNotEquals", found != wanted),
            ("NumericLessThan", found < wanted),
            ("NumericLessThanEquals", found <= wanted),
            ("NumericGreaterThan", found > wanted),
            ("NumericGreaterThanEquals", found >= wanted),
        ] {
            prop_assert_eq!(one(operator, wanted, found), expected, "{} {} {}", operator, wanted, found);
        }
    }

    #[test]
    fn dates(days in 0_i64..40_000, wanted in 0_i64..86_400, found in 0_i64..86_400, as_text: bool) {
        let write = |seconds: i64| {
            let date = time::Date::from_ordinal_date(1970, 1).expect("1970 began") + time::Duration::days(days);
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            if as_text {
                format!(
                    "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
                    date.year(), u8::from(date.month()), date.day()
                )
            } else {
                (days * 86_400 + seconds).to_string()
            }
        };
        let epoch = (days * 86_400 + found).to_string();
        for (operator, expected) in [
            ("DateEquals", found == wanted),
            ("DateNotEquals", found != wanted),
            ("DateLessThan", found < wanted),
            ("DateLessThanEquals", found <= wanted),
            ("DateGreaterThan", found > wanted),
            ("DateGreaterThanEquals", found >= wanted),
        ] {
            // Four digits are a year.
            if epoch.len() != 4 && write(wanted).len() != 4 {
                prop_assert_eq!(one(operator, write(wanted), &epoch), expected, "{} {}", operator, epoch);
            }
        }
    }

    #[test]
    fn networks(network: [u8; 4], flipped in 0_usize..32, prefix in 0_usize..=32) {
        let network = IpAddr::from(network);
        let mut octets = match network { IpAddr::V4(address) => address.octets(), IpAddr::V6(_) => [0; 4] };
        octets[flipped / 8] ^= 0x80 >> (flipped % 8);
        let address = IpAddr::from(octets);
        let expected = bits(network)[..prefix] == bits(address)[..prefix];
        let wanted = format!("{network}/{prefix}");
        prop_assert_eq!(one("IpAddress", &wanted, address), expected);
        prop_assert_eq!(one("NotIpAddress", &wanted, address), !expected);
        prop_assert!(one("IpAddress", &wanted, network));
    }

    #[test]
    fn networks_of_ipv6(network: [u16; 8], flipped in 0_usize..128, prefix in 0_usize..=128) {
        let network = IpAddr::from(network);
        let mut octets = match network { IpAddr::V6(address) => address.octets(), IpAddr::V4(_) => [0; 16] };
        octets[flipped / 8] ^= 0x80 >> (flipped % 8);
        let address = IpAddr::from(octets);
        let expected = bits(network)[..prefix] == bits(address)[..prefix];
        prop_assert_eq!(one("IpAddress", format!("{network}/{prefix}"), address), expected);
    }

    #[test]
    fn sets(
        wanted in prop::collection::vec("[a-d]", 0..4),
        found in prop::collection::vec("[a-d]", 0..4),
    ) {
        let is_wanted = |value: &String| wanted.contains(value);
        for (operator, expected) in [
            ("ForAllValues:StringEquals", found.iter().all(is_wanted)),
            ("ForAnyValue:StringEquals", found.iter().any(is_wanted)),
            ("ForAllValues:StringNotEquals", !found.iter().any(is_wanted)),
            ("ForAnyValue:StringNotEquals", !found.iter().all(is_wanted)),
            ("StringEquals", found.iter().any(is_wanted)),
            ("StringNotEquals", !found.iter().any(is_wanted)),
            ("StringEqualsIfExists", found.is_empty() || found.iter().any(is_wanted)),
            ("ForAnyValue:StringEqualsIfExists", found.is_empty() || found.iter().any(is_wanted)),
        ] {
            prop_assert_eq!(holds(operator, &wanted, &found), expected, "{}", operator);
        }
    }

    #[test]
    fn case(wanted in "[aAbBäÄ]{0,4}", found in "[aAbBäÄ]{0,4}") {
        let is_same = wanted.to_lowercase() == found.to_lowercase();
        prop_assert_eq!(one("StringEqualsIgnoreCase", &wanted, &found), is_same);
        prop_assert_eq!(one("StringNotEqualsIgnoreCase", &wanted, &found), !is_same);
        prop_assert_eq!(one("StringEquals", &wanted, &found), wanted == found);
    }

    #[test]
    fn what_is_read_can_be_evaluated(text in "\\PC{0,60}", operator in 0_usize..10) {
        let operator = [
            "StringEquals", "StringLike", "StringEqualsIgnoreCase", "NumericEquals", "Bool", "BinaryEquals",
            "IpAddress", "ArnLike", "Null", "ForAllValues:ArnNotLike",
        ][operator];
        let escaped = text.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}");
        let itself = one(operator, &escaped, &text);
        let is_of_text = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnLike"].contains(&operator);
        prop_assert!(itself || !is_of_text, "{} {}", operator, text);
    }
}
