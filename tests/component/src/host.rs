//! The component in wasmtime, as the conformance suite sees it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use strongroom_core::{CloseOutcome, Uses};
use strongroom_tests::conformance::{Host, Restricts};
use wasmtime::component::{
    self, Component, ComponentNamedList, HasSelf, Lift, Linker, Lower, ResourceAny,
};
use wasmtime::{Engine, Result, Store, StoreLimits};

use self::bindings::Provider;
use self::bindings::exports::strongroom::secret::types;
pub use self::bindings::exports::strongroom::secret::types::Error;
use self::bindings::wasi::random::random;

#[expect(missing_docs, reason = "what wit/ says is said there")]
pub mod bindings {
    wasmtime::component::bindgen!({
        path: ["../../wasm/wit/deps/random", "../../wit", "../../wasm/wit/provider.wit"],
        world: "strongroom:component/provider",
    });
}

/// What a store holds: what the component imports, and how much memory it may have.
pub struct State(StoreLimits);

impl random::Host for State {
    fn get_random_u64(&mut self) -> u64 {
        getrandom::u64().expect("the system has random bytes")
    }
}

/// One instance of the component.
pub struct InWasmtime(Rc<RefCell<Instance>>);

struct Instance {
    store: Store<State>,
    instance: component::Instance,
    provider: Provider,
}

/// A handle; as the component's resources, it has to be dropped in its store.
pub struct Handle {
    /// What the component gave.
    pub resource: ResourceAny,
    instance: Rc<RefCell<Instance>>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.resource.fmt(f)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let store = &mut self.instance.borrow_mut().store;
        self.resource.resource_drop(store).expect("a drop is no trap");
    }
}

/// Where `cargo xtask pack` leaves the component.
#[must_use]
pub fn packed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pack/strongroom.component.wasm")
}

/// The component in `file`, compiled.
///
/// # Errors
///
/// Those of wasmtime, and of reading the file.
pub fn compiled(file: &Path) -> Result<Component> {
    Component::from_file(&Engine::default(), file)
}

impl InWasmtime {
    /// An instance of the component.
    ///
    /// # Errors
    ///
    /// Those of wasmtime.
    pub fn new(component: &Component) -> Result<Self> {
        Self::limited(component, StoreLimits::default())
    }

    /// One that has no more than this.
    ///
    /// # Errors
    ///
    /// Those of wasmtime.
    pub fn limited(component: &Component, limits: StoreLimits) -> Result<Self> {
        let mut linker = Linker::new(component.engine());
        Provider::add_to_linker::<_, HasSelf<_>>(&mut linker, |random| random)?;
        let mut store = Store::new(component.engine(), State(limits));
        store.limiter(|state| &mut state.0);
        // An error where the engine doesn't count.
        let _ = store.set_fuel(u64::MAX);
        let instance = linker.instantiate(&mut store, component)?;
        let provider = Provider::new(&mut store, &instance)?;
        Ok(Self(Rc::new(RefCell::new(Instance { store, instance, provider }))))
    }

    /// The instructions that a call takes, as wasmtime counts them, and what it returns.
    ///
    /// # Panics
    ///
    /// If the engine doesn't count.
    pub fn work_of<T>(&self, call: impl FnOnce() -> T) -> (u64, T) {
        let left = || self.0.borrow().store.get_fuel().expect("the engine counts");
        let before = left();
        let returned = call();
        (before - left(), returned)
    }

    /// Calls the component.
    ///
    /// # Panics
    ///
    /// If it traps.
    pub fn call<T>(&self, call: impl FnOnce(&Provider, &mut Store<State>) -> Result<T>) -> T {
        let Instance { store, provider, .. } = &mut *self.0.borrow_mut();
        call(provider, store).expect("no call traps")
    }

    /// Calls what one of the component's interfaces has by this name.
    ///
    /// # Panics
    ///
    /// If there is none, its type is another one, or it traps.
    pub fn call_by_name<P, R>(&self, interface: &str, function: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        (R,): ComponentNamedList + Lift,
    {
        let Instance { store, instance, .. } = &mut *self.0.borrow_mut();
        let interface = format!("strongroom:secret/{interface}@0.1.0");
        let interface = instance.get_export_index(&mut *store, None, &interface);
        let index = instance.get_export_index(&mut *store, interface.as_ref(), function);
        let function = index.unwrap_or_else(|| panic!("the component has no {function}"));
        let function = instance.get_typed_func::<P, (R,)>(&mut *store, function);
        function.and_then(|function| function.call(store, params)).expect("no call traps").0
    }

    /// What the component has returned, to be dropped in its store.
    pub fn handle(&self, resource: ResourceAny) -> Handle {
        Handle { resource, instance: Rc::clone(&self.0) }
    }
}

impl Host for InWasmtime {
    type Secret = Handle;
    type Error = Error;

