//! The same on two threads at once, which share the secret they read or replace.

use criterion::{Criterion, criterion_group, criterion_main};
use strongroom_benches::compare;

fn contention(criterion: &mut Criterion) {
    compare!(criterion, "borrow x2", together, borrow, TwoRmws);
    compare!(criterion, "copy_out x2", together, copy_out);
    compare!(criterion, "create_drop x2", together, create_drop);
    compare!(criterion, "replace x2", together, replace);
}

criterion_group!(benches, contention);
criterion_main!(benches);
