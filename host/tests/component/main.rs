//! Components against the host: what they can do, what they can't, and what is left of it.

mod audit;
mod grants;
#[cfg(target_os = "linux")]
mod host_side;
mod interfaces;
mod limits;
mod linking;
#[cfg(unix)]
mod memory;
mod oracle;
mod providers;
#[cfg(target_os = "linux")]
mod quotas;
mod relay;
mod wasmcloud;
mod wit;
