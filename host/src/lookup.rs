//! Secrets that the host has, by the name that a component asks for.

use std::sync::Arc;

use strongroom::{Builder, Secret};
use wasmtime::component::{Resource, WasmStr};
use wasmtime::{Result, StoreContextMut};

use crate::provider::{Found, Provider};
use crate::{Error, Handle, MAX_INPUT, SecretView, Uses};

/// A function that gets them.
#[derive(Clone, Copy)]
pub(crate) struct Lookup {
    /// How events name it.
    pub operation: &'static str,
    /// What has to be granted.
    pub needs: Uses,
    /// What the component gets of the secret that was found. What is new is made with the builder.
    pub take: fn(Secret, Builder) -> Result<Secret, Error>,
}

/// What a component gets. [`Error::NotPermitted`] stands for what isn't granted and for what isn't
/// there: it isn't told which. The outer error is a trap: the name was no text.
type Got = Result<Result<Resource<Handle>, Error>>;

/// Whom to ask for a secret that is granted.
struct Source {
    provider: Arc<dyn Provider>,
    memory: Builder,
    uses: Uses,
}

impl Lookup {
    /// Blocks while the provider looks.
    pub(crate) fn get<T: SecretView>(
        self,
        mut store: StoreContextMut<'_, T>,
        name: &WasmStr,
    ) -> Got {
        let (name, source) = self.source(&mut store, name)?;
        let found = source.map(|source| (source.provider.get(&name, source.memory), source.uses));
        Ok(self.answer(store, &name, found))
    }

    /// Awaits the provider.
    pub(crate) async fn get_async<T: SecretView + Send>(
        self,
        mut store: StoreContextMut<'_, T>,
        name: WasmStr,
    ) -> Got {
        let (name, source) = self.source(&mut store, &name)?;
        let found = match source {
            Ok(Source { provider, memory, uses }) => {
                Ok((provider.get_async(&name, memory).await, uses))
            }
            Err(error) => Err(error),
        };
        Ok(self.answer(store, &name, found))
    }

    fn source<T: SecretView>(
        self,
        store: &mut StoreContextMut<'_, T>,
        name: &WasmStr,
    ) -> Result<(String, Result<Source, Error>)> {
        let name = name.to_str(&*store)?;
        if name.len() > MAX_INPUT {
            // Nobody has a secret of such a name, and nobody wants to read it in an event.
            return Ok((String::new(), Err(Error::TooLarge(MAX_INPUT as u64))));
        }
        let name = name.into_owned();
        let ctx = store.data_mut().secrets().ctx;
        let uses = ctx.granted(&name).filter(|uses| uses.contains(self.needs));
        let source = uses.zip(ctx.provider.clone());
        let source = source.map(|(uses, provider)| Source { provider, memory: ctx.memory, uses });
        Ok((name, source.ok_or(Error::NotPermitted)))
    }

    fn answer<T: SecretView>(
        self,
        mut store: StoreContextMut<'_, T>,
        name: &str,
        found: Result<(Found, Uses), Error>,
    ) -> Result<Resource<Handle>, Error> {
        let mut view = store.data_mut().secrets();
        let (result, cause) = match found {
            Ok((Ok(Some(secret)), uses)) => {
                let taken = (self.take)(secret, view.ctx.memory);
                (taken.and_then(|secret| view.lend(name, secret, uses)), None)
            }
            Ok((Ok(None), _)) => (Err(Error::NotPermitted), None),
            // Paths and addresses are not the component's business; the event has them.
            Ok((Err(cause), _)) => {
                (Err(Error::Other("the host could not get this secret".into())), Some(cause))
            }
            Err(error) => (Err(error), None),
        };
        view.ctx.audit_failure(self.operation, Some(name), &result, cause.as_deref());
        result
    }
}
