//! Components against the host: what they can do, what they can't, and what is left of it.

mod grants;
mod interfaces;
mod limits;
mod linking;
#[cfg(unix)]
mod memory;
mod relay;
