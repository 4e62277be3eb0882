//! The demo's row for native secrets.

/// Where there is neither native memory nor a process to search, as in a browser.
#[cfg(not(all(target_os = "linux", not(strongroom_loom))))]
fn main() {}

#[cfg(all(target_os = "linux", not(strongroom_loom)))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::hint::black_box;

    use strongroom::Secret;
    use strongroom_tests::conformance::Lends;
    use strongroom_tests::demo::{Job, Options};
    use strongroom_tests::hosts::Native;

    let job = Job {
        name: "native",
        host: &Native::new(Secret::builder()),
        protections: |_, secret| match secret.protections() {
            Ok(protections) => protections.to_string(),
            Err(error) => error.to_string(),
        },
        access: |host, secret| {
            black_box(host.with_bytes(secret, |bytes| bytes[0])).expect("nobody closes it");
        },
    };
    println!("{}", job.run(&Options::from_args()?)?);
    Ok(())
}