    const WIPES_SOURCE: bool = false;

    fn length_step(&self) -> usize {
        101
    }

    fn create(&self, source: &mut [u8]) -> Result<Handle, Error> {
        let made =
            self.call(|it, store| it.strongroom_secret_create().call_from_bytes(store, source));
        made.map(|resource| self.handle(resource))
    }

    fn random(&self, len: usize) -> Result<Handle, Error> {
        let made =
            self.call(|it, store| it.strongroom_secret_create().call_random(store, len as u64));
        made.map(|resource| self.handle(resource))
    }

    fn share(&self, secret: &Handle) -> Handle {
        let clone = self.call(|it, store| {
            it.strongroom_secret_types().secret().call_clone(store, secret.resource)
        });
        self.handle(clone.expect("a test has few handles"))
    }

    fn reveal(&self, secret: &Handle) -> Result<Vec<u8>, Error> {
        self.call(|it, store| it.strongroom_secret_reveal().call_reveal(store, secret.resource))
    }

    fn replace(&self, secret: &Handle, source: &mut [u8]) -> Result<(), Error> {
        self.call(|it, store| {
            it.strongroom_secret_create().call_replace(store, secret.resource, source)
        })
    }

    fn close(&self, secret: &Handle) -> CloseOutcome {
        let closed = self.call(|it, store| {
            it.strongroom_secret_types().secret().call_close(store, secret.resource)
        });
        match closed {
            types::CloseOutcome::Wiped => CloseOutcome::Wiped,
            types::CloseOutcome::Deferred => CloseOutcome::Deferred,
            types::CloseOutcome::Already => CloseOutcome::Already,
        }
    }

    fn is_closed(&self, secret: &Handle) -> bool {
        self.call(|it, store| {
            it.strongroom_secret_types().secret().call_is_closed(store, secret.resource)
        })
    }

    fn len(&self, secret: &Handle) -> Result<usize, Error> {
        let len = self.call(|it, store| {
            it.strongroom_secret_types().secret().call_length(store, secret.resource)
        });
        len.map(|len| usize::try_from(len).expect("a length fits"))
    }

    fn hmac(&self, secret: &Handle, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.call_by_name("mac", "hmac-sha256", (secret.resource, message))
    }

    fn verify(&self, secret: &Handle, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.call_by_name("mac", "verify-hmac-sha256", (secret.resource, message, tag))
    }

    fn code(error: &Error) -> &'static str {
        match error {
            Error::Closed => "closed",
            Error::Empty => "empty",
            Error::TooLarge(_) => "too-large",
            Error::Busy => "busy",
            Error::OutOfMemory => "out-of-memory",
            Error::RandomUnavailable => "random",
            Error::NotAuthentic => "not-authentic",
            Error::WrongSize(_) => "wrong-size",
            Error::NotPermitted => "not-permitted",
            Error::QuotaExceeded => "quota-exceeded",
            Error::Other(_) => "other",
        }
    }
}

impl Restricts for InWasmtime {
    fn restrict(&self, secret: &Handle, uses: Uses) -> Result<Handle, Error> {
        let flags = [
            (Uses::MAC, types::Uses::MAC),
            (Uses::VERIFY, types::Uses::VERIFY),
            (Uses::SEAL, types::Uses::SEAL),
            (Uses::OPEN, types::Uses::OPEN),
            (Uses::KDF, types::Uses::KDF),
            (Uses::SIGN, types::Uses::SIGN),
            (Uses::WRAP, types::Uses::WRAP),
            (Uses::EXPORT, types::Uses::EXPORT),
            (Uses::REVEAL, types::Uses::REVEAL),
            (Uses::EQUALS, types::Uses::EQUALS),
        ];
        let asked = flags.into_iter().filter(|(named, _)| uses.contains(*named));
        let asked = asked.fold(types::Uses::empty(), |all, (_, flag)| all | flag);
        let restricted = self.call(|it, store| {
            it.strongroom_secret_types().secret().call_restrict(store, secret.resource, asked)
        });
        restricted.map(|resource| self.handle(resource))
    }
}
