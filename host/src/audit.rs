//! What the host is told.

use std::borrow::Cow;
use std::fmt::{self, Write};

use strongroom::Uses;

use crate::error::{Error, Refused};

/// The most bytes that an event tells of a name, and in words of a cause. What was longer ends with
/// `…`, which is among them.
pub const MAX_TOLD: usize = 256;

/// What stands for what was cut off.
const CUT: char = '…';

/// A use of a secret by a component, or an attempt at one. Never a byte of a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The component, as [`SecretCtxBuilder::component`](crate::SecretCtxBuilder::component) names
    /// it. At most [`MAX_TOLD`] bytes.
    pub component: &'a str,
    /// The interface and the function, as the WIT package names them: `mac.hmac-sha256`; with the
    /// package before them if it is another than `strongroom:secret`.
    pub operation: &'static str,
    /// What the secret was to be used for. Empty where it was only to be made, had, cloned, restricted, measured,
    /// replaced or closed.
    pub uses: Uses,
    /// The name of the secret, if it is one of the host's. At most [`MAX_TOLD`] bytes: what a
    /// component asks for may be of any length.
    pub secret: Option<&'a str>,
    /// What the component was told.
    pub outcome: Result<(), &'a Error>,
    /// What the component wasn't told: why a [`Provider`](crate::provider::Provider) failed, the figures of a
    /// limit, and which use a handle lacks, as a [`strongroom::Error`].
    pub cause: Option<&'a (dyn std::error::Error + Send + Sync + 'static)>,
}

impl Event<'_> {
    /// Whether the secret's bytes were asked for.
    #[must_use]
    pub fn is_reveal(&self) -> bool {
        self.uses.contains(Uses::REVEAL)
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, operation, secret, outcome, cause, uses: _ } = self;
        write!(f, "{component}: {operation} of ")?;
        match secret {
            Some(name) => write!(f, "{name:?}")?,
            None => f.write_str("a secret of its own")?,
        }
        match outcome {
            Ok(()) => f.write_str(": done"),
            Err(error) => write!(f, ": refused, {error}"),
        }?;
        let Some(cause) = cause else { return Ok(()) };
        f.write_str(": ")?;
        let mut bounded = Bounded { f, left: MAX_TOLD - CUT.len_utf8() };
        match write!(bounded, "{cause}") {
            // It has had enough.
            Err(_) if bounded.left == 0 => f.write_char(CUT),
            written => written,
        }
    }
}

/// Text of which no more is written than is left; more is an error, with nothing left.
struct Bounded<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    left: usize,
}

impl Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.left {
            self.left -= text.len();
            return self.f.write_str(text);
        }
        let fits = text.floor_char_boundary(self.left);
        self.left = 0;
        self.f.write_str(&text[..fits])?;
        Err(fmt::Error)
    }
}

/// A name, for an event.
pub(crate) fn told(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_TOLD {
        return Cow::Borrowed(name);
    }
    let mut cut = name[..name.floor_char_boundary(MAX_TOLD - CUT.len_utf8())].to_owned();
    cut.push(CUT);
    Cow::Owned(cut)
}

/// Who tells the host, and of which component.
pub(crate) struct Auditor {
    pub(crate) component: Box<str>,
    pub(crate) audit: Option<Audit>,
}

/// Where events go.
pub(crate) type Audit = Box<dyn Fn(&Event<'_>) + Send + Sync>;

impl Auditor {
    /// Tells the host.
    #[inline]
    pub(crate) fn tell<R>(
        &self,
        operation: &'static str,
        uses: Uses,
        secret: Option<&str>,
        result: &Result<R, Refused>,
    ) {
        let Some(audit) = &self.audit else { return };
        let component = &*self.component;
        let secret = secret.map(told);
        let outcome = result.as_ref().map(drop).map_err(|refused| &refused.error);
        let cause = result.as_ref().err().and_then(|refused| refused.cause.as_deref());
        audit(&Event { component, operation, uses, secret: secret.as_deref(), outcome, cause });
    }
}
