//! A secret coming, changing and going on one thread.

use criterion::{Criterion, criterion_group, criterion_main};
use strongroom_benches::compare_levels;

fn lifecycle(criterion: &mut Criterion) {
    compare_levels!(criterion, "create_drop", alone, create_drop);
    compare_levels!(criterion, "replace", alone, replace);
}

criterion_group!(benches, lifecycle);
criterion_main!(benches);
