//! Whether the time of an operation depends on a secret, by statistics: `cargo xtask timing`.
//!
//! As dudect does it (Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", 2017): two classes
//! of secrets in random order, and Welch's t-test on the times. A t far above 5 says that the classes
//! differ; a busy machine makes some of its own, so nothing passes or fails here but the control. What is
//! sure is in `tests/constant_time.rs`.
#![cfg(target_os = "linux")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use strongroom::Secret;
use strongroom_tests::linux::material;

/// Bytes of a secret, and of what it is compared with.
const LEN: usize = 512;
/// How many secrets of each class there are.
const SECRETS: u64 = 64;
/// How often each is used.
const ROUNDS: u64 = 2_000;

/// What is done with a secret and the bytes that one class equals.
type Operation = fn(&Secret, &[u8]) -> bool;

const OPERATIONS: [(&str, Operation); 3] = [
    ("ct_eq", |secret, other| secret.ct_eq(other).expect("it is open")),
    ("verify_hmac_sha256", |secret, other| {
        secret.verify_hmac_sha256(b"message", &other[..32]).expect("it is open")
    }),
    ("hmac_sha256", |secret, other| secret.hmac_sha256(&other[..32]).expect("it is open")[0] == 0),
];

/// A comparison that ends early. Its t has to be far above all others.
const CONTROL: Operation = |secret, other| {
    let equal = |bytes: &[u8]| bytes.iter().zip(other).all(|(one, other)| one == other);
    secret.with_bytes(equal).expect("it is open")
};

/// Mean and variance of what has been added (Welford).
#[derive(Default)]
struct Sample {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Sample {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Welch's t of the times that `operation` takes on secrets which equal `other`, and on others.
fn t(operation: Operation) -> f64 {
    let other = material(0, LEN);
    let secret = |mut bytes: Vec<u8>| Secret::new(&mut bytes).expect("there is memory to lock");
    let classes: [Vec<Secret>; 2] = [
        (0..SECRETS).map(|_| secret(other.clone())).collect(),
        (0..SECRETS).map(|seed| secret(material(seed + 1, LEN))).collect(),
    ];
    let order = material(7, (ROUNDS * SECRETS) as usize);
    let mut times: [Vec<f64>; 2] = [const { Vec::new() }; 2];
    for (turn, random) in order.iter().enumerate() {
        let class = usize::from(random >> 1 & 1);
        let secret = &classes[class][turn % SECRETS as usize];
        let start = Instant::now();
        black_box(operation(black_box(secret), black_box(&other)));
        times[class].push(start.elapsed().as_nanos() as f64);
    }
    // Interruptions take longest, and say nothing: they are left out, by one limit for both.
    let mut all = times.concat();
    all.sort_by(f64::total_cmp);
    let longest = all[all.len() * 9 / 10];
    let [one, other] = times.map(|times| {
        let mut sample = Sample::default();
        times.into_iter().filter(|time| *time <= longest).for_each(|time| sample.add(time));
        sample
    });
    (one.mean - other.mean).abs() / (one.error() + other.error()).sqrt()
}

fn main() -> ExitCode {
    let mut highest = 0.0_f64;
    for (name, operation) in OPERATIONS {
        let t = t(operation);
        println!("{name}: t = {t:.1}");
        highest = highest.max(t);
    }
    let control = t(CONTROL);
    println!("a comparison that ends early: t = {control:.1}");
    if control < 10.0 * highest.max(1.0) {
        println!("the machine is too busy for these figures to say anything");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
