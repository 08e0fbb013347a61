//! The table of the credential report.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The columns, in AWS's order.
const COLUMNS: [&str; 23] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
    "additional_credentials_info",
];
/// What has no value.
const NOT_APPLICABLE: &str = "N/A";
/// Something has a value that nobody knows.
const NO_INFORMATION: &str = "no_information";
/// What the root user does not have.
const NOT_SUPPORTED: &str = "not_supported";

/// A user's line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) user: String,
    /// Its ARN.
    pub(crate) arn: String,
    /// When it was created.
    pub(crate) created: i64,
    /// Its password.
    pub(crate) password: Password,
    /// Whether it has an MFA device.
    pub(crate) mfa_active: bool,
    /// Its access keys, the oldest first.
    pub(crate) access_keys: Vec<AccessKey>,
    /// Its signing certificates, the oldest first: whether they are active, and since when they are there.
    pub(crate) certificates: Vec<(bool, i64)>,
}

/// The password of a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Password {
    /// The root user's, of which IAM knows nothing.
    OfRoot,
    /// It has none.
    #[default]
    None,
    /// It has one.
    Set {
        /// When it was last used.
        last_used: Option<i64>,
        /// When it was last changed.
        changed: i64,
        /// When it has to be changed.
        next_rotation: Option<i64>,
    },
}

/// An access key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was created.
    pub(crate) created: i64,
    /// When it was last used, in which region, and for which service.
    pub(crate) last_used: Option<(i64, String, String)>,
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.user.clone(), self.arn.clone(), date(self.created)];
        cells.extend(self.password.cells());
        cells.push(self.mfa_active.to_string());
        for place in 0..2 {
            cells.extend(self.access_keys.get(place).map_or_else(AccessKey::no_cells, AccessKey::cells));
        }
        for place in 0..2 {
            cells.extend(match self.certificates.get(place) {
                Some((active, since)) => [active.to_string(), date(*since)],
                None => [false.to_string(), NOT_APPLICABLE.to_owned()],
            });
        }
        // Quotas leave no room for a third key or certificate.
        cells.push(NOT_APPLICABLE.to_owned());
        cells
    }
}

impl Password {
    fn cells(self) -> [String; 4] {
        match self {
            Password::OfRoot => {
                [NOT_SUPPORTED, NO_INFORMATION, NOT_SUPPORTED, NOT_SUPPORTED].map(str::to_owned)
            }
            Password::None => ["false", NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE].map(str::to_owned),
            Password::Set { last_used, changed, next_rotation } => [
                "true".to_owned(),
                last_used.map_or_else(|| NO_INFORMATION.to_owned(), date),
                date(changed),
                next_rotation.map_or_else(|| NOT_APPLICABLE.to_owned(), date),
            ],
        }
    }
}

impl AccessKey {
    fn cells(&self) -> Vec<String> {
        let used = match &self.last_used {
            Some((at, region, service)) => [date(*at), region.clone(), service.clone()],
            None => [NOT_APPLICABLE; 3].map(str::to_owned),
        };
        [self.active.to_string(), date(self.created)].into_iter().chain(used).collect()
    }

    fn no_cells() -> Vec<String> {
        let rest = [NOT_APPLICABLE; 4].map(str::to_owned);
        ["false".to_owned()].into_iter().chain(rest).collect()
    }
}

fn date(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok());
    time.map_or_else(|| NOT_APPLICABLE.to_owned(), |text| text.replace('Z', "+00:00"))
}

/// The whole table.
pub(crate) fn csv(rows: &[Row]) -> String {
    let mut lines = vec![COLUMNS.join(",")];
    lines.extend(rows.iter().map(|row| {
        let cells: Vec<String> = row.cells().into_iter().map(quoted).collect();
        cells.join(",")
    }));
    lines.join("\n")
}

/// Names may hold commas.
fn quoted(cell: String) -> String {
    if cell.contains(',') { format!("\"{cell}\"") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_all_columns() {
        let full = Row {
            user: "a,b".into(),
            arn: "arn:aws:iam::111122223333:user/a,b".into(),
            created: 0,
            password: Password::Set { last_used: None, changed: 60, next_rotation: Some(86_460) },
            mfa_active: true,
            access_keys: vec![AccessKey {
                active: true,
                created: 0,
                last_used: Some((3600, "us-east-1".into(), "sqs".into())),
            }],
            certificates: vec![(false, 0)],
        };
        let root = Row { user: "<root_account>".into(), password: Password::OfRoot, ..Row::default() };
        let text = csv(&[root, full]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].split(',').count(), 23);
        assert_eq!(
            lines[1],
            "<root_account>,,1970-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,\
             false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A,N/A"
        );
        assert_eq!(
            lines[2],
            "\"a,b\",\"arn:aws:iam::111122223333:user/a,b\",1970-01-01T00:00:00+00:00,true,no_information,\
             1970-01-01T00:01:00+00:00,1970-01-02T00:01:00+00:00,true,true,1970-01-01T00:00:00+00:00,\
             1970-01-01T01:00:00+00:00,us-east-1,sqs,false,N/A,N/A,N/A,N/A,false,1970-01-01T00:00:00+00:00,\
             false,N/A,N/A"
        );
    }
}
