//! The examples, run as people run them.
#![cfg(not(miri))]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// What an example writes to stdout, and to stderr, and whether it succeeds.
fn run(example: &str, args: &[&str]) -> (bool, String, String) {
    let here = env::current_exe().expect("this binary has a path");
    let built = here.parent().and_then(Path::parent).expect("it is in target/debug/deps");
    let example = built.join("examples").join(example).with_extension(env::consts::EXE_EXTENSION);
    let output = Command::new(&example).args(args).output();
    let output = output.unwrap_or_else(|error| {
        let make = "cargo build -p strongroom --examples";
        panic!("{}: {error}; `{make}` makes it", example.display())
    });
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn succeeds(example: &str, args: &[&str]) -> String {
    let (succeeded, stdout, stderr) = run(example, args);
    assert!(succeeded, "{stdout}{stderr}");
    stdout
}

#[test]
fn sign() {
    let stdout = succeeds("sign", &["a message"]);
    let (protections, tag) = stdout.trim().split_once('\n').expect("two lines");
    assert!(protections.contains("locked"), "{protections}");
    assert!(tag.len() == 64 && tag.bytes().all(|digit| digit.is_ascii_hexdigit()), "{tag}");
}

#[test]
fn load_file() {
    let file = env::temp_dir().join(format!("strongroom-example-{}", std::process::id()));
    fs::write(&file, [0x0b; 20]).expect("there is room for files");
    let path = file.to_str().expect("the path is text");
    // Computed with Python's `hmac`, of "a message".
    let tag = "117151f1ff97ea7ce74f80f4777bfe755883345a2083d66be7461b9d3b207127";
    assert_eq!(succeeds("load_file", &[path]), format!("a key of 20 bytes makes the tag {tag}\n"));
    fs::remove_file(&file).expect("it was just written");
    let (succeeded, _, stderr) = run("load_file", &[path]);
    assert!(!succeeded && stderr.contains(path) && stderr.contains("No such file"), "{stderr}");
}

#[test]
fn many_encrypted() {
    let stdout = succeeds("many_encrypted", &[]);
    assert!(stdout.contains("10000 tokens are under a new key"), "{stdout}");
}

#[test]
fn rotate() {
    let stdout = succeeds("rotate", &[]);
    assert!(stdout.contains("signatures with the old key"), "{stdout}");
}

#[test]
fn each_example_is_run_here() {
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"));
    let files = examples.expect("there are examples").map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = files.collect();
    names.sort();
    assert_eq!(names, ["load_file.rs", "many_encrypted.rs", "rotate.rs", "sign.rs"]);
}
