//! Stage 2: raw spec in, `Environment` out. Applies every default once, derives names' parts and addresses.
//! Must not touch the disk or know AWS resources.

pub mod environment;
