//! The component that ships, called in any order with any arguments, beside native secrets of the same bytes under
//! the core's rules for guests: it never traps, and gives what these give, or their error.

use std::fmt::Debug;
use std::rc::Rc;

use arbitrary::Unstructured;
use strongroom::{Aead, Argon2Cost, Error, Secret, verify_ed25519};
use strongroom_component_tests::functions::Instance;
use strongroom_component_tests::host::{self, Handle, InWasmtime};
use strongroom_core::guest::{self, bytes};
use strongroom_tests::conformance::Host;
use strongroom_tests::operations::{Cost, Operations};

/// A secret of the component's, and a native one of the same bytes.
struct Pair {
    here: Handle,
    there: Secret,
}

/// Calls that are made as the input says, and what has come of them.
struct Calls<'i> {
    it: Instance,
    input: Unstructured<'i>,
    pairs: Vec<Rc<Pair>>,
    returned: Vec<Vec<u8>>,
}

/// Makes the calls that `input` says.
///
/// # Panics
///
/// If the component traps, or returns something else than it should.
pub fn check(input: &[u8]) {
    let input = Unstructured::new(input);
    let mut calls =
        Calls { it: Instance::packed(), input, pairs: Vec::new(), returned: Vec::new() };
    // There is always one, and all can be keys at first.
    for value in [1, 2, 3] {
        calls.make_of(&[value; 32]);
    }
    while !calls.input.is_empty() {
        calls.call();
    }
    for Pair { here, there } in calls.pairs.iter().map(|pair| &**pair) {
        agreed(calls.it.0.reveal(here), there.with_bytes(<[u8]>::to_vec));
    }
}

/// Arguments.
impl Calls<'_> {
    fn number(&mut self) -> usize {
        self.input.arbitrary::<u8>().unwrap_or_default().into()
    }

    fn secret(&mut self) -> Rc<Pair> {
        let number = self.number();
        Rc::clone(&self.pairs[number % self.pairs.len()])
    }

    /// An algorithm's name, and what it is natively.
    fn aead(&mut self) -> (&'static str, Aead) {
        const ALGORITHMS: [(&str, Aead); 3] = [
            ("aes256-gcm", Aead::Aes256Gcm),
            ("chacha20-poly1305", Aead::ChaCha20Poly1305),
            ("xchacha20-poly1305", Aead::XChaCha20Poly1305),
        ];
        ALGORITHMS[self.number() % ALGORITHMS.len()]
    }

    /// A number of bytes: few, or as many as it takes to be refused.
    fn len(&mut self) -> usize {
        match self.number() {
            few @ ..240 => few % 80,
            _ => self.input.arbitrary::<usize>().unwrap_or_default().max(guest::MAX_INPUT + 1),
        }
    }

    /// What Argon2id may take, without taking long; or too much.
    fn cost(&mut self) -> Cost {
        let limit = Argon2Cost::LIMIT;
        let mut up_to = |few: usize, limit: u32| match self.number() {
            number @ ..240 => (number % (few + 1)) as u32,
            number => limit + number as u32,
        };
        Cost {
            memory_kib: up_to(64, limit.memory_kib),
            passes: up_to(2, limit.passes),
            lanes: up_to(3, limit.lanes),
        }
    }

    /// Associated data: none, so that what was sealed is opened, too; or any.
    fn data(&mut self) -> Vec<u8> {
        if self.number() < 192 { Vec::new() } else { self.list() }
    }

    /// Bytes: any; those of a size that means something; what a call has returned, but for a bit.
    fn list(&mut self) -> Vec<u8> {
        const SIZES: [usize; 8] = [0, 12, 16, 24, 32, 48, 64, guest::MAX_INPUT + 1];
        match self.number() {
            0 => vec![0; SIZES[self.number() % SIZES.len()]],
            kind @ 1..64 => vec![kind as u8; SIZES[self.number() % (SIZES.len() - 1)]],
            kind @ 64..192 if !self.returned.is_empty() => {
                let which = self.number() % self.returned.len();
                let mut bytes = self.returned[which].clone();
                if kind >= 128 && !bytes.is_empty() {
                    let at = self.number() % bytes.len();
                    bytes[at] ^= 1 << (kind % 8);
                }
                bytes
            }
            _ => {
                let len = self.number().min(self.input.len());
                self.input.bytes(len).unwrap_or_default().to_vec()
            }
        }
    }
}

