//! The demo's row for the component in wasmtime.

/// Where there is no process to search.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::hint::black_box;

    use strongroom_component_tests::host::{InWasmtime, compiled, packed};
    use strongroom_tests::conformance::Host;
    use strongroom_tests::demo::{Job, Options, unavailable};

    let options = Options::from_args()?;
    let file = options.component.clone().unwrap_or_else(packed);
    let host = match compiled(&file).and_then(|component| InWasmtime::new(&component)) {
        Ok(host) => host,
        Err(error) => {
            let why = format!("{}: {error:#}; `cargo xtask pack` makes it", file.display());
            println!("{}", unavailable("wasmtime", &why));
            return Ok(());
        }
    };
    let job = Job {
        name: "wasmtime",
        host: &host,
        protections: |_, _| {
            "a linear memory of its own that its user can't read, wiped on free; no mlock, no page \
             protection"
                .into()
        },
        access: |host, secret| {
            black_box(host.len(secret)).expect("nobody closes it");
        },
    };
    println!("{}", job.run(&options)?);
    Ok(())
}
