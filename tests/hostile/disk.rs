//! What a path may lead to instead of a file.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::{check, folder, run, staging, with};

const OWN: &str = "source = \"functions/own\"";

fn with_own_code() -> String {
    with("source = \"builtin:health\"", OWN)
}

/// The team's spec with code of its own, in a folder where `lay` puts what it likes.
#[track_caller]
fn check_folder(lay: impl Fn(&Path)) -> crate::Ended {
    let folder = folder();
    let own = folder.path().join("functions/own");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("handler.py"), "def handle(event, context): ...\n").unwrap();
    lay(&own);
    let spec = folder.path().join("spec.toml");
    fs::write(&spec, with_own_code()).unwrap();
    run(&["check", "--today", "2026-11-01"], &spec)
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

fn sparse(path: &Path, bytes: u64) {
    File::create(path).unwrap().set_len(bytes).unwrap();
}

#[test]
fn a_spec_that_is_no_file() {
    let folder = folder();
    let arguments = ["check"];
    run(&arguments, folder.path()).unreadable("it is a folder");
    run(&arguments, Path::new("/dev/zero")).unreadable("it is neither a file nor a folder");
    let fifo = folder.path().join("pipe.toml");
    pipe(&fifo);
    run(&arguments, &fifo).unreadable("it is neither a file nor a folder");
    run(&["explain", "database.version", "--spec"], &fifo).unreadable("cannot read");
    let circle = folder.path().join("circle.toml");
    symlink(&circle, &circle).unwrap();
    run(&arguments, &circle).unreadable("cannot read");
    run(&arguments, &folder.path().join("none.toml")).unreadable("cannot read");
    let huge = folder.path().join("huge.toml");
    sparse(&huge, 1 << 40);
    run(&arguments, &huge).refused("error[too-large]");
}

#[test]
fn a_schema_that_is_no_schema() {
    let schema = |path: &str| with("schemas/payment.json", path);
    check(schema("schemas")).refused("is a folder");
    check(schema("../../../../../../../../dev/zero")).refused("neither a file nor a folder");
    check(schema("/dev/zero")).refused("not a relative path");
    check(schema(&"x/".repeat(100_000))).refused("error[body-schema]");
    let judge = |content: &[u8]| {
        let folder = folder();
        fs::write(folder.path().join("schemas/payment.json"), content).unwrap();
        let spec = folder.path().join("spec.toml");
        fs::write(&spec, staging()).unwrap();
        run(&["check", "--today", "2026-11-01"], &spec)
    };
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    judge(deep.as_bytes()).refused("error[body-schema]");
    judge("[".repeat(1_000_000).as_bytes()).refused("error[body-schema]");
    judge(b"{\"a\": 1e999}").refused("error[body-schema]");
    judge(b"\xff").refused("error[body-schema]");
    judge(&vec![b' '; 2 << 20]).refused("larger than 1 MiB");
}

#[test]
fn a_folder_of_code_that_is_none() {
    check_folder(|_| ()).accepted();
    let huge = check_folder(|own| sparse(&own.join("data.bin"), 1 << 40));
    huge.refused("more than 50 MiB");
    let sum = check_folder(|own| {
        for n in 0..6 {
            sparse(&own.join(format!("{n}.bin")), 10 << 20);
        }
    });
    sum.refused("larger than 50 MiB");
    check_folder(|own| symlink(own, own.join("circle")).unwrap())
        .refused("circle is a symbolic link");
    check_folder(|own| pipe(&own.join("pipe"))).refused("neither a file nor a folder");
    check_folder(|own| {
        for n in 0..10_001 {
            File::create(own.join(format!("{n}.py"))).unwrap();
        }
    })
    .refused("more than 10000 files");
    check_folder(|own| {
        let deep: String = "d/".repeat(1_000);
        fs::create_dir_all(own.join(&deep)).unwrap();
        fs::write(own.join(deep).join("a.py"), "").unwrap();
    })
    .accepted();
}
