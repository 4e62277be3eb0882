//! A call of a component: its handles, its arguments, and what the host is told of it.

use strongroom::{Builder, Cost, Restricted, Secret};
use strongroom_core::guest;
use wasmtime::component::{Resource, WasmList};
use wasmtime::{AsContext, StoreContext, StoreContextMut};

use crate::error::Refused;
use crate::quota::{Charge, Quota};
use crate::{Error, Handle, SecretView, Uses};

/// The outcome of a call; the outer error is a trap, which only a fault of the host can cause.
pub(crate) type Outcome<R> = wasmtime::Result<(Result<R, Error>,)>;

/// The arguments of a call, which stay in the guest's memory, and the room for what is made of them.
pub(crate) struct Arguments<'a, T: 'static>(StoreContext<'a, T>, Quota);

impl<'a, T: SecretView> Arguments<'a, T> {
    pub(crate) fn of(store: &'a mut StoreContextMut<'_, T>) -> Self {
        let quota = store.data_mut().secrets().ctx.quota;
        Self(StoreContextMut::as_context(store), quota)
    }

    /// Whether there is room for a secret of `len` bytes at this cost, before it is made.
    pub(crate) fn room(&self, len: usize, cost: Cost) -> Result<(), Refused> {
        self.room_for(Charge::new(len, cost))
    }

    /// Whether there is room for what takes so much.
    pub(crate) fn room_for(&self, charge: Charge) -> Result<(), Refused> {
        Ok(self.1.room(charge)?)
    }

    /// The bytes of one, if they aren't too many.
    pub(crate) fn bytes(&self, list: &WasmList<u8>) -> Result<&[u8], Error> {
        Ok(guest::bytes(list.as_le_slice(&self.0))?)
    }
}

/// Uses the secret of `key` in these ways.
pub(crate) fn with_key<T: SecretView, R>(
    mut store: StoreContextMut<'_, T>,
    operation: &'static str,
    key: &Resource<Handle>,
    uses: Uses,
    f: impl FnOnce(&Restricted, &Arguments<'_, T>) -> Result<R, Refused>,
) -> Outcome<R> {
    let key = store.data_mut().secrets().find(key)?;
    let result = using(&key, uses, |key| f(key, &Arguments::of(&mut store)));
    store.data_mut().secrets().ctx.auditor.tell(operation, uses, key.name(), &result);
    Ok((as_told(result),))
}

/// Makes a secret out of that of `key`.
pub(crate) fn from_key<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    operation: &'static str,
    key: &Resource<Handle>,
    uses: Uses,
    f: impl FnOnce(&Restricted, &Arguments<'_, T>) -> Result<Restricted, Refused>,
) -> Outcome<Resource<Handle>> {
    let key = store.data_mut().secrets().find(key)?;
    let made = using(&key, uses, |key| {
        let made = f(key, &Arguments::of(&mut store))?;
        guest::refuse_guessable(made.len()?)?;
        Ok(made)
    });
    let mut view = store.data_mut().secrets();
    let result = made.and_then(|secret| view.own(secret));
    view.ctx.auditor.tell(operation, uses, key.name(), &result);
    Ok((as_told(result),))
}

/// Makes a secret out of nothing but arguments, which may be all its bytes.
pub(crate) fn from_arguments<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    operation: &'static str,
    f: impl FnOnce(Builder, &Arguments<'_, T>) -> Result<Secret, Refused>,
) -> Outcome<Resource<Handle>> {
    let memory = store.data_mut().secrets().ctx.memory;
    let made = f(memory, &Arguments::of(&mut store));
    let mut view = store.data_mut().secrets();
    let result = made.and_then(|secret| view.own(secret.into_restricted(Uses::all())));
    view.ctx.auditor.tell(operation, Uses::empty(), None, &result);
    Ok((as_told(result),))
}

/// The secret, if one whose bytes the component hasn't given may be handed to it.
pub(crate) fn unseen(secret: Secret) -> Result<Secret, Refused> {
    guest::refuse_guessable(secret.len()?)?;
    Ok(secret)
}

/// Reads arguments, and nothing else.
pub(crate) fn with_arguments<T: SecretView, R>(
    mut store: StoreContextMut<'_, T>,
    f: impl FnOnce(&Arguments<'_, T>) -> Result<R, Refused>,
) -> Outcome<R> {
    Ok((as_told(f(&Arguments::of(&mut store))),))
}

/// What the component is told.
pub(crate) fn as_told<R>(result: Result<R, Refused>) -> Result<R, Error> {
    result.map_err(|refused| refused.error)
}

/// Uses the secret of a handle in these ways.
///
/// Doesn't ask before whether the secret is closed: the use finds that out itself, and asking would
/// fetch the secret's state, which other stores may be writing to, once more. Only when the use is
/// refused, this asks: a closed secret is told as such, whatever else speaks against the use.
pub(crate) fn using<R>(
    key: &Handle,
    uses: Uses,
    f: impl FnOnce(&Restricted) -> Result<R, Refused>,
) -> Result<R, Refused> {
    let secret = key.secret();
    // First, before any argument is looked at. The operation asks the same, for itself.
    let used = secret.check(uses).map_err(Refused::from).and_then(|()| f(secret));
    used.map_err(|refused| if key.is_closed() { Error::Closed.into() } else { refused })
}
