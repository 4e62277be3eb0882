//! The hosts as the conformance suite sees them.

use std::fmt::Debug;
use std::ops::Deref;

use strongroom_core::{
    CloseOutcome, Error, LocalSecret, Reader, Restricted, Secret, Storage, Uses,
};

use crate::conformance::{Host, Lends, LendsLocally, Restricts};

/// The core on a storage: the heap of this package, linear memory, any other.
pub struct Core<S>(pub S);

/// The native crate, with the protection that its builder asks for.
#[cfg(not(target_family = "wasm"))]
pub struct Native {
    /// Makes the secrets.
    pub builder: strongroom::Builder,
    /// Every how many lengths a case takes that would take them all.
    pub length_step: usize,
}

#[cfg(not(target_family = "wasm"))]
impl Native {
    /// The host of secrets that `builder` makes.
    #[must_use]
    pub fn new(builder: strongroom::Builder) -> Self {
        Self { builder, length_step: 1 }
    }
}

/// What a [`Host`] does by calling the secret's method of that name.
macro_rules! by_methods {
    () => {
        type Error = Error;

        fn share(&self, secret: &Self::Secret) -> Self::Secret {
            secret.clone()
        }

        fn reveal(&self, secret: &Self::Secret) -> Result<Vec<u8>, Error> {
            secret.with_bytes(<[u8]>::to_vec)
        }

        fn replace(&self, secret: &Self::Secret, source: &mut [u8]) -> Result<(), Error> {
            secret.replace(source)
        }

        fn close(&self, secret: &Self::Secret) -> CloseOutcome {
            secret.close()
        }

        fn is_closed(&self, secret: &Self::Secret) -> bool {
            secret.is_closed()
        }

        fn len(&self, secret: &Self::Secret) -> Result<usize, Error> {
            secret.len()
        }

        fn hmac(&self, secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, Error> {
            Ok(secret.hmac_sha256(message)?.to_vec())
        }

        fn verify(&self, secret: &Self::Secret, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
            secret.verify_hmac_sha256(message, tag)
        }

        fn code(error: &Error) -> &'static str {
            error.code()
        }
    };
}

/// What a host that [`Lends`] does by calling the secret's method of that name.
macro_rules! lending_by_methods {
    () => {
        fn with_bytes<R>(
            &self,
            secret: &Self::Secret,
            f: impl FnOnce(&[u8]) -> R,
        ) -> Result<R, Error> {
            secret.with_bytes(f)
        }

        fn expose<'a>(
            &self,
            secret: &'a Self::Secret,
        ) -> Result<impl Deref<Target = [u8]> + Debug + 'a, Error> {
            secret.expose()
        }

        fn copy_into(&self, secret: &Self::Secret, out: &mut [u8]) -> Result<usize, Error> {
            secret.copy_into(out)
        }

        fn ct_eq(&self, secret: &Self::Secret, other: &[u8]) -> Result<bool, Error> {
            secret.ct_eq(other)
        }

        fn reader(&self, secret: &Self::Secret) -> Self::Reader {
            secret.reader()
        }
    };
}

/// What a host that [`LendsLocally`] does by calling the method of that name.
macro_rules! lending_locally_by_methods {
    () => {
        fn local(&self, secret: &Self::Secret) -> Self::Local {
            secret.local()
        }

        fn with_local_bytes<R>(
            &self,
            local: &Self::Local,
            f: impl FnOnce(&[u8]) -> R,
        ) -> Result<R, Error> {
            local.with_bytes(f)
        }

        fn expose_locally<'a>(
            &self,
            local: &'a Self::Local,
        ) -> Result<impl Deref<Target = [u8]> + Debug + 'a, Error> {
            local.expose()
        }
    };
}

impl<S: Storage + Clone> Host for Core<S> {
    type Secret = Secret<S>;

    fn create(&self, source: &mut [u8]) -> Result<Secret<S>, Error> {
        Secret::new_in(self.0.clone(), source)
    }

    fn random(&self, len: usize) -> Result<Secret<S>, Error> {
        self.init(len, |bytes| getrandom::fill(bytes).map_err(|_| Error::Random))
    }

    by_methods!();
}

impl<S: Storage + Clone> Lends for Core<S> {
    type Reader = Reader<S>;

    fn init(
        &self,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Secret<S>, Error> {
        Secret::init_in(self.0.clone(), len, init)
    }

    fn read(&self, reader: &mut Reader<S>, out: &mut [u8]) -> Result<usize, Error> {
        reader.read(out)
    }

    lending_by_methods!();
}

#[cfg(not(target_family = "wasm"))]
impl Host for Native {
    type Secret = strongroom::Secret;

    fn length_step(&self) -> usize {
        self.length_step
    }

    fn create(&self, source: &mut [u8]) -> Result<Self::Secret, Error> {
        self.builder.build(source)
    }

    fn random(&self, len: usize) -> Result<Self::Secret, Error> {
        self.builder.random(len)
    }

    by_methods!();
}

#[cfg(not(target_family = "wasm"))]
impl Lends for Native {
    type Reader = strongroom::Reader;

