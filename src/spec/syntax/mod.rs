//! A file that is not TOML: where the slip is, what was meant, and the file as it was meant, so that everything else in it can
//! still be judged. The parser's own errors stand where it gave up, which may be a hundred lines further on.
//!
//! Each statement is read alone. One that cannot be read is replaced by what was probably meant, or left out; whatever is found
//! later leads back to the file through the map.

mod around;
mod conflict;
mod format;
mod header;
mod map;
mod mender;
mod misplaced;
mod misspelt;
mod names;
mod pair;
mod rebuild;
mod relocate;
mod scan;
mod search;
mod statements;
mod tidy;
mod words;

use mender::Mender;

pub use mender::{MESSAGE, Mended};

/// The file as it was meant.
pub fn mend(file: &str) -> Mended {
    let (text, ends) = around::with_line_feeds(file);
    let mut mender = Mender::new(&text);
    mender.result.faults.extend(ends);
    mender.run();
    mender.into_mended()
}
