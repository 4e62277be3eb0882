//! Operations on messages of any length: what is given piece by piece, written, or read.

use std::io::{self, Write};
#[cfg(feature = "aead")]
use std::{io::Read, mem};

#[cfg(all(feature = "mac", not(feature = "aead")))]
use strongroom_core as core;
#[cfg(feature = "mac")]
use strongroom_core::Hmac;
#[cfg(feature = "aead")]
use strongroom_core::{self as core, AEAD_SEGMENT_LEN, Aead};
#[cfg(feature = "aead")]
use zeroize::Zeroizing;

use crate::storage::Native;
use crate::{Error, Secret};

/// An HMAC under way, of what is given to [`update`](Self::update) or written. It gives the tag that the whole message
/// has, in however many pieces that came.
///
/// Nothing that it keeps could be used without the key: it ends with [`Error::Closed`] when its secret is closed, and
/// with [`Error::Replaced`] when that has got another content. After an error it gives the same one for ever.
///
/// ```
/// use std::io;
/// use strongroom::{Hmac, Secret};
///
/// let key = Secret::random(32)?;
/// let mut file = &b"as long as it may be"[..];
/// let mut stream = key.hmac_stream(Hmac::Sha256)?;
/// io::copy(&mut file, &mut stream)?;
/// assert_eq!(stream.finish()?, key.hmac_sha256(b"as long as it may be")?);
/// # Ok::<(), io::Error>(())
/// ```
#[cfg(feature = "mac")]
#[derive(Debug)]
pub struct HmacStream(core::HmacStream<Native>);

#[cfg(feature = "mac")]
impl HmacStream {
    /// Takes the next bytes of the message, of which there may be any number.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`], and [`Error::Replaced`].
    pub fn update(&mut self, message: &[u8]) -> Result<(), Error> {
        self.0.update(message)
    }

    /// The tag of all that came: 32, 48 or 64 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.0.finish()
    }

    /// Whether `tag` is the tag of all that came, in constant time. A tag of another length than the hash's is not.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn verify(self, tag: &[u8]) -> Result<bool, Error> {
        self.0.verify(tag)
    }
}

#[cfg(feature = "mac")]
impl Write for HmacStream {
    fn write(&mut self, message: &[u8]) -> io::Result<usize> {
        self.update(message)?;
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An encryption under way. What it has given is authentic only as a whole, with what [`finish`](Self::finish) gives.
///
/// It keeps at most [`AEAD_SEGMENT_LEN`] bytes of the message, and nothing that could be used without the key: it ends
/// with [`Error::Closed`] when its secret is closed, and with [`Error::Replaced`] when that has got another content.
/// After an error it gives the same one for ever.
#[cfg(feature = "aead")]
#[derive(Debug)]
pub struct SealStream(core::SealStream<Native>);

#[cfg(feature = "aead")]
impl SealStream {
    /// Takes the next bytes of the message, and gives the next ones of what is sealed, which are whole segments. So
    /// there may be none.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] after 2^32 segments, [`Error::OutOfMemory`], those of [`Secret::expose`], and
    /// [`Error::Replaced`].
    pub fn update(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.update(plaintext)
    }

    /// Ends the message, and gives the rest of what is sealed.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.0.finish()
    }
}

/// A decryption under way.
///
/// What it gives is what was sealed, from the beginning on; whether that was all, [`finish`](Self::finish) tells alone.
/// Who doesn't wait for that acts on a message that may have been cut.
///
/// It keeps at most [`AEAD_SEGMENT_LEN`] bytes, and nothing that could be used without the key: it ends with
/// [`Error::Closed`] when its secret is closed, and with [`Error::Replaced`] when that has got another content. After an
/// error it gives the same one for ever, and nothing of any segment that isn't authentic.
#[cfg(feature = "aead")]
#[derive(Debug)]
pub struct OpenStream(core::OpenStream<Native>);

#[cfg(feature = "aead")]
impl OpenStream {
    /// Takes the next bytes of what was sealed, and gives the next ones of the message, of all segments that are
    /// authentic. So there may be none. They are wiped when they are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if anything is not as it was when it was sealed, [`Error::OutOfMemory`], those of
    /// [`Secret::expose`], and [`Error::Replaced`].
    pub fn update(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.update(sealed)
    }

    /// The rest of the message, if what came was all of it. It is wiped when it is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update); [`Error::NotAuthentic`] also if the end is missing.
    pub fn finish(self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.finish()
    }
}

/// Messages of any length, under an HMAC. In one piece they are signed by [`hmac_sha256`](Self::hmac_sha256) and others.
#[cfg(feature = "mac")]
impl Secret {
    /// Begins an HMAC of a message of any length, which is given piece by piece.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), and [`Error::Random`].
    pub fn hmac_stream(&self, hash: Hmac) -> Result<HmacStream, Error> {
        self.0.hmac_stream(hash).map(HmacStream)
    }
}

/// Messages of any length, encrypted in segments of 64 KiB that can't be reordered, dropped or cut (the STREAM
/// construction). The format is told in `strongroom-core`, in `core/src/ops/aead_stream.rs`; with AES-256-GCM it is that
/// of Tink's AES-GCM-HKDF streaming.
///
/// ```
/// use std::io::{Read, Write};
/// use strongroom::{Aead, Secret};
///
/// let key = Secret::random(32)?;
/// let mut sealing = key.seal_writer(Aead::Aes256Gcm, b"backup 7", Vec::new())?;
/// sealing.write_all(b"gigabytes")?;
/// let sealed = sealing.finish()?; // without this, there is nothing that could be opened
///
/// let mut opened = Vec::new();
/// key.open_reader(Aead::Aes256Gcm, b"backup 7", &sealed[..])?.read_to_end(&mut opened)?;
/// assert_eq!(opened, b"gigabytes");
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(feature = "aead")]
impl Secret {
    /// Begins to encrypt a message of any length, up to 2^48 bytes, with this secret as the key of 32 bytes.
    ///
    /// `associated_data`, of at most 64 KiB, stays readable and isn't in the result; whoever opens that needs the same.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for a key of another size, [`Error::TooLarge`], [`Error::Random`],
    /// [`Error::OutOfMemory`], and those of [`expose`](Self::expose).
    pub fn seal_stream(&self, aead: Aead, associated_data: &[u8]) -> Result<SealStream, Error> {
        self.0.seal_stream(aead, associated_data).map(SealStream)
    }

