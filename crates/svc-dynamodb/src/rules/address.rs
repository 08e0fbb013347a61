//! How callers name tables, indexes and streams: by name or by ARN.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use virga_kit::{Arn, Ctx};

use crate::error::Error;

/// Where a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableAddress<'a> {
    /// Twelve digits.
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> TableAddress<'a> {
    /// The table that a caller names, by its name or its ARN.
    pub(crate) fn parse(ctx: &'a Ctx, table: &'a str) -> Result<Self, Error> {
        if table.starts_with("arn:") {
            return ResourceAddress::parse(table)
                .filter(|address| address.rest.is_empty())
                .map(|address| address.table)
                .ok_or_else(|| {
                    let reason = format!("Invalid TableArn: Invalid ResourceArn provided as input {table}");
                    Error::Validation { reason }
                });
        }
        check_name(table)?;
        Ok(TableAddress { account: ctx.account(), region: ctx.region(), name: table })
    }

    /// `arn:aws:dynamodb:…:table/name`.
    pub(crate) fn arn(&self) -> String {
        let TableAddress { account, region, name } = self;
        // Every call asks for it: this takes a quarter of what formatting does.
        ["arn:aws:dynamodb:", region, ":", account, ":table/", name].concat()
    }

    /// The ARN of an index of the table.
    pub(crate) fn index_arn(&self, index: &str) -> String {
        format!("{}/index/{index}", self.arn())
    }

    /// The ARN of a stream of the table.
    pub(crate) fn stream_arn(&self, label: &str) -> String {
        format!("{}/stream/{label}", self.arn())
    }
}

/// An ARN of DynamoDB taken apart: the table, and what follows its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceAddress<'a> {
    pub(crate) table: TableAddress<'a>,
    /// `index/…`, `stream/…`, `backup/…`, or nothing for the table itself.
    pub(crate) rest: &'a str,
}

impl<'a> ResourceAddress<'a> {
    /// Takes an ARN apart; none when it is not one of a table or of something within.
    pub(crate) fn parse(arn: &'a str) -> Option<Self> {
        let arn = Arn::parse(arn).filter(|arn| arn.service == "dynamodb")?;
        let path = arn.resource.strip_prefix("table/")?;
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let table = TableAddress { account: arn.account, region: arn.region, name };
        (!name.is_empty()).then_some(ResourceAddress { table, rest })
    }

    /// The table or the stream of an ARN, for the operations that take nothing else.
    pub(crate) fn of_table_or_stream(arn: &'a str) -> Result<Self, Error> {
        if !arn.starts_with("arn:") {
            return Err(Error::invalid_values(format!("ARNs must start with 'arn:': {arn}")));
        }
        let is_ours = Arn::parse(arn).is_some_and(|arn| arn.partition == "aws");
        let Some(address) = Self::parse(arn) else {
            return Err(Error::invalid_values(format!("Provided Arn is not a DynamoDB resource arn: {arn}")));
        };
        if !is_ours {
            return Err(Error::invalid_values(format!("Invalid resource Arn: {arn}")));
        }
        match address.rest.split('/').next() {
            Some("" | "stream") | None => Ok(address),
            Some("index") => Err(Error::invalid_values(format!(
                "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}"
            ))),
            Some(_) => {
                Err(Error::invalid_values(format!("Provided Arn is not a DynamoDB resource arn: {arn}")))
            }
        }
    }

    /// The label of the stream that the ARN names.
    pub(crate) fn stream(&self) -> Option<&'a str> {
        self.rest.strip_prefix("stream/")
    }
}

/// Refuses what is no name of a table. The model has the looser bounds of ARNs.
fn check_name(name: &str) -> Result<(), Error> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let broken = match name.len() {
        0..3 => "have length greater than or equal to 3",
        256.. => "have length less than or equal to 255",
        _ if !name.bytes().all(is_allowed) => "satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        _ => return Ok(()),
    };
    Err(Error::validation(format!(
        "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: Member must {broken}"
    )))
}

/// Refuses what is no name of a region.
pub(crate) fn check_region(name: &str) -> Result<(), Error> {
    let parts: Vec<&str> = name.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [area, place @ .., number]
            if area.len() == 2
                && letters(area)
                && !place.is_empty()
                && place.iter().all(letters)
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(())
        }
        _ => Err(Error::invalid_values(format!("There is no region of this name: {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-01-01T00:00:00.000";
        let address = ResourceAddress::parse(arn).unwrap();
        assert_eq!(address.table.name, "t");
        assert_eq!(address.stream(), Some("2026-01-01T00:00:00.000"));
        assert_eq!(address.table.arn(), "arn:aws:dynamodb:eu-west-1:111122223333:table/t");
        assert_eq!(ResourceAddress::parse("arn:aws:sqs:eu-west-1:111122223333:table/t"), None);
    }

    #[test]
    fn names_have_their_length_and_letters() {
        for (name, is_ok) in [("abc", true), ("ab", false), ("a-b_c.D9", true), ("a b c", false)] {
            assert_eq!(check_name(name).is_ok(), is_ok, "{name}");
        }
        assert!(check_name(&"n".repeat(256)).is_err());
    }
}
