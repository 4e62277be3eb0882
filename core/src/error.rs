//! What can go wrong, with the figures and the remedy, and never a byte of a secret.

use core::fmt;

use crate::uses::Uses;

/// Why an operation on a secret failed. Nothing was changed and nothing was lost, unless the
/// variant says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The secret has been closed; its bytes are gone or go with the last reader.
    Closed,
    /// The secret's memory could not be protected again after an access, so it was closed.
    Poisoned,
    /// A replace came while the content before the current one was still being read, or an access
    /// while more than 2^37 others were under way, or a lock was held where waiting can't end.
    Busy,
    /// The secret was created in a parent process.
    Forked,
    /// A secret has at least one byte.
    Empty,
    /// More bytes than a secret, or this input, can have.
    TooLarge {
        /// Bytes asked for.
        len: usize,
        /// Bytes possible.
        max: usize,
    },
    /// The buffer is shorter than the secret; nothing was written to it.
    BufferTooSmall {
        /// Bytes the secret has.
        needed: usize,
        /// Bytes the buffer has.
        given: usize,
    },
    /// The secret was replaced between two reads of one reader.
    Replaced,
    /// No more memory may be locked.
    LockLimit {
        /// Bytes asked for, whole pages.
        asked: usize,
        /// Bytes this library has locked already.
        locked: usize,
        /// The process's limit in bytes, where the system tells it.
        limit: Option<usize>,
    },
    /// No more memory, or no more mappings, can be had.
    OutOfMemory {
        /// Bytes asked for, whole pages.
        asked: usize,
    },
    /// A system call failed for another reason.
    Os {
        /// The call.
        call: &'static str,
        /// The system's error number.
        code: i32,
    },
    /// An encrypted content is no longer what was encrypted: its memory was changed from outside.
    Corrupted,
    /// What was to be opened or unwrapped is not what was sealed or wrapped, or not with this key,
    /// nonce or associated data; which of them, nobody is told.
    NotAuthentic,
    /// An argument or a key has a size that the algorithm doesn't take.
    WrongSize {
        /// What, and its unit.
        what: &'static str,
        /// Its size.
        given: usize,
        /// The sizes possible.
        needed: &'static str,
    },
    /// More work than the host allows for one operation.
    TooCostly {
        /// What, and its unit.
        what: &'static str,
        /// How much was asked for.
        given: u32,
        /// How much is allowed.
        max: u32,
    },
    /// The system's random generator failed.
    Random,
    /// The time is over and somebody still reads; the secret is closed, and the last reader wipes.
    Timeout,
    /// The handle may not be used so; see [`Restricted`](crate::Restricted).
    NotPermitted {
        /// What it would have to have. Nothing, if only an owner of the secret may do it, or if any use would
        /// have been enough.
        needed: Uses,
    },
    /// The host can't do this.
    Unsupported {
        /// What.
        what: &'static str,
    },
}

impl Error {
    /// A short name that doesn't change between versions, for hosts without Rust's enums.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Poisoned => "poisoned",
            Self::Busy => "busy",
            Self::Forked => "forked",
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::BufferTooSmall { .. } => "buffer-too-small",
            Self::Replaced => "replaced",
            Self::LockLimit { .. } => "lock-limit",
            Self::OutOfMemory { .. } => "out-of-memory",
            Self::Os { .. } => "os",
            Self::Corrupted => "corrupted",
            Self::NotAuthentic => "not-authentic",
            Self::WrongSize { .. } => "wrong-size",
            Self::TooCostly { .. } => "too-costly",
            Self::Random => "random",
            Self::Timeout => "timeout",
            Self::NotPermitted { .. } => "not-permitted",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Closed => f.write_str("the secret is closed; create a new one"),
            Self::Poisoned => f.write_str(
                "the secret was closed because its memory could not be protected again after an \
                 access; create a new one",
            ),
            Self::Busy => f.write_str(
                "the secret is busy: the content before the current one is still being read, or \
                 another operation, or far too many, are under way; end that access and try again",
            ),
            Self::Forked => {
                f.write_str("the secret belongs to the parent process; create it anew in this one")
            }
            Self::Empty => f.write_str("a secret needs at least one byte, got none"),
            Self::TooLarge { len, max } => {
                write!(f, "{len} bytes are too many; at most {max} are possible here")
            }
            Self::BufferTooSmall { needed, given } => write!(
                f,
                "the secret has {needed} bytes and the buffer only {given}; pass one of at least \
                 {needed}",
            ),
            Self::Replaced => {
                f.write_str("the secret was replaced while it was being read; start a new reader")
            }
            Self::LockLimit { asked, locked, limit } => {
                write!(
                    f,
                    "locking {asked} bytes more is not allowed: {locked} are locked already"
                )?;
                if let Some(limit) = limit {
                    write!(f, " and the limit is {limit}")?;
                }
                f.write_str(
                    "; close secrets, or raise the limit (ulimit -l, LimitMEMLOCK= in systemd, \
                     --ulimit memlock= in containers)",
                )
            }
            Self::OutOfMemory { asked } => write!(
                f,
                "the system has no {asked} bytes more, or no mapping more, for this process; close \
                 secrets, or raise vm.max_map_count",
            ),
            Self::Os { call, code } => write!(f, "the system call {call} failed with error {code}"),
            Self::Corrupted => f.write_str(
                "the encrypted bytes were changed from outside and can't be decrypted; close the secret and \
                 create it anew",
            ),
            Self::NotAuthentic => f.write_str(
                "the ciphertext did not authenticate; it, the key, the nonce or the associated data \
                 is not that of the sealing",
            ),
            Self::WrongSize { what, given, needed } => {
                write!(f, "the {what} is {given}; it has to be {needed}")
            }
            Self::TooCostly { what, given, max } => {
                write!(f, "the {what} is {given}; this host allows at most {max}")
            }
            Self::Random => f.write_str("the system's random generator failed; try again later"),
            Self::Timeout => f.write_str(
                "somebody still reads the secret; it is closed, and the last reader wipes it",
            ),
            Self::NotPermitted { needed } if needed.is_empty() => {
                f.write_str("this handle may not do that; use one that it was restricted from")
            }
            Self::NotPermitted { needed } => {
                write!(f, "this handle may not be used so: it lacks {needed}; use one that has it")
            }
            Self::Unsupported { what } => write!(f, "not possible on this host: {what}"),
        }
    }
}

impl core::error::Error for Error {}

/// For code that reads, writes or fills by `std::io`. The error itself is the
/// [inner one](std::io::Error::get_ref).
#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind;

        let kind = match error {
            Error::Empty
            | Error::TooLarge { .. }
            | Error::BufferTooSmall { .. }
            | Error::WrongSize { .. }
            | Error::TooCostly { .. } => ErrorKind::InvalidInput,
            Error::Corrupted | Error::NotAuthentic => ErrorKind::InvalidData,
            Error::NotPermitted { .. } => ErrorKind::PermissionDenied,
            Error::LockLimit { .. } | Error::OutOfMemory { .. } => ErrorKind::OutOfMemory,
            Error::Busy => ErrorKind::ResourceBusy,
            Error::Timeout => ErrorKind::TimedOut,
            Error::Unsupported { .. } => ErrorKind::Unsupported,
            Error::Os { code, .. } => Self::from_raw_os_error(code).kind(),
            Error::Closed | Error::Poisoned | Error::Forked | Error::Replaced | Error::Random => {
                ErrorKind::Other
            }
        };
        Self::new(kind, error)
    }
}
