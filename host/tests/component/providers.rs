//! Where the host's secrets come from.

use std::path::PathBuf;
use std::{env, fs, process};

use strongroom::Builder;
use wasmtime_strongroom::MAX_INPUT;
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

#[cfg(target_os = "linux")]
#[test]
fn files_are_read_to_the_end_whatever_size_they_tell() {
    use strongroom_tests::linux::{NEEDLE, child, repeated};
    use strongroom_tests::residue::{Needle, search_process};

    let memory = Builder::default();
    // These say that they have nothing, and those of /sys that they have a page.
    for file in ["/proc/self/cmdline", "/sys/kernel/mm/transparent_hugepage/enabled"] {
        let (folder, name) = file.rsplit_once('/').unwrap();
        let found = Files::new(folder).get(name, memory);
        let found = found.unwrap_or_else(|error| panic!("{file}: {error}"));
        let content = fs::read(file).unwrap();
        assert_ne!(fs::metadata(file).unwrap().len(), content.len() as u64, "the control");
        assert_eq!(found.expect("it is there").ct_eq(&content), Ok(true), "{file}");
    }

    let folder = folder("sizes");
    fs::create_dir_all(&folder).unwrap();
    fs::File::create(folder.join("large")).unwrap().set_len(MAX_INPUT as u64 + 1).unwrap();
    let refused = Files::new(&folder).get("large", memory).unwrap_err().to_string();
    assert!(refused.contains("16777217") && refused.contains("16777216"), "{refused}");

    // In a process of its own, where nobody else maps and unmaps.
    child::run("a pipe with a name", || {
        let needle = Needle::random(NEEDLE);
        let windows = || search_process(&[&needle]).expect("/proc is there").windows;
        let len = 8 * NEEDLE * NEEDLE;
        let content = repeated(&needle, len);
        let fifo = self::folder("pipe");
        let path = std::ffi::CString::new(fifo.to_str().unwrap()).unwrap();
        // SAFETY: the path is a string with a zero at its end, which outlives the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
        let files = Files::new(env::temp_dir());
        let name = fifo.file_name().unwrap().to_str().unwrap();
        let found = std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&fifo, &content).unwrap());
            files.get(name, memory)
        });
        let found = found.unwrap().expect("it is there");
        fs::remove_file(&fifo).unwrap();
        assert_eq!(found.ct_eq(&content), Ok(true));
        assert_ne!(windows(), 0, "the control: the search sees the heap");
        drop(content);
        found.close();
        assert_eq!(windows(), 0);
    })
    .finishes();
    fs::remove_dir_all(&folder).unwrap();
}
