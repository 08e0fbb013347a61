//! Where a table bucket is: what its ARN says.
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

#[cfg(test)]
mod tests {
    use super::BucketAddress;

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