    /// Begins to decrypt what a [`seal_stream`](Self::seal_stream) made with the same key, algorithm and
    /// `associated_data`.
    ///
    /// # Errors
    ///
    /// Those of [`seal_stream`](Self::seal_stream), but for [`Error::Random`].
    pub fn open_stream(&self, aead: Aead, associated_data: &[u8]) -> Result<OpenStream, Error> {
        self.0.open_stream(aead, associated_data).map(OpenStream)
    }

    /// What encrypts all that is written to it, as [`seal_stream`](Self::seal_stream) does, and writes that to `sealed`.
    ///
    /// # Errors
    ///
    /// Those of [`seal_stream`](Self::seal_stream).
    pub fn seal_writer<W: Write>(
        &self,
        aead: Aead,
        associated_data: &[u8],
        sealed: W,
    ) -> Result<SealWriter<W>, Error> {
        let stream = self.seal_stream(aead, associated_data)?;
        Ok(SealWriter { stream, sealed, failed: false })
    }

    /// What reads from `sealed`, and gives the message that was sealed so to whoever reads from it.
    ///
    /// # Errors
    ///
    /// Those of [`open_stream`](Self::open_stream).
    pub fn open_reader<R: Read>(
        &self,
        aead: Aead,
        associated_data: &[u8],
        sealed: R,
    ) -> Result<OpenReader<R>, Error> {
        let stream = Ok(self.open_stream(aead, associated_data)?);
        let input = vec![0; AEAD_SEGMENT_LEN];
        Ok(OpenReader { stream, sealed, input, plaintext: Zeroizing::default(), read: 0 })
    }
}

/// Encrypts what is written to it. Nothing can be opened of what is sealed, unless it is
/// [finished](SealWriter::finish): dropping it, as an error does, leaves what is refused.
#[cfg(feature = "aead")]
#[derive(Debug)]
pub struct SealWriter<W: Write> {
    stream: SealStream,
    sealed: W,
    /// Whether some of what was sealed is lost.
    failed: bool,
}

#[cfg(feature = "aead")]
impl<W: Write> SealWriter<W> {
    /// Ends the message, writes the rest of what is sealed, flushes, and gives back what it was written to.
    ///
    /// # Errors
    ///
    /// Those of the writer, of [`SealStream::finish`], and an error if a write failed before.
    pub fn finish(mut self) -> io::Result<W> {
        self.refuse_failed()?;
        self.sealed.write_all(&self.stream.finish()?)?;
        self.sealed.flush()?;
        Ok(self.sealed)
    }

    fn refuse_failed(&self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other(
                "what was sealed could not be written before; begin anew, with a new stream",
            ));
        }
        Ok(())
    }
}

#[cfg(feature = "aead")]
impl<W: Write> Write for SealWriter<W> {
    /// Takes at most [`AEAD_SEGMENT_LEN`] bytes at a time, so that no more than that is held.
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.refuse_failed()?;
        let plaintext = &plaintext[..plaintext.len().min(AEAD_SEGMENT_LEN)];
        let sealed = self.stream.update(plaintext)?;
        if let Err(error) = self.sealed.write_all(&sealed) {
            self.failed = true;
            return Err(error);
        }
        Ok(plaintext.len())
    }

    /// Flushes what it was written to. What isn't a whole segment yet stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.sealed.flush()
    }
}

/// Reads what was sealed, and gives the message.
///
/// What is read is what was sealed, from the beginning on; that it was all is known when reading gives 0 bytes. An error
/// then, of the kind [`InvalidData`](io::ErrorKind::InvalidData), means that what came before has been cut, or goes on
/// otherwise. After an error it gives only errors.
#[cfg(feature = "aead")]
#[derive(Debug)]
pub struct OpenReader<R: Read> {
    /// Until all that was sealed has been read; or why it was refused at its end.
    stream: Result<OpenStream, Option<Error>>,
    sealed: R,
    input: Vec<u8>,
    plaintext: Zeroizing<Vec<u8>>,
    /// How many bytes of `plaintext` were given.
    read: usize,
}

#[cfg(feature = "aead")]
impl<R: Read> OpenReader<R> {
    fn end(&mut self) -> Result<(), Error> {
        if let Ok(stream) = mem::replace(&mut self.stream, Err(None)) {
            self.plaintext =
                stream.finish().inspect_err(|&error| self.stream = Err(Some(error)))?;
        }
        Ok(())
    }
}

#[cfg(feature = "aead")]
impl<R: Read> Read for OpenReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read == self.plaintext.len() {
            let stream = match &mut self.stream {
                Ok(stream) => stream,
                Err(None) => return Ok(0),
                Err(Some(error)) => return Err((*error).into()),
            };
            (self.read, self.plaintext) = (0, Zeroizing::default());
            match self.sealed.read(&mut self.input)? {
                0 => self.end()?,
                read => self.plaintext = stream.update(&self.input[..read])?,
            }
        }
        let n = out.len().min(self.plaintext.len() - self.read);
        out[..n].copy_from_slice(&self.plaintext[self.read..][..n]);
        self.read += n;
        Ok(n)
    }
}
