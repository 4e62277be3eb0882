//! What `strongroom.component.wasm` does for a host that calls it: each operation on a secret, as often as is
//! asked for.

use anyhow::Result;
use strongroom_measure::LEN;
use wasmtime::Store;
use wasmtime::component::{
    ComponentNamedList, ComponentType, Instance, Lift, Linker, Lower, ResourceAny, TypedFunc,
};
use wasmtime_strongroom::Error;

use crate::{ENGINE, module};

/// An operation that is done so many times.
pub type Repeated = Box<dyn FnMut(u64)>;

/// `aead-algorithm`.
#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub enum Algorithm {
    /// AES-256-GCM.
    #[component(name = "aes256-gcm")]
    Aes256Gcm,
    /// ChaCha20-Poly1305.
    #[component(name = "chacha20-poly1305")]
    ChaCha20Poly1305,
    /// XChaCha20-Poly1305.
    #[component(name = "xchacha20-poly1305")]
    XChaCha20Poly1305,
}

/// `argon2-cost`.
#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(record)]
pub struct Cost {
    /// Memory in KiB.
    #[component(name = "memory-kib")]
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The component in a store of its own, with a secret in it.
pub struct Operations {
    store: Store<()>,
    instance: Instance,
    secret: ResourceAny,
}

type Create = TypedFunc<(&'static [u8],), (Result<ResourceAny, Error>,)>;
type Operation<A, R> = TypedFunc<A, (Result<R, Error>,)>;
type Bytes = &'static [u8];

impl Operations {
    /// What `cargo xtask pack` has made, with a secret of these bytes.
    ///
    /// # Errors
    ///
    /// If it hasn't, and those of wasmtime.
    pub fn new(key: &'static [u8; LEN]) -> Result<Self> {
        let mut linker = Linker::new(&ENGINE);
        let mut random = linker.instance("wasi:random/random@0.2.0")?;
        random.func_wrap("get-random-u64", |_, (): ()| Ok((getrandom::u64()?,)))?;
        let mut store = Store::new(&ENGINE, ());
        let instance = linker.instantiate(&mut store, &module::packed()?)?;
        let create: Create = module::function(&mut store, &instance, CREATE, "from-bytes")?;
        let secret = create.call(&mut store, (key,))?.0?;
        Ok(Self { store, instance, secret })
    }

    /// Creates a secret and drops it.
    ///
    /// # Errors
    ///
    /// Those of wasmtime, as of all below.
    pub fn create_drop(mut self, key: &'static [u8; LEN]) -> Result<Repeated> {
        let create: Create = self.function(CREATE, "from-bytes")?;
        Ok(Box::new(move |n| {
            for _ in 0..n {
                let made = create.call(&mut self.store, (key,)).expect("no call traps").0;
                let made = made.expect("there is memory");
                made.resource_drop(&mut self.store).expect("it is there");
            }
        }))
    }

    /// Signs by `hmac-sha256` or `hmac-sha512`.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn mac(self, name: &str, message: Bytes) -> Result<Repeated> {
        self.bytes(MAC, name, move |secret| (secret, message))
    }

    /// Encrypts.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn seal(self, algorithm: Algorithm, plaintext: Bytes) -> Result<Repeated> {
        self.bytes(AEAD, "seal", move |secret| (secret, algorithm, plaintext, NOTHING))
    }

    /// Decrypts what `seal` made.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn open(mut self, algorithm: Algorithm, plaintext: Bytes) -> Result<Repeated> {
        let seal: Operation<(ResourceAny, Algorithm, Bytes, Bytes), Vec<u8>> =
            self.function(AEAD, "seal")?;
        let sealed = seal.call(&mut self.store, (self.secret, algorithm, plaintext, NOTHING))?.0?;
        // For as long as the measuring process lives.
        let sealed: Bytes = sealed.leak();
        self.bytes(AEAD, "open", move |secret| (secret, algorithm, sealed, NOTHING))
    }

    /// Signs by Ed25519.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn sign(self, message: Bytes) -> Result<Repeated> {
        self.bytes(SIGN, "sign-ed25519", move |seed| (seed, message))
    }

    /// Verifies such a signature.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn verify(mut self, message: Bytes) -> Result<Repeated> {
        let sign: Operation<(ResourceAny, Bytes), Vec<u8>> = self.function(SIGN, "sign-ed25519")?;
        let public: Operation<(ResourceAny,), Vec<u8>> =
            self.function(SIGN, "ed25519-public-key")?;
        let verify: Operation<(Bytes, Bytes, Bytes), bool> =
            self.function(SIGN, "verify-ed25519")?;
        let signature: Bytes = sign.call(&mut self.store, (self.secret, message))?.0?.leak();
        let public: Bytes = public.call(&mut self.store, (self.secret,))?.0?.leak();
        Ok(Box::new(move |n| {
            for _ in 0..n {
                let valid = verify.call(&mut self.store, (public, message, signature));
                assert_eq!(valid.expect("no call traps").0, Ok(true));
            }
        }))
    }

    /// Derives a secret of 32 bytes by HKDF-SHA256, and drops it.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn hkdf(self, salt: Bytes, info: Bytes) -> Result<Repeated> {
        self.secret(KDF, "hkdf-sha256", move |secret| (secret, salt, info, LEN as u64))
    }

    /// Derives a secret of 32 bytes by Argon2id, and drops it.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn argon2id(self, salt: Bytes, cost: Cost) -> Result<Repeated> {
        self.secret(KDF, "argon2id", move |secret| (secret, salt, cost, LEN as u64))
    }

    fn function<A, R>(&mut self, interface: &str, name: &str) -> Result<TypedFunc<A, R>>
    where
        A: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        module::function(&mut self.store, &self.instance, interface, name)
    }

    fn bytes<A>(
        mut self,
        interface: &str,
        name: &str,
        arguments: impl Fn(ResourceAny) -> A + 'static,
    ) -> Result<Repeated>
    where
        A: ComponentNamedList + Lower + Send + Sync + 'static,
    {
        let function: Operation<A, Vec<u8>> = self.function(interface, name)?;
        Ok(Box::new(move |n| {
            for _ in 0..n {
                let result = function.call(&mut self.store, arguments(self.secret));
                assert!(result.expect("no call traps").0.is_ok());
            }
        }))
    }

    fn secret<A>(
        mut self,
        interface: &str,
        name: &str,
        arguments: impl Fn(ResourceAny) -> A + 'static,
    ) -> Result<Repeated>
    where
        A: ComponentNamedList + Lower + Send + Sync + 'static,
    {
        let function: Operation<A, ResourceAny> = self.function(interface, name)?;
        Ok(Box::new(move |n| {
            for _ in 0..n {
                let made = function.call(&mut self.store, arguments(self.secret));
                let made = made.expect("no call traps").0.expect("it is derived");
                made.resource_drop(&mut self.store).expect("it is there");
            }
        }))
    }
}

const NOTHING: Bytes = &[];
const CREATE: &str = "strongroom:secret/create@0.1.0";
const MAC: &str = "strongroom:secret/mac@0.1.0";
const AEAD: &str = "strongroom:secret/aead@0.1.0";
const KDF: &str = "strongroom:secret/kdf@0.1.0";
const SIGN: &str = "strongroom:secret/sign@0.1.0";
