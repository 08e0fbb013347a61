//! Policies from the outside: what is malformed, what conditions mean, and who is allowed what.

mod across_accounts;
mod condition_properties;
mod conditions;
mod explanation;
mod grammar;
mod matching;
mod request;
mod within_account;
