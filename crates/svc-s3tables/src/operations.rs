//! The operations of S3 Tables: the one list. How tables are encrypted and stored by default waits for tables.

use crate::{namespace, policy, table_bucket, tag};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::s3tables;
    write CreateTableBucket => table_bucket::create_table_bucket, ignoring ["encryptionConfiguration", "storageClassConfiguration"];
    read  GetTableBucket => table_bucket::get_table_bucket;
    read  ListTableBuckets => table_bucket::list_table_buckets;
    write DeleteTableBucket => table_bucket::delete_table_bucket;
    write CreateNamespace => namespace::create_namespace;
    read  GetNamespace => namespace::get_namespace;
    read  ListNamespaces => namespace::list_namespaces;
    write DeleteNamespace => namespace::delete_namespace;
    write PutTableBucketPolicy => policy::put_table_bucket_policy;
    read  GetTableBucketPolicy => policy::get_table_bucket_policy;
    write DeleteTableBucketPolicy => policy::delete_table_bucket_policy;
    write TagResource => tag::tag_resource;
    write UntagResource => tag::untag_resource;
    read  ListTagsForResource => tag::list_tags_for_resource;
}
