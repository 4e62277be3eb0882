//! `strongroom:secret/types`: `error` and `closed`, as they cross.

use std::fmt;

use strongroom as native;
use wasmtime::component::{ComponentType, Lift, Lower};

/// Why an operation was refused, as the component is told; see `wit/types.wit`.
#[derive(ComponentType, Lower, Lift, Clone, PartialEq, Eq, Debug)]
#[component(variant)]
pub enum Error {
    /// The secret has been closed.
    #[component(name = "closed")]
    Closed,
    /// A secret has at least one byte.
    #[component(name = "empty")]
    Empty,
    /// The input is longer than the limit, in bytes.
    #[component(name = "too-large")]
    TooLarge(u64),
    /// The content before the current one is still in use.
    #[component(name = "busy")]
    Busy,
    /// No memory, or none that may be locked.
    #[component(name = "out-of-memory")]
    OutOfMemory,
    /// The system's random generator failed.
    #[component(name = "random-unavailable")]
    RandomUnavailable,
    /// Not what was sealed or wrapped.
    #[component(name = "not-authentic")]
    NotAuthentic,
    /// A size that the algorithm doesn't take.
    #[component(name = "wrong-size")]
    WrongSize(String),
    /// A use that wasn't granted.
    #[component(name = "not-permitted")]
    NotPermitted,
    /// More handles, bytes or work than the host allows.
    #[component(name = "quota-exceeded")]
    QuotaExceeded,
    /// Any other, in words.
    #[component(name = "other")]
    Other(String),
}

impl From<native::Error> for Error {
    fn from(error: native::Error) -> Self {
        match error {
            native::Error::Closed => Self::Closed,
            native::Error::Empty => Self::Empty,
            native::Error::TooLarge { max, .. } => Self::TooLarge(max as u64),
            native::Error::Busy => Self::Busy,
            // How much the host may lock is not the component's business.
            native::Error::OutOfMemory { .. } | native::Error::LockLimit { .. } => {
                Self::OutOfMemory
            }
            native::Error::Random => Self::RandomUnavailable,
            native::Error::NotAuthentic => Self::NotAuthentic,
            native::Error::NotPermitted { .. } => Self::NotPermitted,
            native::Error::TooCostly { .. } => Self::QuotaExceeded,
            native::Error::WrongSize { .. } => Self::WrongSize(error.to_string()),
            other => Self::Other(other.code().into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the secret is closed"),
            Self::Empty => f.write_str("a secret has at least one byte"),
            Self::TooLarge(max) => write!(f, "longer than {max} bytes"),
            Self::Busy => f.write_str("the content before the current one is still in use"),
            Self::OutOfMemory => f.write_str("no memory that may be locked"),
            Self::RandomUnavailable => f.write_str("the system's random generator failed"),
            Self::NotAuthentic => f.write_str("not what was sealed, or not with this key"),
            Self::WrongSize(what) | Self::Other(what) => f.write_str(what),
            Self::NotPermitted => f.write_str("this use of the secret was not granted"),
            Self::QuotaExceeded => f.write_str("more than the component's quota"),
        }
    }
}

impl std::error::Error for Error {}

/// A refusal: what the component is told of it, and what only the host is, in
/// [events](crate::Event).
#[derive(Debug)]
pub struct Refused {
    /// What the component is told.
    pub error: Error,
    /// The reason and the figures, where the component is told less.
    pub cause: Option<Cause>,
}

/// What only the host is told.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, cause: None }
    }
}

impl From<native::Error> for Refused {
    fn from(cause: native::Error) -> Self {
        let error = Error::from(cause);
        let tells_less = matches!(
            error,
            Error::NotPermitted | Error::OutOfMemory | Error::QuotaExceeded | Error::Other(_)
        );
        Self { error, cause: tells_less.then(|| cause.into()) }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Refused {}

/// What a close found, as the component is told.
#[derive(ComponentType, Lower, Lift, Clone, Copy, PartialEq, Eq, Debug)]
#[component(enum)]
#[repr(u8)]
pub enum CloseOutcome {
    /// The bytes are wiped.
    #[component(name = "wiped")]
    Wiped,
    /// The last use that is under way wipes them.
    #[component(name = "deferred")]
    Deferred,
    /// It had been closed before.
    #[component(name = "already")]
    Already,
}

impl From<native::CloseOutcome> for CloseOutcome {
    fn from(closed: native::CloseOutcome) -> Self {
        match closed {
            native::CloseOutcome::Deferred => Self::Deferred,
            native::CloseOutcome::Already => Self::Already,
            // An overrun is the host's affair, and the bytes are wiped all the same.
            _ => Self::Wiped,
        }
    }
}
