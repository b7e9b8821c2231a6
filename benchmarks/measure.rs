//! Runs a command and prints how many seconds it took and its peak memory in KiB.
//!
//! Not Python, because Linux counts the memory of a process before `exec` as its own: a child of an interpreter would never
//! seem smaller than the interpreter. This parent has about 2 MiB. Compiled by `run.py` with plain `rustc`.

use std::os::raw::c_int;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// `struct rusage` on 64-bit systems: two times of two words each, then the peak memory.
#[repr(C)]
struct Usage {
    times: [i64; 4],
    peak_memory: i64,
    rest: [i64; 13],
}

unsafe extern "C" {
    fn wait4(pid: c_int, status: *mut c_int, options: c_int, usage: *mut Usage) -> c_int;
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: measure COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut status = 0;
    let mut usage = Usage {
        times: [0; 4],
        peak_memory: 0,
        rest: [0; 13],
    };
    let Ok(pid) = c_int::try_from(child.id()) else {
        return ExitCode::from(2);
    };
    // SAFETY: both pointers are to locals of the layout that the system fills in.
    let waited = unsafe { wait4(pid, &raw mut status, 0, &raw mut usage) };
    let seconds = start.elapsed().as_secs_f64();
    if waited != pid || status != 0 {
        eprintln!("the command failed, status {status}");
        return ExitCode::from(1);
    }
    let kib = if cfg!(target_os = "macos") {
        usage.peak_memory / 1024
    } else {
        usage.peak_memory
    };
    println!("{seconds:.6} {kib}");
    ExitCode::SUCCESS
}
