//! Secrets from what is read: files, pipes, sockets.

use std::io::{self, ErrorKind, Read};

use crate::{Builder, Error, Secret};

/// Bytes that are asked for where nobody knows how many there are.
const FIRST: usize = 4096;

impl Builder {
    /// A secret of all that `source` has to give, which is read into protected memory and nowhere
    /// else.
    ///
    /// `expected` is how many bytes there probably are, and 0 where nobody knows; what the source
    /// really gives counts. Pipes, and files of Linux's /proc, say that they have none; others grow
    /// or shrink while they are read.
    ///
    /// ```no_run
    /// use std::fs::File;
    /// use strongroom::Secret;
    ///
    /// let file = File::open("key")?;
    /// let expected = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    /// let key = Secret::builder().read(file, expected, 1 << 20)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `source`; those of [`init`](Self::init); [`Error::TooLarge`] where there are more
    /// than `max` bytes, or are expected to be. Nothing is left of what was read.
    pub fn read(self, mut source: impl Read, expected: usize, max: usize) -> io::Result<Secret> {
        if expected > max {
            return Err(Error::TooLarge { len: expected, max }.into());
        }
        let mut parts: Vec<(Secret, usize)> = Vec::new();
        let mut len = 0;
        loop {
            let wanted = match (len, expected) {
                (0, 1..) => expected,
                // The end, mostly.
                (1.., _) if len == expected => 1,
                _ => FIRST.max(len),
            };
            // One byte more than there may be, to see whether there are more.
            let room = wanted.min((max - len).saturating_add(1));
            let mut filled = 0;
            let part = self.try_init(room, |bytes| {
                filled = fill(&mut source, bytes)?;
                Ok::<_, io::Error>(())
            })?;
            len += filled;
            if len > max {
                return Err(Error::TooLarge { len, max }.into());
            }
            if filled > 0 {
                parts.push((part, filled));
            }
            if filled < room {
                break;
            }
        }
        match &parts[..] {
            // As many as were expected, mostly.
            [(whole, _)] if whole.len()? == len => Ok(whole.clone()),
            parts => Ok(self.try_init(len, |whole| join(parts, whole))?),
        }
    }
}

/// Reads until `bytes` are full or there are no more, and says how many there were.
fn fill(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Puts together what is at the front of each part.
fn join(parts: &[(Secret, usize)], mut whole: &mut [u8]) -> Result<(), Error> {
    for (part, filled) in parts {
        let (front, rest) = whole.split_at_mut(*filled);
        part.with_bytes(|bytes| front.copy_from_slice(&bytes[..*filled]))?;
        whole = rest;
    }
    Ok(())
}
