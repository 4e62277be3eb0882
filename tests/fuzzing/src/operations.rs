//! Operations on a secret of any level, against a model.

use arbitrary::Unstructured;
use strongroom_tests::heap::{Heap, WAYS};
use strongroom_tests::hosts::{Core, Native};
use strongroom_tests::linux::builders;
use strongroom_tests::model::play;

use crate::{course, some};

/// Plays what `input` says.
///
/// # Panics
///
/// If a secret doesn't behave like the model.
pub fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let host = input.arbitrary::<u8>().unwrap_or_default().into();
    let content = some(&mut input, 40).to_vec();
    if content.is_empty() {
        return;
    }
    let (ops, builders) = (course(input), builders());
    if let Some(at_rest) = WAYS.get::<usize>(host) {
        let host = Core(Heap::new(*at_rest));
        play(&host, content, ops);
        let (allocated, released) = host.0.counts();
        assert_eq!(released, allocated, "one release for each content");
    } else {
        let (_, _, builder) = builders[host % builders.len()];
        play(&Native::new(builder), content, ops);
    }
}
