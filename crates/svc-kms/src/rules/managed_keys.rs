//! The AWS managed keys: which services have one, how AWS describes it, and its policy.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>

use serde_json::json;

use super::alias_name::AWS_PREFIX;

/// A service that has an AWS managed key: its name in the alias, its name in words, and what the key protects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ManagedKey {
    /// As in `alias/aws/sqs` and in `kms:ViaService`.
    pub(crate) service: &'static str,
    name: &'static str,
    protects: &'static str,
}

const fn managed(service: &'static str, name: &'static str, protects: &'static str) -> ManagedKey {
    ManagedKey { service, name, protects }
}

static SERVICES: [ManagedKey; 28] = [
    managed("acm", "Certificate Manager", "ACM private keys"),
    managed("backup", "Backup", "Backup data"),
    managed("codeartifact", "CodeArtifact", "CodeArtifact data"),
    managed("codecommit", "CodeCommit", "CodeCommit repositories"),
    managed("connect", "Amazon Connect", "Connect data"),
    managed("dms", "Database Migration Service", "DMS replication instances"),
    managed("dynamodb", "DynamoDB Service", "DynamoDB data"),
    managed("ebs", "EBS", "EBS volumes"),
    managed("elasticfilesystem", "EFS", "EFS filesystems"),
    managed("es", "Elasticsearch", "Elasticsearch domains"),
    managed("fsx", "Amazon FSx", "FSx resources"),
    managed("glue", "Glue", "Glue data"),
    managed("kinesis", "Kinesis", "Kinesis data"),
    managed("kinesisvideo", "Kinesis Video Streams", "Kinesis Video Streams data"),
    managed("lambda", "AWS Lambda", "Lambda functions"),
    managed("lightsail", "Lightsail", "Lightsail resources"),
    managed("logs", "CloudWatch Logs", "log groups"),
    managed("mq", "Amazon MQ", "MQ brokers"),
    managed("rds", "RDS", "RDS database volumes"),
    managed("redshift", "Redshift", "Redshift clusters"),
    managed("s3", "S3", "S3 objects"),
    managed("secretsmanager", "AWS Secrets Manager", "Secrets Manager data"),
    managed("ses", "SES", "SES data"),
    managed("sns", "SNS", "SNS data"),
    managed("sqs", "SQS", "SQS messages"),
    managed("ssm", "AWS Systems Manager", "SSM parameters"),
    managed("workspaces", "Amazon WorkSpaces", "WorkSpaces data"),
    managed("xray", "X-Ray", "X-Ray data"),
];

impl ManagedKey {
    /// The key that an alias stands for, whether or not it was made yet.
    pub(crate) fn of_alias(name: &str) -> Option<&'static ManagedKey> {
        let service = name.strip_prefix(AWS_PREFIX)?;
        SERVICES.iter().find(|key| key.service == service)
    }

    /// `Description`.
    pub(crate) fn description(&self) -> String {
        format!("Default key that protects my {} when no other key is defined", self.protects)
    }

    /// Its policy: for whoever may use the service in this account and region, through the service.
    pub(crate) fn policy(&self, account: &str, region: &str) -> String {
        let (service, name) = (self.service, self.name);
        json!({
            "Version": "2012-10-17",
            "Id": format!("auto-{service}-1"),
            "Statement": [
                {
                    "Sid": format!(
                        "Allow access through {name} for all principals in the account that are authorized to use {name}"
                    ),
                    "Effect": "Allow",
                    "Principal": { "AWS": "*" },
                    "Action": [
                        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                        "kms:DescribeKey"
                    ],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {
                            "kms:ViaService": format!("{service}.{region}.amazonaws.com"),
                            "kms:CallerAccount": account
                        }
                    }
                },
                {
                    "Sid": "Allow direct access to key metadata to the account",
                    "Effect": "Allow",
                    "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                    "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                    "Resource": "*"
                }
            ]
        })
        .to_string()
    }
}
