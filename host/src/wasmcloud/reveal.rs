//! `wasmcloud:secrets/reveal`: what a handle is to.

use std::mem::MaybeUninit;

use bytes::Bytes;
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext,
};
use wasmtime::component::{ComponentType, Linker, Lower, Resource};
use wasmtime::{Error, Result};
use zeroize::Zeroizing;

use crate::call::with_key;
use crate::reveal::wiped;
use crate::{Handle, SecretView, Uses};

/// How events name it.
const REVEAL: &str = "wasmcloud:secrets/reveal.reveal";

/// `secret-value`, as it crosses.
#[derive(ComponentType, Lower)]
#[component(variant)]
enum SecretValue {
    #[component(name = "string")]
    String(WipedText),
    #[component(name = "bytes")]
    Bytes(Bytes),
}

impl SecretValue {
    fn of(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::String(WipedText(Zeroizing::new(text.to_owned()))),
            Err(_) => Self::Bytes(wiped(Zeroizing::new(bytes.to_vec()))),
        }
    }
}

/// Links `wasmcloud:secrets/reveal`, which takes the handles of [`store`](super::store). Where it
/// isn't linked, a component that imports it can't be instantiated.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    let mut reveal = linker.instance("wasmcloud:secrets/reveal@0.1.0-draft")?;
    reveal.func_wrap("reveal", |store, (secret,): (Resource<Handle>,)| {
        let (revealed,) = with_key::<T, _>(store, REVEAL, &secret, Uses::REVEAL, |secret, _| {
            Ok(secret.with_bytes(SecretValue::of)?)
        })?;
        // Only a fault of the host's is left: the component was given a copy that nobody closes.
        Ok((revealed.map_err(Error::new)?,))
    })
}

/// Text for the guest, which the host's side has no longer once the guest has it.
struct WipedText(Zeroizing<String>);

// SAFETY: all is as for `str`, which wasmtime implements this for.
unsafe impl ComponentType for WipedText {
    type Lower = <str as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <str as ComponentType>::ABI;
    const MAY_REQUIRE_REALLOC: bool = <str as ComponentType>::MAY_REQUIRE_REALLOC;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <str as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: a `str` is what is lowered, in wasmtime's way.
unsafe impl Lower for WipedText {
    fn linear_lower_to_flat<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.as_str().linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        self.0.as_str().linear_lower_to_memory(cx, ty, offset)
    }
}
