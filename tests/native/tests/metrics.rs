//! The figures, as the facade of the `metrics` crate shows them.
#![cfg(all(not(target_family = "wasm"), not(strongroom_loom), not(miri)))]

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use metrics::atomics::AtomicU64;
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
use strongroom::{Protection, Secret, stats};

/// Keeps the last value of every gauge.
#[derive(Default)]
struct Gauges(Mutex<HashMap<Key, Arc<AtomicU64>>>);

impl Recorder for Gauges {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        unreachable!("{key} is no gauge")
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let mut gauges = self.0.lock().expect("nobody panics with it");
        Gauge::from_arc(Arc::clone(gauges.entry(key.clone()).or_default()))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        unreachable!("{key} is no gauge")
    }
}

impl Gauges {
    fn value(&self, key: impl Into<Key>) -> Option<f64> {
        let gauges = self.0.lock().expect("nobody panics with it");
        gauges.get(&key.into()).map(|bits| f64::from_bits(bits.load(Ordering::Relaxed)))
    }

    fn live(&self, level: &'static str) -> Option<f64> {
        self.value(("strongroom_secrets", &[("level", level)]))
    }
}

#[test]
fn every_figure_is_a_gauge() {
    let create = |protection| {
        let secret = Secret::builder().protection(protection).random(32);
        secret.expect("there is memory")
    };
    let guarded = Protection::Guarded { reprotect: strongroom::Reprotect::Eager };
    let _one = create(Protection::Locked);
    let _two = [(); 2].map(|()| create(guarded));
    let three = [(); 3].map(|()| create(Protection::Encrypted));
    let open = three[0].expose().expect("it is open");
    three[0].close();

    let figures = stats();
    let gauges = Gauges::default();
    assert_eq!(gauges.live("locked"), None, "nothing happens unasked");
    with_local_recorder(&gauges, || figures.record());
    assert_eq!(gauges.live("locked"), Some(1.0));
    assert_eq!(gauges.live("guarded"), Some(2.0));
    assert_eq!(gauges.live("encrypted"), Some(3.0));
    let gauge = |name: &'static str| gauges.value(name);
    let number = |figure: usize| Some(figure as f64);
    assert_eq!(gauge("strongroom_locked_bytes"), number(figures.locked_bytes));
    assert_eq!(gauge("strongroom_lock_limit_bytes"), figures.lock_limit.and_then(number));
    assert_eq!(gauge("strongroom_mappings"), number(figures.mappings));
    assert_eq!(gauge("strongroom_slabs"), number(figures.slabs));
    assert_eq!(gauge("strongroom_deferred"), Some(1.0));
    assert_eq!(gauge("strongroom_overruns"), Some(0.0));
    assert!(figures.locked_bytes > 0 && figures.slabs > 0, "{figures:?}");

    drop(open);
    with_local_recorder(&gauges, || stats().record());
    assert_eq!(gauge("strongroom_deferred"), Some(0.0), "the last value is the current one");
}
