//! The handle and its end.

use strongroom_core::guest;
use wasmtime::component::{ComponentType, Lift, Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use super::instance;
use crate::call::{Outcome, as_told, using, with_key};
use crate::error::Refused;
use crate::{CloseOutcome, Handle, SecretView, Uses};

/// `aead-algorithm`, as it crosses.
#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "`Lift` makes them, out of their numbers")]
pub(crate) enum AeadAlgorithm {
    #[component(name = "aes256-gcm")]
    Aes256Gcm,
    #[component(name = "chacha20-poly1305")]
    ChaCha20Poly1305,
    #[component(name = "xchacha20-poly1305")]
    XChaCha20Poly1305,
}

impl From<AeadAlgorithm> for strongroom::Aead {
    fn from(algorithm: AeadAlgorithm) -> Self {
        match algorithm {
            AeadAlgorithm::Aes256Gcm => Self::Aes256Gcm,
            AeadAlgorithm::ChaCha20Poly1305 => Self::ChaCha20Poly1305,
            AeadAlgorithm::XChaCha20Poly1305 => Self::XChaCha20Poly1305,
        }
    }
}

/// `uses`, as they cross.
mod flags {
    wasmtime::component::flags! {
        AllowedUses {
            #[component(name = "mac")]
            const MAC;
            #[component(name = "verify")]
            const VERIFY;
            #[component(name = "seal")]
            const SEAL;
            #[component(name = "open")]
            const OPEN;
            #[component(name = "kdf")]
            const KDF;
            #[component(name = "sign")]
            const SIGN;
            #[component(name = "wrap")]
            const WRAP;
            #[component(name = "export")]
            const EXPORT;
            #[component(name = "reveal")]
            const REVEAL;
            #[component(name = "equals")]
            const EQUALS;
        }
    }
}
use flags::AllowedUses;

impl From<AllowedUses> for Uses {
    fn from(uses: AllowedUses) -> Self {
        guest::uses(uses.as_array()[0])
    }
}

/// Links `strongroom:secret/types`, which all others need.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    let mut types = instance(linker, "types")?;
    types.resource("secret", ResourceType::host::<Handle>(), |mut store, rep| {
        store.data_mut().secrets().drop(rep)
    })?;
    types.func_wrap("[method]secret.clone", clone::<T>)?;
    types.func_wrap("[method]secret.restrict", restrict::<T>)?;
    types.func_wrap("[method]secret.length", length::<T>)?;
    types.func_wrap("[method]secret.equals", equals::<T>)?;
    types.func_wrap("[method]secret.is-closed", is_closed::<T>)?;
    types.func_wrap("[method]secret.close", close::<T>)
}

fn clone<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (secret,): (Resource<Handle>,),
) -> Outcome<Resource<Handle>> {
    let mut view = store.data_mut().secrets();
    let handle = view.find(&secret)?;
    let allowed = handle.secret().check_any().map_err(Refused::from);
    let result = allowed.and_then(|()| view.push(handle.share()));
    view.ctx.auditor.tell("types.secret.clone", Uses::empty(), handle.name(), &result);
    Ok((as_told(result),))
}

fn restrict<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (secret, uses): (Resource<Handle>, AllowedUses),
) -> Outcome<Resource<Handle>> {
    let mut view = store.data_mut().secrets();
    let handle = view.find(&secret)?;
    let allowed = handle.secret().check_any().map_err(Refused::from);
    let result = allowed.and_then(|()| view.push(handle.restrict(uses.into())));
    view.ctx.auditor.tell("types.secret.restrict", Uses::empty(), handle.name(), &result);
    Ok((as_told(result),))
}

/// How long a secret is, for whoever may use it for anything.
fn length<T: SecretView>(
    store: StoreContextMut<'_, T>,
    (secret,): (Resource<Handle>,),
) -> Outcome<u64> {
    with_key(store, "types.secret.length", &secret, Uses::empty(), |secret, _| {
        Ok(secret.len()? as u64)
    })
}

/// Compares two secrets. Both are used, so there is an event for either.
fn equals<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (one, other): (Resource<Handle>, Resource<Handle>),
) -> Outcome<bool> {
    let view = store.data_mut().secrets();
    let handles = [view.find(&one)?, view.find(&other)?];
    let [one, other] = &handles;
    let result =
        using(one, Uses::EQUALS, |one| using(other, Uses::EQUALS, |other| Ok(one.equals(other)?)));
    for handle in &handles {
        view.ctx.auditor.tell("types.secret.equals", Uses::EQUALS, handle.name(), &result);
    }
    Ok((as_told(result),))
}

fn is_closed<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (secret,): (Resource<Handle>,),
) -> Result<(bool,)> {
    let view = store.data_mut().secrets();
    let handle = view.find(&secret)?;
    view.ctx.auditor.tell("types.secret.is-closed", Uses::empty(), handle.name(), &Ok(()));
    Ok((handle.is_closed(),))
}

fn close<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (secret,): (Resource<Handle>,),
) -> Result<(CloseOutcome,)> {
    let mut view = store.data_mut().secrets();
    let handle = view.find(&secret)?;
    let closed = view.close(&handle);
    view.ctx.auditor.tell("types.secret.close", Uses::empty(), handle.name(), &Ok(()));
    Ok((closed,))
}
