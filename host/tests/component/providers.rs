//! Where the host's secrets come from.

use std::path::PathBuf;
use std::{env, fs, process};

use strongroom::Builder;
use wasmtime_strongroom::provider::{Environment, Files, Provider};

const KEY: &[u8; 32] = b"the host's, of thirty-two bytes!";

/// A folder of this test's own.
fn folder(test: &str) -> PathBuf {
    env::temp_dir().join(format!("wasmtime-strongroom-{}-{test}", process::id()))
}

#[test]
fn files_are_secrets_by_name() {
    let folder = folder("files");
    let inner = folder.join("inner");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("key"), KEY).unwrap();
    fs::write(inner.join("empty"), b"").unwrap();
    fs::write(folder.join("outside"), KEY).unwrap();

    let files = Files::new(&inner);
    let memory = Builder::default();
    let found = files.get("key", memory).unwrap().expect("there is such a file");
    assert_eq!(found.ct_eq(KEY), Ok(true));
    let outside = inner.join("key");
    for name in ["../outside", "./key/", "", ".", "..", "absent", outside.to_str().unwrap()] {
        assert!(files.get(name, memory).unwrap().is_none(), "{name:?}");
    }
    assert!(files.get("empty", memory).is_err());
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn environment_variables_are_secrets_by_name() {
    // Cargo sets it for tests.
    let environment = Environment::new("CARGO_PKG_");
    let found = environment.get("NAME", Builder::default()).unwrap().expect("it is set");
    assert_eq!(found.ct_eq(b"wasmtime-strongroom"), Ok(true));
    for name in ["NO_SUCH", "", "A=B", "\0"] {
        assert!(environment.get(name, Builder::default()).unwrap().is_none(), "{name:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn systemd_s_credentials_are_secrets_by_name() {
    // In a process of its own: the environment is all threads'.
    strongroom_tests::linux::child::run("a service", || {
        const VARIABLE: &str = "CREDENTIALS_DIRECTORY";
        // SAFETY: nothing else in this process looks at its environment.
        unsafe { env::remove_var(VARIABLE) };
        assert!(Files::systemd_credentials().is_none(), "this is no service");

        let folder = folder("credentials");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("key"), KEY).unwrap();
        // SAFETY: as above.
        unsafe { env::set_var(VARIABLE, &folder) };
        let credentials = Files::systemd_credentials().expect("this is a service");
        let found = credentials.get("key", Builder::default()).unwrap().expect("it has this one");
        assert_eq!(found.ct_eq(KEY), Ok(true));
        assert!(credentials.get("other", Builder::default()).unwrap().is_none());
        fs::remove_dir_all(&folder).unwrap();
    })
    .finishes();
}
