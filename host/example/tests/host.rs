//! The example host, run as people run it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::{env, fs, process};

use strongroom::Secret;
use strongroom_building::encode;

const KEY: &[u8; 32] = b"the host's, of thirty-two bytes!";

/// A component that gets the secret `key` and calls a function with it that returns bytes.
fn app(interface: &str, function: &str, message: bool) -> Vec<u8> {
    let (params, message) =
        if message { ("i32 i32 i32 i32", "(i32.const 0) (i32.const 3)") } else { ("i32 i32", "") };
    // Results are at 16: a `result`, with the handle inside an `option` or the bytes 8 further on.
    let module = format!(
        r#"(module
        (import "strongroom:secret/store@0.1.0" "get" (func $get (param i32 i32 i32)))
        (import "strongroom:secret/{interface}@0.1.0" "{function}" (func $call (param {params})))
        (memory (export "memory") 1)
        (data (i32.const 0) "key")
        (global $next (mut i32) (i32.const 1024))
        (func (export "run") (result i32)
            (call $get (i32.const 0) (i32.const 3) (i32.const 16))
            (if (i32.eqz (i32.load8_u (i32.const 16)))
                (then (if (i32.load8_u (i32.const 24))
                    (then (call $call (i32.load (i32.const 28)) {message} (i32.const 16)))
                    (else
                        (i32.store8 (i32.const 16) (i32.const 1))
                        (i32.store8 (i32.const 24) (i32.const 8))))))
            i32.const 16)
        (func (export "with-parameter") (param i32))
        (func (export "trap") unreachable)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
            (local.set $start (global.get $next))
            (global.set $next (i32.add (global.get $next) (local.get 3)))
            local.get $start))"#
    );
    let wit = format!(
        "package test:app;
        world app {{
            use strongroom:secret/types@0.1.0.{{error}};
            import strongroom:secret/store@0.1.0;
            import strongroom:secret/{interface}@0.1.0;
            export run: func() -> result<list<u8>, error>;
            export with-parameter: func(p: u32);
            export trap: func();
        }}"
    );
    encode(&module, &[&wit])
}

/// A folder with two components and a key.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = env::temp_dir().join(format!("strongroom-host-{}-{test}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("sign.wasm"), app("mac", "hmac-sha256", true)).unwrap();
        fs::write(folder.join("reveal.wasm"), app("reveal", "reveal", false)).unwrap();
        fs::write(folder.join("module.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
        fs::write(folder.join("key"), KEY).unwrap();
        fs::write(folder.join("empty"), b"").unwrap();
        Self(folder)
    }

    /// Runs the example there.
    fn host(&self, args: &[&str]) -> Ended {
        let host = env!("CARGO_BIN_EXE_example-host");
        let output = Command::new(host).args(args).current_dir(&self.0).output();
        Ended(output.expect("cargo has built it"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How the example ended.
struct Ended(Output);

impl Ended {
    fn stderr(&self) -> &str {
        str::from_utf8(&self.0.stderr).expect("it writes text")
    }

    /// What it wrote to stdout, and to stderr, as it succeeded.
    #[track_caller]
    fn succeeded(&self) -> (&str, &str) {
        assert!(self.0.status.success(), "{}\n{}", self.0.status, self.stderr());
        (str::from_utf8(&self.0.stdout).expect("it writes text"), self.stderr())
    }

    /// Asserts that it failed, with one line that has all these words.
    #[track_caller]
    fn failed(&self, words: &[&str]) {
        assert_eq!(self.0.status.code(), Some(1), "{}", self.stderr());
        assert!(self.0.stdout.is_empty());
        let line = self.stderr().trim_end();
        assert!(line.starts_with("error: ") && !line.contains('\n'), "{line}");
        words.iter().for_each(|word| assert!(line.contains(word), "no {word}: {line}"));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_component_signs_with_a_secret_and_the_host_is_told() {
    let folder = Folder::new("signs");
    let ended = folder.host(&["sign.wasm", "--secret", "key=key"]);
    let (stdout, stderr) = ended.succeeded();
    let tag = Secret::new(&mut { *KEY }).unwrap().hmac_sha256(b"key").unwrap();
    assert_eq!(stdout, hex(&tag) + "\n");
    let told =
        "sign.wasm: store.get of \"key\": done\nsign.wasm: mac.hmac-sha256 of \"key\": done\n";
    assert_eq!(stderr, told);
}

#[test]
fn a_component_reads_a_secret_only_where_that_is_allowed() {
    let folder = Folder::new("reads");
    let reveal = ["reveal.wasm", "--secret", "key=key"];
    folder.host(&reveal).failed(&["strongroom:secret/reveal@0.1.0", "--reveal lets it"]);
    let ended = folder.host(&[&reveal[..], &["--reveal"]].concat());
    let (stdout, stderr) = ended.succeeded();
    assert_eq!(stdout, hex(KEY) + "\n");
    assert!(stderr.contains("reveal.wasm: reveal.reveal of \"key\": done"), "{stderr}");
}

#[test]
fn a_component_has_no_secret_that_it_is_not_given() {
    let folder = Folder::new("nothing");
    let ended = folder.host(&["sign.wasm", "--secret", "other=key"]);
    assert_eq!(ended.0.status.code(), Some(1));
    let refused = "sign.wasm: store.get of \"key\": refused, this use of the secret was not granted\n\
        error: `run` failed: not-permitted\n";
    assert_eq!(ended.stderr(), refused);
}

#[test]
fn what_is_wrong_is_one_clear_line() {
    let folder = Folder::new("wrong");
    let trials: [(&[&str], &[&str]); 8] = [
        (&["sign.wasm", "--secret", "key=absent"], &["--secret key=absent: No such file"]),
        (&["sign.wasm", "--secret", "key=empty"], &["--secret key=empty: a secret needs at least"]),
        (&["absent.wasm"], &["absent.wasm: No such file"]),
        (&["key"], &["key is no WebAssembly"]),
        (&["module.wasm"], &["module.wasm is no component"]),
        (&["sign.wasm", "--call", "go"], &["no function `go`", "run, with-parameter, trap"]),
        (&["sign.wasm", "--call", "with-parameter"], &["`with-parameter` takes parameters"]),
        (&["sign.wasm", "--secret", "key"], &[]),
    ];
    let (usage, trials) = trials.split_last().unwrap();
    for (args, words) in trials {
        folder.host(args).failed(words);
    }
    let misused = folder.host(usage.0);
    assert_eq!(misused.0.status.code(), Some(2));
    let line = misused.stderr().lines().next().unwrap();
    assert_eq!(
        line,
        "error: invalid value 'key' for '--secret <NAME=FILE>': write NAME=FILE, as in key=secrets/key"
    );
    assert!(
        folder.host(&["sign.wasm", "--call", "trap"]).stderr().starts_with("error: `trap` trapped")
    );
}
