//! The virga binary: command line and composition root.
fn main() {}
