//! Ordered transactional key-value store and blobs; knows no AWS.
