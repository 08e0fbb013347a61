//! The operations of Amazon S3 and of its control plane: the two lists.

use crate::bucket;

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::s3;
    // Buckets.
    write CreateBucket => bucket::create_bucket;
    read  HeadBucket => bucket::head_bucket;
    read  GetBucketLocation => bucket::get_bucket_location;
    write DeleteBucket => bucket::delete_bucket;
    read  ListBuckets => bucket::list_buckets;
    // Objects.
    // Multipart uploads.
    // Listings.
    // Configurations of buckets.
    // What acts on configurations.
}

virga_kit::operations! {
    pub(crate) static CONTROL_OPERATIONS in virga_api::s3control;
}
