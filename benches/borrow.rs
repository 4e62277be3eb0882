//! Reading a secret on one thread: where it lies, and as a copy.

use criterion::{Criterion, criterion_group, criterion_main};
use strongroom_benches::compare_levels;

fn borrow(criterion: &mut Criterion) {
    compare_levels!(criterion, "borrow", alone, borrow, TwoRmws);
    compare_levels!(criterion, "copy_out", alone, copy_out);
}

criterion_group!(benches, borrow);
criterion_main!(benches);
