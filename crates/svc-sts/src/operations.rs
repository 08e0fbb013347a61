//! The operations that are served: the only list of them.

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::sts;
}
