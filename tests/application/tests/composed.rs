//! The sample application and `strongroom.component.wasm`, composed as `wac plug` does, in wasmtime.
#![cfg(target_os = "linux")]

mod building;

use std::sync::LazyLock;

use building::{application, asking_for, provider_without_reveal};
use strongroom::{Aead, Argon2Cost, Secret, verify_ed25519};
use strongroom_building::{plugged, provider};
use strongroom_tests::linux::child;
use strongroom_tests::residue::{Needle, search_process};
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, Lift, Linker, Lower,
};
use wasmtime::{Engine, Store};

const PASSWORD: &[u8] = b"correct horse battery staple";
const SALT: &[u8] = b"this user's own";

/// What the application derives its keys from.
static MASTER: LazyLock<Secret> = LazyLock::new(|| {
    let cost = Argon2Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    let password = Secret::try_from(PASSWORD.to_vec()).unwrap();
    password.argon2id(SALT, cost, 32).unwrap()
});

/// The application, composed and compiled.
static COMPOSED: LazyLock<Component> = LazyLock::new(|| {
    let composed = plugged(&application(), &provider()).expect("the provider fits");
    Component::new(&Engine::default(), composed).expect("the composition is valid")
});

/// A composition that runs.
struct App {
    store: Store<()>,
    instance: Instance,
}

impl App {
    fn new(component: &Component) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(component.engine());
        linker.instance("wasi:random/random@0.2.0")?.func_wrap("get-random-u64", |_, ()| {
            Ok((getrandom::u64().expect("the system has random bytes"),))
        })?;
        let mut store = Store::new(component.engine(), ());
        let instance = linker.instantiate(&mut store, component)?;
        Ok(Self { store, instance })
    }

    /// One that somebody has logged in to.
    fn logged_in() -> Self {
        let mut app = Self::new(&COMPOSED).expect("a composition needs random bytes only");
        app.call::<_, (Result<(), String>,)>("log-in", (PASSWORD, SALT))
            .0
            .expect("keys are derived");
        app
    }

    /// Calls a function of the application; a trap is a panic.
    fn call<P, R>(&mut self, name: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        self.call_in(None, name, params)
    }

    /// Calls a function of its interface for the test.
    fn probe<R>(&mut self, name: &str, needle: &(Vec<u8>, Vec<u8>)) -> R
    where
        R: ComponentNamedList + Lift + 'static,
    {
        let interface = "strongroom:application/probe";
        let interface = self.instance.get_export_index(&mut self.store, None, interface);
        let interface = interface.expect("the application has this interface");
        self.call_in(Some(&interface), name, (&needle.0[..], &needle.1[..]))
    }

    fn call_in<P, R>(
        &mut self,
        interface: Option<&ComponentExportIndex>,
        name: &str,
        params: P,
    ) -> R
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        let index = self.instance.get_export_index(&mut self.store, interface, name);
        let index = index.unwrap_or_else(|| panic!("there is no function {name}"));
        let function = self.instance.get_typed_func::<P, R>(&mut self.store, index);
        let function = function.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        function.call(&mut self.store, params).expect("no call traps")
    }

    /// Does what the application is for.
    fn sign_and_decrypt(&mut self) {
        let [signing, encryption] = [b"signing".as_slice(), b"encryption"].map(derived);
        let message = b"a message".as_slice();
        let (signature,) = self.call::<_, (Result<Vec<u8>, String>,)>("sign", (message,));
        let public_key = signing.ed25519_public_key().unwrap();
        assert_eq!(verify_ed25519(&public_key, message, &signature.unwrap()), Ok(true));

        let sealed = encryption.seal_aead(Aead::XChaCha20Poly1305, message, b"").unwrap();
        let (opened,) = self.call::<_, (Result<Vec<u8>, String>,)>("decrypt", (&sealed[..],));
        assert_eq!(opened.as_deref(), Ok(message));
    }
}

/// A key of the application's, in this process's own locked memory.
fn derived(purpose: &[u8]) -> Secret {
    MASTER.hkdf_sha256(b"", purpose, 32).unwrap()
}

/// The bytes of a secret combined with a mask, and the mask.
fn masked(secret: &Secret) -> (Vec<u8>, Vec<u8>) {
    let mut mask = vec![0; 32];
    getrandom::fill(&mut mask).unwrap();
    let masked = secret.with_bytes(|key| key.iter().zip(&mask).map(|(a, b)| a ^ b).collect());
    (masked.unwrap(), mask)
}

#[test]
fn an_application_has_nothing_of_the_keys_that_it_uses_in_its_memory() {
    let mut app = App::logged_in();
    app.sign_and_decrypt();
    for purpose in [b"signing".as_slice(), b"encryption"] {
        let needle = masked(&derived(purpose));
        assert_eq!(app.probe::<(u32,)>("places-of", &needle), (0,));
        app.probe::<()>("keep", &needle);
        let (places,) = app.probe::<(u32,)>("places-of", &needle);
        assert_ne!(places, 0, "the control: the search sees a key that the application has");
    }
}

/// In a process of its own, where nobody maps and unmaps while it is searched.
#[test]
fn the_keys_are_in_the_provider_s_memory_until_they_are_closed() {
    child::run("searched", || {
        let mut app = App::logged_in();
        app.sign_and_decrypt();
        for purpose in [b"signing".as_slice(), b"encryption"] {
            let needle = derived(purpose).with_bytes(Needle::new).unwrap();
            let windows = || search_process(&[&needle]).expect("/proc is there").windows;
            // A copy of 32 bytes has 25 windows of 8.
            assert_eq!(windows(), 25, "a single copy, and not in the application's memory");
        }
        app.call::<_, ()>("log-out", ());
        for purpose in [b"signing".as_slice(), b"encryption"] {
            let needle = derived(purpose).with_bytes(Needle::new).unwrap();
            let found = search_process(&[&needle]).expect("/proc is there");
            assert_eq!(found.windows, 0, "after log-out");
        }
    })
    .finishes();
}

#[test]
fn a_composition_asks_for_random_bytes_alone() {
    let ty = COMPOSED.component_type();
    let imports: Vec<_> = ty.imports(COMPOSED.engine()).map(|(name, _)| name).collect();
    assert_eq!(imports, ["wasi:random/random@0.2.0"]);
    // Nor does it hand on what the provider exports.
    let exports: Vec<_> = ty.exports(COMPOSED.engine()).map(|(name, _)| name).collect();
    let own = ["log-in", "sign", "decrypt", "log-out", "strongroom:application/probe"];
    assert_eq!(exports, own);
}

#[test]
fn a_provider_without_reveal_satisfies_no_application_that_wants_it() {
    let without = provider_without_reveal();
    for (interfaces, satisfied) in [(&["mac"][..], true), (&["mac", "reveal"], false)] {
        let application = asking_for(interfaces);
        let run = |provider: &[u8]| -> Result<App, String> {
            let composed = plugged(&application, provider).map_err(|error| format!("{error:#}"))?;
            Component::new(&Engine::default(), composed)
                .and_then(|component| App::new(&component))
                .map_err(|error| format!("{error:#}"))
        };
        run(&provider()).expect("the whole provider satisfies both");
        match run(&without) {
            Ok(_) => assert!(satisfied, "an application has got `reveal` from nobody"),
            Err(error) => {
                assert!(!satisfied && error.contains("strongroom:secret/reveal@0.1.0"), "{error}");
            }
        }
    }
}
