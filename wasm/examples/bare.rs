//! What the component does for a call, without the call: for `benches/components.rs`.

use std::hint::black_box;

use strongroom_core::Secret;
use strongroom_wasm::Linear;

/// Signs 32 bytes so many times.
// SAFETY: nothing else here is called that.
#[unsafe(no_mangle)]
pub extern "C" fn sign(times: u64) {
    let secret = Secret::new_in(Linear, &mut [0x5a; 32]).expect("there is memory");
    let (secret, message) = black_box((&secret, &[0x5a; 32][..]));
    for _ in 0..times {
        let _ = black_box(secret.hmac_sha256(message));
    }
}
