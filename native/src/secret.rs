//! The secret as servers use it.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::time::{Duration, Instant};

use strongroom_core as core;

use crate::protection::Protections;
use crate::region::NativeRegion;
use crate::storage::Native;
use crate::{Builder, CloseOutcome, Error};

/// How long [`Secret::close_and_wait`] sleeps between two looks, at most.
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

/// A handle on a secret.
///
/// A clone is a second handle on the same secret: closing or replacing it through one is seen
/// through all. The last handle to be dropped wipes what is left. There is no `PartialEq`, for it
/// could not be constant in time and fallible at once ([`ct_eq`](Self::ct_eq) is), and no `Display`.
#[derive(Clone)]
pub struct Secret(pub(crate) core::Secret<Native>);

impl Secret {
    /// A secret with the bytes of `source`, which is wiped on success and untouched on failure.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::LockLimit`] when no more memory may be locked,
    /// [`Error::OutOfMemory`], [`Error::Os`], [`Error::Unsupported`] on systems nobody wrote for.
    pub fn new(source: &mut [u8]) -> Result<Self, Error> {
        Self::builder().build(source)
    }

    /// A secret of `len` random bytes from the system's generator.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), [`Error::TooLarge`] and [`Error::Random`].
    pub fn random(len: usize) -> Result<Self, Error> {
        Self::builder().random(len)
    }

    /// A secret of `len` bytes that `init` writes over zeros, in locked memory from the first byte.
    ///
    /// ```
    /// # use strongroom::Secret;
    /// # let shares = [[1_u8; 32], [2; 32]];
    /// let key = Secret::init(32, |key| {
    ///     for i in 0..32 {
    ///         key[i] = shares[0][i] ^ shares[1][i];
    ///     }
    /// })?;
    /// # Ok::<(), strongroom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and [`Error::TooLarge`]. If `init` panics, nothing is left of
    /// what it had written.
    pub fn init(len: usize, init: impl FnOnce(&mut [u8])) -> Result<Self, Error> {
        Self::builder().init(len, init)
    }

    /// The same, where `init` may fail.
    ///
    /// ```no_run
    /// # use std::{fs::File, io::Read};
    /// # use strongroom::Secret;
    /// let mut file = File::open("key")?;
    /// let key = Secret::try_init(32, |key| file.read_exact(key))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`init`](Self::init), and the one of `init`, after which nothing is left of what it
    /// had written.
    pub fn try_init<E: From<Error>>(
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::builder().try_init(len, init)
    }

    /// To choose how a secret is protected.
    pub const fn builder() -> Builder {
        Builder::new()
    }

    /// Calls `f` with the bytes.
    ///
    /// Accesses may nest and overlap, and `f` may close or replace the secret: the bytes it sees
    /// stay as they are until it returns. If it panics, the secret stays usable. What `f` copies
    /// elsewhere is no longer protected.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::Forked`], [`Error::Poisoned`]; `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_bytes(f)
    }

    /// A guard that gives the bytes as long as it lives.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    #[inline]
    pub fn expose(&self) -> Result<Exposed<'_>, Error> {
        self.0.expose().map(Exposed)
    }

    /// Copies the bytes to the front of `out` and says how many there are.
    ///
    /// The fastest access: small secrets are read without writing to shared memory at all. Wiping
    /// `out` is the caller's part.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes), after which `out` is wiped; and
    /// [`Error::BufferTooSmall`], which leaves it as it is, but for zeros where an attempt was undone.
    #[inline]
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        self.0.copy_into(out)
    }

    /// A reader over the bytes; every read is an access of its own.
    ///
    /// A read of a closed secret, or of one that was replaced since the first read, is an error
    /// whose source is an [`Error`].
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader(self.0.reader())
    }

    /// Gives the secret new content, of any length, wiping `source` on success and leaving it
    /// untouched on failure. Later accesses see the new content, current ones the old, which is
    /// wiped with the last of them.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new) and [`with_bytes`](Self::with_bytes), and [`Error::Busy`] if the
    /// content before the current one is still being read.
    pub fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        self.0.replace(source)
    }

    /// Ends the secret for all handles: no access that begins after this returns succeeds. Never
    /// waits; called inside an access it returns [`CloseOutcome::Deferred`].
    pub fn close(&self) -> CloseOutcome {
        self.0.close()
    }

    /// Ends the secret and waits until its bytes are gone, at most for `timeout`.
    ///
    /// Called inside an access of the same thread it can only time out.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if somebody still reads then; the secret is closed all the same.
    pub fn close_and_wait(&self, timeout: Duration) -> Result<CloseOutcome, Error> {
        let begin = Instant::now();
        let closed = self.close();
        let mut sleep = Duration::from_micros(10);
        loop {
            match (self.0.wiped(), closed) {
                (Some(released), CloseOutcome::Deferred) => return Ok(released.into()),
                (Some(_), closed) => return Ok(closed),
                (None, _) if begin.elapsed() >= timeout => return Err(Error::Timeout),
                (None, _) => {}
            }
            std::thread::sleep(sleep);
            sleep = (sleep * 2).min(LONGEST_SLEEP);
        }
    }

    /// Whether the secret has been closed, through this handle or another.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// The number of bytes; never 0.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> Result<usize, Error> {
        self.0.len()
    }

    /// Whether the secret's bytes are those of `other`, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool, Error> {
        self.0.ct_eq(other)
    }

    /// What is really in force for the current content.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn protections(&self) -> Result<Protections, Error> {
        let storage = self.0.storage();
        let facts = self.0.inspect(NativeRegion::facts)??;
        Ok(Protections::new(storage.protection(), storage.has_key(), facts))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bytes of a secret, for as long as this lives.
///
/// While one exists, the content it shows stays as it is: `close` and `replace` take effect for
/// later accesses, and the last guard to go wipes. It is not `Send`: it can't be held across an
/// `await` of a task that may move. In a child that was forked while it existed the bytes are not
/// there, and reading them faults.
#[must_use = "dropping it ends the access"]
pub struct Exposed<'a>(pub(crate) core::Exposed<'a, Native>);

impl Deref for Exposed<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Exposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AsRef<[u8]> for Exposed<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Reads a secret from front to back; see [`Secret::reader`].
pub struct Reader(core::Reader<Native>);

impl io::Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.0.read(out)?)
    }
}