/// What becomes of results.
impl Calls<'_> {
    fn keeps(&mut self, here: Result<Handle, host::Error>, there: Result<Secret, Error>) {
        match (here, there) {
            (Ok(here), Ok(there)) => {
                assert_eq!(there.with_bytes(|bytes| self.it.bytes(&here) == bytes), Ok(true));
                self.pairs.push(Rc::new(Pair { here, there }));
            }
            (here, there) => _ = agreed(here.map(drop), there.map(drop)),
        }
    }

    /// The same for what is random: only its length is known before.
    fn keeps_random(&mut self, here: Result<Handle, host::Error>, there: Result<Secret, Error>) {
        let there = there.and_then(|there| {
            let Ok(here) = &here else { return Ok(there) };
            let mut bytes = self.it.bytes(here);
            assert_eq!(bytes.len(), there.len()?);
            Secret::new(&mut bytes)
        });
        self.keeps(here, there);
    }

    fn returns(&mut self, here: Result<Vec<u8>, host::Error>, there: Result<Vec<u8>, Error>) {
        self.returned.extend(agreed(here, there));
    }

    /// The same of what is sealed with a nonce that is new each time: `open` gives back what was sealed.
    fn returns_sealed(
        &mut self,
        here: Result<Vec<u8>, host::Error>,
        there: Result<Vec<u8>, Error>,
        open: impl Fn(&[u8]) -> Vec<u8>,
    ) {
        if let (Ok(here), Ok(there)) = (&here, &there) {
            assert_eq!((here.len(), open(here)), (there.len(), open(there)));
        }
        agreed(here.as_ref().map(drop).map_err(Clone::clone), there.map(drop));
        self.returned.extend(here);
    }
}

