//! The command `paystagec`. Everything that it does is in the library.

use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    paystagec::cli::run(std::env::args_os(), &mut stdout(), &mut stderr())
}
