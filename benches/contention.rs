//! The same on two threads at once, which share the secret they read or replace.

use criterion::{Criterion, criterion_group, criterion_main};
use strongroom_benches::compare;

fn contention(criterion: &mut Criterion) {
    compare!(criterion, "borrow_two_threads", together, borrow, floor: TwoRmws);
    compare!(criterion, "copy_out_two_threads", together, copy_out);
    compare!(criterion, "create_drop_two_threads", together, create_drop);
    compare!(criterion, "replace_two_threads", together, replace);
}

criterion_group!(benches, contention);
criterion_main!(benches);