    fn init(
        &self,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Self::Secret, Error> {
        self.builder.try_init(len, init)
    }

    fn read(&self, reader: &mut Self::Reader, out: &mut [u8]) -> Result<usize, Error> {
        std::io::Read::read(reader, out)
            .map_err(|error| error.downcast().expect("a reader fails with an `Error` only"))
    }

    lending_by_methods!();
}

impl<S: Storage + Clone> LendsLocally for Core<S> {
    type Local = LocalSecret<S>;

    lending_locally_by_methods!();
}

#[cfg(not(target_family = "wasm"))]
impl LendsLocally for Native {
    type Local = strongroom::LocalSecret;

    lending_locally_by_methods!();
}

/// A host whose secrets are used by handles that may be restricted.
pub struct Restrictedly<H>(pub H);

/// What such a [`Host`] does with what the one that it wraps makes, and by calling the handle's methods.
macro_rules! owning_by_methods {
    () => {
        fn length_step(&self) -> usize {
            self.0.length_step()
        }

        fn create(&self, source: &mut [u8]) -> Result<Self::Secret, Error> {
            Ok(self.0.create(source)?.into_restricted(Uses::all()))
        }

        fn random(&self, len: usize) -> Result<Self::Secret, Error> {
            Ok(self.0.random(len)?.into_restricted(Uses::all()))
        }

        by_methods!();
    };
}

/// What it restricts by calling the handle's method of that name.
macro_rules! restricting_by_methods {
    () => {
        fn restrict(&self, secret: &Self::Secret, uses: Uses) -> Result<Self::Secret, Error> {
            Ok(secret.restrict(uses))
        }
    };
}

impl<S: Storage + Clone> Host for Restrictedly<Core<S>> {
    type Secret = Restricted<S>;

    owning_by_methods!();
}

impl<S: Storage + Clone> Restricts for Restrictedly<Core<S>> {
    restricting_by_methods!();
}

#[cfg(not(target_family = "wasm"))]
impl Host for Restrictedly<Native> {
    type Secret = strongroom::Restricted;

    owning_by_methods!();
}

#[cfg(not(target_family = "wasm"))]
impl Restricts for Restrictedly<Native> {
    restricting_by_methods!();
}

/// A host whose secrets are read by a local handle each.
pub struct Locally<H>(pub H);

/// A handle, and the local one by which it is read.
#[derive(Debug)]
pub struct ByLocal<S, L> {
    secret: S,
    local: L,
}

impl<H: LendsLocally> Locally<H> {
    fn with_local(&self, secret: H::Secret) -> ByLocal<H::Secret, H::Local> {
        ByLocal { local: self.0.local(&secret), secret }
    }
}

impl<H: LendsLocally> Host for Locally<H> {
    type Secret = ByLocal<H::Secret, H::Local>;
    type Error = Error;

    const WIPES_SOURCE: bool = H::WIPES_SOURCE;

    fn length_step(&self) -> usize {
        self.0.length_step()
    }

    fn create(&self, source: &mut [u8]) -> Result<Self::Secret, Error> {
        self.0.create(source).map(|secret| self.with_local(secret))
    }

    fn random(&self, len: usize) -> Result<Self::Secret, Error> {
        self.0.random(len).map(|secret| self.with_local(secret))
    }

    fn share(&self, secret: &Self::Secret) -> Self::Secret {
        self.with_local(self.0.share(&secret.secret))
    }

    fn reveal(&self, secret: &Self::Secret) -> Result<Vec<u8>, Error> {
        self.with_bytes(secret, <[u8]>::to_vec)
    }

    fn replace(&self, secret: &Self::Secret, source: &mut [u8]) -> Result<(), Error> {
        self.0.replace(&secret.secret, source)
    }

    fn close(&self, secret: &Self::Secret) -> CloseOutcome {
        self.0.close(&secret.secret)
    }

    fn is_closed(&self, secret: &Self::Secret) -> bool {
        self.0.is_closed(&secret.secret)
    }

    fn len(&self, secret: &Self::Secret) -> Result<usize, Error> {
        self.0.len(&secret.secret)
    }

    fn hmac(&self, secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.hmac(&secret.secret, message)
    }

    fn verify(&self, secret: &Self::Secret, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.0.verify(&secret.secret, message, tag)
    }

    fn code(error: &Error) -> &'static str {
        H::code(error)
    }
}

impl<H: LendsLocally> Lends for Locally<H> {
    type Reader = H::Reader;

    fn init(
        &self,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Self::Secret, Error> {
        self.0.init(len, init).map(|secret| self.with_local(secret))
    }

    fn with_bytes<R>(&self, secret: &Self::Secret, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_local_bytes(&secret.local, f)
    }

    fn expose<'a>(
        &self,
        secret: &'a Self::Secret,
    ) -> Result<impl Deref<Target = [u8]> + Debug + 'a, Error> {
        self.0.expose_locally(&secret.local)
    }

    fn copy_into(&self, secret: &Self::Secret, out: &mut [u8]) -> Result<usize, Error> {
        self.0.copy_into(&secret.secret, out)
    }

    fn ct_eq(&self, secret: &Self::Secret, other: &[u8]) -> Result<bool, Error> {
        self.0.ct_eq(&secret.secret, other)
    }

    fn reader(&self, secret: &Self::Secret) -> Self::Reader {
        self.0.reader(&secret.secret)
    }

    fn read(&self, reader: &mut Self::Reader, out: &mut [u8]) -> Result<usize, Error> {
        self.0.read(reader, out)
    }
}
