//! What the host is told of.

use std::fmt;

use crate::Error;

/// A use of a secret by a component, or an attempt at one. Never a byte of a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The component, as [`SecretCtxBuilder::component`](crate::SecretCtxBuilder::component) names
    /// it.
    pub component: &'a str,
    /// The interface and the function, as the WIT package names them: `mac.hmac-sha256`; with the
    /// package before them if it is another than `strongroom:secret`.
    pub operation: &'static str,
    /// The name of the secret, if it is one of the host's.
    pub secret: Option<&'a str>,
    /// What the component was told.
    pub outcome: Result<(), &'a Error>,
    /// What the component wasn't told: why a [`Provider`](crate::provider::Provider) failed.
    pub cause: Option<&'a (dyn std::error::Error + Send + Sync + 'static)>,
}

impl Event<'_> {
    /// Whether the secret's bytes were asked for.
    #[must_use]
    pub fn is_reveal(&self) -> bool {
        [crate::reveal::REVEAL, crate::wasmcloud::reveal::REVEAL].contains(&self.operation)
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, operation, secret, outcome, cause } = self;
        write!(f, "{component}: {operation} of ")?;
        match secret {
            Some(name) => write!(f, "{name:?}")?,
            None => f.write_str("a secret of its own")?,
        }
        match outcome {
            Ok(()) => f.write_str(": done"),
            Err(error) => write!(f, ": refused, {error}"),
        }?;
        cause.map_or(Ok(()), |cause| write!(f, ": {cause}"))
    }
}

/// Where events go.
pub(crate) type Audit = Box<dyn Fn(&Event<'_>) + Send + Sync>;
