//! DynamoDB in process, under a virtual clock, through the dispatch that every call takes.

mod cloud;

mod backup;
mod model;
mod replica;
mod table;
mod throttle;
