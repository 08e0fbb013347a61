//! Where a table bucket or a table is: what its ARN says.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets.html>

use virga_kit::Arn;

/// Account, region and name of a table bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BucketAddress<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> BucketAddress<'a> {
    /// Reads the ARN of a table bucket.
    pub(crate) fn of_arn(arn: &'a str) -> Option<Self> {
        let arn = Arn::parse(arn).filter(|arn| arn.service == "s3tables")?;
        let name = arn.resource.strip_prefix("bucket/").filter(|name| !name.contains('/'))?;
        Some(BucketAddress { account: arn.account, region: arn.region, name })
    }

    /// The ARN.
    pub(crate) fn arn(self) -> String {
        let BucketAddress { account, region, name } = self;
        format!("arn:aws:s3tables:{region}:{account}:bucket/{name}")
    }
}

/// A table bucket and the id of a table in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableAddress<'a> {
    pub(crate) bucket: BucketAddress<'a>,
    pub(crate) id: &'a str,
}

impl<'a> TableAddress<'a> {
    /// Reads the ARN of a table.
    pub(crate) fn of_arn(arn: &'a str) -> Option<Self> {
        let (bucket, id) = arn.split_once("/table/")?;
        let is_id = !id.is_empty() && !id.contains('/');
        is_id.then_some(TableAddress { bucket: BucketAddress::of_arn(bucket)?, id })
    }

    /// The ARN.
    pub(crate) fn arn(self) -> String {
        format!("{}/table/{}", self.bucket.arn(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::{BucketAddress, TableAddress};

    #[test]
    fn an_arn_names_a_table() {
        let arn = "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake/table/1-2";
        let bucket = BucketAddress { account: "111122223333", region: "eu-west-1", name: "lake" };
        assert_eq!(TableAddress::of_arn(arn), Some(TableAddress { bucket, id: "1-2" }));
        assert_eq!(TableAddress { bucket, id: "1-2" }.arn(), arn);
        for other in ["arn:aws:s3tables:eu-west-1:111122223333:bucket/lake", "lake/table/1"] {
            assert_eq!(TableAddress::of_arn(other), None, "{other}");
        }
    }

    #[test]
    fn an_arn_names_a_table_bucket() {
        let arn = "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake";
        let at = BucketAddress { account: "111122223333", region: "eu-west-1", name: "lake" };
        assert_eq!(BucketAddress::of_arn(arn), Some(at));
        assert_eq!(at.arn(), arn);
        for other in [
            "arn:aws:s3:eu-west-1:111122223333:bucket/lake",
            "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake/table/1",
            "lake",
        ] {
            assert_eq!(BucketAddress::of_arn(other), None, "{other}");
        }
    }
}
