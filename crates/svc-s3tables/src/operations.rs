//! The operations of S3 Tables: the one list.

use crate::{encryption, namespace, policy, table, table_bucket, table_creation, tag};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::s3tables;
    write CreateTableBucket => table_bucket::create_table_bucket, ignoring ["storageClassConfiguration"];
    read  GetTableBucket => table_bucket::get_table_bucket;
    read  ListTableBuckets => table_bucket::list_table_buckets;
    write DeleteTableBucket => table_bucket::delete_table_bucket;
    write CreateNamespace => namespace::create_namespace;
    read  GetNamespace => namespace::get_namespace;
    read  ListNamespaces => namespace::list_namespaces;
    write DeleteNamespace => namespace::delete_namespace;
    call  CreateTable => table_creation::create_table, ignoring ["storageClassConfiguration"];
    read  GetTable => table::get_table;
    read  ListTables => table::list_tables;
    read  GetTableMetadataLocation => table::get_table_metadata_location;
    write UpdateTableMetadataLocation => table::update_table_metadata_location;
    write RenameTable => table::rename_table;
    write DeleteTable => table::delete_table;
    write PutTableBucketEncryption => encryption::put_table_bucket_encryption;
    read  GetTableBucketEncryption => encryption::get_table_bucket_encryption;
    write DeleteTableBucketEncryption => encryption::delete_table_bucket_encryption;
    read  GetTableEncryption => encryption::get_table_encryption;
    write PutTablePolicy => policy::put_table_policy;
    read  GetTablePolicy => policy::get_table_policy;
    write DeleteTablePolicy => policy::delete_table_policy;
    write PutTableBucketPolicy => policy::put_table_bucket_policy;
    read  GetTableBucketPolicy => policy::get_table_bucket_policy;
    write DeleteTableBucketPolicy => policy::delete_table_bucket_policy;
    write TagResource => tag::tag_resource;
    write UntagResource => tag::untag_resource;
    read  ListTagsForResource => tag::list_tags_for_resource;
}
