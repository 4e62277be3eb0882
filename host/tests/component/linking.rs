//! What a host doesn't link, a component can't have.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use strongroom::Builder;
use wasmtime::Store;
use wasmtime::component::Linker;
use wasmtime_strongroom::provider::{Failure, Found, Named, Provider};
use wasmtime_strongroom::{
    Error, SecretCtxBuilder, Uses, aead, create, kdf, mac, sign, store, types, wrap,
};

use crate::relay::{App, FULL, OPAQUE, State, component, engine, wait};

fn all_but_reveal() -> Linker<State> {
    let mut linker = Linker::new(engine());
    types::add_to_linker(&mut linker).unwrap();
    create::add_to_linker(&mut linker).unwrap();
    mac::add_to_linker(&mut linker).unwrap();
    aead::add_to_linker(&mut linker).unwrap();
    kdf::add_to_linker(&mut linker).unwrap();
    sign::add_to_linker(&mut linker).unwrap();
    wrap::add_to_linker(&mut linker).unwrap();
    store::add_to_linker(&mut linker).unwrap();
    linker
}

#[test]
fn without_reveal_a_component_works_and_one_that_wants_it_does_not() {
    let linker = all_but_reveal();
    let secrets = || SecretCtxBuilder::new().build();
    let opaque = component(engine(), OPAQUE);
    let mut app = App::instantiate(&opaque, &linker, secrets()).unwrap();
    let seed = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let signature: Result<Vec<u8>, Error> = app.call("sign-ed25519", (seed, &b"message"[..]));
    assert_eq!(signature.unwrap().len(), 64);

    let full = component(engine(), FULL);
    let Err(error) = App::instantiate(&full, &linker, secrets()) else {
        panic!("a component has got an interface that isn't linked");
    };
    assert!(format!("{error:?}").contains("strongroom:secret/reveal@0.1.0"), "{error:?}");
}

#[test]
fn each_interface_stands_alone() {
    for interface in OPAQUE {
        let mut linker = Linker::new(engine());
        types::add_to_linker(&mut linker).unwrap();
        match *interface {
            "create" => create::add_to_linker(&mut linker),
            "mac" => mac::add_to_linker(&mut linker),
            "aead" => aead::add_to_linker(&mut linker),
            "kdf" => kdf::add_to_linker(&mut linker),
            "sign" => sign::add_to_linker(&mut linker),
            "wrap" => wrap::add_to_linker(&mut linker),
            "store" => store::add_to_linker(&mut linker),
            other => panic!("{other} is not linked here"),
        }
        .unwrap();
        let component = component(engine(), &[interface]);
        App::instantiate(&component, &linker, SecretCtxBuilder::new().build()).unwrap();
    }
}

/// A provider that is never ready at once.
struct Slow(Named);

impl Provider for Slow {
    fn get(&self, _: &str, _: Builder) -> Found {
        Err(Failure::from("only asynchronously"))
    }

    fn get_async<'a>(
        &'a self,
        name: &'a str,
        memory: Builder,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
        let mut waited = false;
        Box::pin(std::future::poll_fn(move |context| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(self.0.get(name, memory));
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }))
    }
}

#[test]
fn an_asynchronous_host_awaits_its_provider() {
    let secret = strongroom::Secret::random(32).unwrap();
    let tag = secret.hmac_sha256(b"message").unwrap();
    let secrets = SecretCtxBuilder::new()
        .provider(Slow(Named::new().with("key", secret)))
        .grant("key", Uses::MAC)
        .build();

    let mut linker = Linker::new(engine());
    wasmtime_strongroom::add_to_linker_async(&mut linker).unwrap();
    let component = component(engine(), FULL);
    let mut store = Store::new(engine(), State::new(secrets));
    let instance = wait(linker.instantiate_async(&mut store, &component)).0.unwrap();

    type Got = (Result<Option<u32>, Error>,);
    let get = instance.get_typed_func::<(&str,), Got>(&mut store, "get").unwrap();
    let (got, asked) = wait(get.call_async(&mut store, ("key",)));
    assert!(asked > 1, "nobody waited");
    let key = got.unwrap().0.unwrap().expect("the key is granted");

    type Tag = (Result<Vec<u8>, Error>,);
    let mac = instance.get_typed_func::<(u32, &[u8]), Tag>(&mut store, "hmac-sha256").unwrap();
    let (made, _) = wait(mac.call_async(&mut store, (key, b"message")));
    assert_eq!(made.unwrap().0.unwrap(), tag);
}
