//! A cluster of DAX in process, under a virtual clock: requests travel over a socket as those of clients do.

mod client;
mod cloud;

mod caching;
mod operations;
mod permissions;
