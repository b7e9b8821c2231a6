//! What a change means for those who use the environment: what is lost, who notices, who may do more, how long it takes, and
//! what going back does not bring back.

mod clients;
mod credentials;
mod data;
mod narrower;
mod outage;
mod rights;
#[cfg(test)]
mod tests;
mod time;
mod upgrade;
mod way_back;

pub use clients::{Client, clients};
pub use data::{Loss, data};
pub use outage::{Interruption, outage};
pub use rights::{Right, Rights, rights};
pub use time::{Time, time};
pub use way_back::{WayBack, way_back};