/// Calls.
impl Calls<'_> {
    fn call(&mut self) {
        match self.number() % 8 {
            0 => self.create(),
            1 | 2 => self.handles(),
            3 => self.mac(),
            4 => self.aead_of(),
            5 => self.kdf(),
            6 => self.sign(),
            _ => self.wrap(),
        }
    }

    fn make_of(&mut self, source: &[u8]) {
        let there = bytes(source).and_then(|source| Secret::new(&mut source.to_vec()));
        self.keeps(self.it.0.create(&mut source.to_vec()), there);
    }

    fn create(&mut self) {
        match self.number() % 4 {
            0 => {
                let source = self.list();
                self.make_of(&source);
            }
            1 => {
                let len = self.len();
                let there = length(len).and_then(Secret::random);
                self.keeps_random(self.it.0.random(len), unseen(there));
            }
            2 => {
                let (alphabet, len) = (self.list(), self.len());
                let there = ruled(|| {
                    let password = Secret::password(bytes(&alphabet)?, length(len)?)?;
                    guest::refuse_guessable_password(alphabet.len(), password.len()?)?;
                    Ok(password)
                });
                self.keeps_random(self.it.password(&alphabet, len as u64), unseen(there));
            }
            _ => {
                let (pair, source) = (self.secret(), self.list());
                let there = ruled(|| pair.there.replace(&mut bytes(&source)?.to_vec()));
                agreed(self.it.0.replace(&pair.here, &mut source.clone()), there);
            }
        }
    }

    fn handles(&mut self) {
        let Pair { here, there } = &*self.secret();
        match self.number() % 6 {
            0 => {
                let here = self.it.clone_of(here).expect("there are few handles");
                self.pairs.push(Rc::new(Pair { here, there: there.clone() }));
            }
            1 if self.pairs.len() > 1 => {
                let at = self.number() % self.pairs.len();
                self.pairs.swap_remove(at);
            }
            2 => {
                assert_eq!(self.it.0.close(here), there.close());
                assert!(self.it.0.is_closed(here) && there.is_closed());
            }
            3 => _ = agreed(self.it.0.len(here), there.len()),
            4 => assert_eq!(self.it.0.is_closed(here), there.is_closed()),
            _ => {
                let other = self.secret();
                agreed(self.it.equals(here, &other.here), there.equals(&other.there));
            }
        }
    }

    fn mac(&mut self) {
        let (pair, message) = (self.secret(), self.list());
        let Pair { here, there } = &*pair;
        let tag_of = |hash: usize| {
            let message = bytes(&message)?;
            match hash {
                0 => there.hmac_sha256(message).map(Vec::from),
                1 => there.hmac_sha384(message).map(Vec::from),
                _ => there.hmac_sha512(message).map(Vec::from),
            }
        };
        let hash = self.number() % 3;
        let name = ["hmac-sha256", "hmac-sha384", "hmac-sha512"][hash];
        if self.number().is_multiple_of(2) {
            self.returns(self.it.hmac(here, name, &message), tag_of(hash));
        } else {
            let tag = self.list();
            let there = bytes(&tag).and_then(|tag| Ok(tag_of(hash)? == tag));
            agreed(self.it.verify_hmac(here, name, &message, &tag), there);
        }
    }

    fn aead_of(&mut self) {
        let (pair, (name, aead), data) = (self.secret(), self.aead(), self.data());
        let (Pair { here, there }, content) = (&*pair, self.list());
        let lists = || Ok((bytes(&content)?, bytes(&data)?));
        let open = |sealed: &[u8]| there.open_aead(aead, sealed, &data).map(|plain| plain.to_vec());
        match self.number() % 4 {
            0 => {
                let there = lists().and_then(|(plain, data)| there.seal_aead(aead, plain, data));
                let here = self.it.seal(here, name, &content, &data);
                self.returns_sealed(here, there, |sealed| open(sealed).expect("it was sealed so"));
            }
            1 => {
                let there = lists().and_then(|(sealed, _)| open(sealed));
                self.returns(self.it.open(here, name, &content, &data), there);
            }
            way => {
                let nonce = self.list();
                let lists =
                    || lists().and_then(|(content, data)| Ok((bytes(&nonce)?, content, data)));
                if way == 2 {
                    let there = lists().and_then(|(nonce, plain, data)| {
                        there.seal_aead_with_nonce(aead, nonce, plain, data)
                    });
                    self.returns(
                        self.it.seal_with_nonce(here, name, &nonce, &content, &data),
                        there,
                    );
                } else {
                    let there = lists().and_then(|(nonce, sealed, data)| {
                        Ok(there.open_aead_with_nonce(aead, nonce, sealed, data)?.to_vec())
                    });
                    self.returns(
                        self.it.open_with_nonce(here, name, &nonce, &content, &data),
                        there,
                    );
                }
            }
        }
    }

    fn kdf(&mut self) {
        let (pair, salt) = (self.secret(), self.list());
        let Pair { here, there } = &*pair;
        if !self.number().is_multiple_of(4) {
            let (info, len) = (self.list(), self.len());
            let there = ruled(|| {
                let (salt, info) = (bytes(&salt)?, bytes(&info)?);
                there.hkdf_sha256(salt, info, length(len)?)
            });
            self.keeps(self.it.hkdf(here, "hkdf-sha256", &salt, &info, len), unseen(there));
        } else {
            let (cost, len) = (self.cost(), self.len());
            let Cost { memory_kib, passes, lanes } = cost;
            let there = ruled(|| {
                let asked = Argon2Cost { memory_kib, passes, lanes }.within(Argon2Cost::LIMIT)?;
                there.argon2id(bytes(&salt)?, asked, length(len)?)
            });
            self.keeps(self.it.argon2id(here, &salt, cost, len), unseen(there));
        }
    }

    fn sign(&mut self) {
        const NAME: &str = "ed25519";
        let (pair, message) = (self.secret(), self.list());
        let Pair { here, there } = &*pair;
        match self.number() % 3 {
            0 => {
                let there = there.ed25519_public_key().map(Vec::from);
                self.returns(self.it.public_key(here, NAME), there);
            }
            1 => {
                let there = bytes(&message).and_then(|message| there.sign_ed25519(message));
                self.returns(self.it.sign(here, NAME, &message), there.map(Vec::from));
            }
            _ => {
                let (key, signature) = (self.list(), self.list());
                let there =
                    ruled(|| verify_ed25519(bytes(&key)?, bytes(&message)?, bytes(&signature)?));
                agreed(self.it.verify(&key, NAME, &message, &signature), there);
            }
        }
    }

    fn wrap(&mut self) {
        let (pair, (name, aead)) = (self.secret(), self.aead());
        let Pair { here, there } = &*pair;
        match self.number() % 4 {
            0 => {
                let (secret, data) = (self.secret(), self.data());
                let outcome = ruled(|| {
                    guest::refuse_guessable(secret.there.len()?)?;
                    there.wrap_aead(aead, &secret.there, bytes(&data)?)
                });
                let open = |wrapped: &[u8]| {
                    let plain = there.open_aead(aead, wrapped, &data);
                    plain.expect("it was wrapped so").to_vec()
                };
                let here = self.it.wrap_aead(here, name, &secret.here, &data);
                self.returns_sealed(here, outcome, open);
            }
            1 => {
                let (wrapped, data) = (self.list(), self.data());
                let there = ruled(|| there.unwrap_aead(aead, bytes(&wrapped)?, bytes(&data)?));
                self.keeps(self.it.unwrap_aead(here, name, &wrapped, &data), unseen(there));
            }
            2 => {
                let secret = self.secret();
                let there = there.wrap_aes_kw(&secret.there);
                self.returns(self.it.wrap(here, "aes-kw", &secret.here), there);
            }
            _ => {
                let wrapped = self.list();
                let there = bytes(&wrapped).and_then(|wrapped| there.unwrap_aes_kw(wrapped));
                self.keeps(self.it.unwrap(here, "aes-kw", &wrapped), unseen(there));
            }
        }
    }
}

/// What `outcome` says, which may end early.
fn ruled<T>(outcome: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    outcome()
}

fn length(len: usize) -> Result<usize, Error> {
    guest::length(len as u64)
}

/// What a guest gets of a secret whose bytes it hasn't given.
fn unseen(made: Result<Secret, Error>) -> Result<Secret, Error> {
    let made = made?;
    guest::refuse_guessable(made.len()?)?;
    Ok(made)
}

/// What both have given, if it isn't an error of both.
fn agreed<T: PartialEq + Debug>(
    here: Result<T, host::Error>,
    there: Result<T, Error>,
) -> Option<T> {
    let here = here.map_err(|error| match error {
        host::Error::TooLarge(max) => format!("too-large: {max}"),
        host::Error::WrongSize(text) => format!("wrong-size: {text}"),
        error => InWasmtime::code(&error).to_owned(),
    });
    let there = there.map_err(|error| match error {
        Error::TooLarge { max, .. } => format!("too-large: {max}"),
        Error::WrongSize { .. } => format!("wrong-size: {error}"),
        Error::TooCostly { .. } => "quota-exceeded".to_owned(),
        error => error.code().to_owned(),
    });
    assert_eq!(here, there);
    here.ok()
}
