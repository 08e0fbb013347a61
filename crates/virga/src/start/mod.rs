//! `virga start`: from the options to a cloud that serves, and down again in good order.

mod leaked;
mod logging;
mod options;
mod run;
mod signals;

pub(crate) use options::Options;
pub(crate) use run::run;
