//! Text → `RawSpec`. Which keys there are is declared in `format/`.

use toml::de::DeTable;

use super::based::read_based;
use super::problems::{Places, Problems};
use super::reader::{Reader, Sink};
use super::syntax;
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{RawSpec, Written as _};
use crate::whole::parts;

/// The largest spec: some 40,000 tables, far more than an account has room for.
pub const MOST_BYTES: usize = 4 << 20;

fn too_large() -> Diagnostic {
    Diagnostic::error(Code::TooLarge, 0..0, "the file is too large for a spec")
        .label(format!("has more than {} MiB", MOST_BYTES >> 20))
        .help("a spec is some kilobytes of text; see whether this is the right file")
}

/// Reads the whole file. What cannot be read is left out of the result and told in the problems.
pub fn read(text: &str) -> (RawSpec, Problems) {
    if text.len() > MOST_BYTES {
        let (spec, mut problems) = read_mended("", syntax::Mended::default());
        problems.syntax_error("", too_large());
        return (spec, problems);
    }
    if let Some(parts) = parts(text) {
        let (own, errors) = DeTable::parse_recoverable(parts.own);
        if errors.is_empty() {
            return read_based(text, &parts, own.into_inner(), Sink::default());
        }
        // What the file leaves to its base is not known: only that it is no TOML is told.
        let (spec, mut problems) = read_broken(parts.own);
        problems.only_syntax();
        return (spec, problems);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return read_broken(text);
    }
    let sink = Sink::default();
    let end = text.trim_end().len();
    let spec = RawSpec::read(Reader::of_file(document.get_ref(), text, end, &sink));
    let mut problems = sink.into_inner();
    if document.get_ref().is_empty() {
        problems.found_nothing();
    } else if problems.has_stray_keys() {
        let mended = syntax::mend(text);
        if mended.is_of_places() {
            return read_mended(text, mended);
        }
    }
    (spec, problems)
}

/// Reads a file that is no TOML as it was meant, as far as one can tell.
fn read_broken(text: &str) -> (RawSpec, Problems) {
    read_mended(text, syntax::mend(text))
}

fn read_mended(text: &str, mended: syntax::Mended) -> (RawSpec, Problems) {
    let (document, errors) = DeTable::parse_recoverable(&mended.text);
    let sink = Sink::default();
    let end = mended.text.trim_end().len();
    let spec = RawSpec::read(Reader::of_file(
        document.get_ref(),
        &mended.text,
        end,
        &sink,
    ));
    let mut problems = sink.into_inner();
    for error in errors {
        let end = mended.text.len();
        let span = mended.map.back(error.span().unwrap_or(end..end));
        if mended
            .guessed
            .iter()
            .any(|guess| guess.start <= span.start && span.start <= guess.end)
        {
            continue;
        }
        problems.syntax_error(
            text,
            Diagnostic::error(Code::TomlSyntax, span, syntax::MESSAGE)
                .label(error.message().to_owned()),
        );
    }
    problems.mended(mended);
    (spec, problems)
}

/// Every key that the file may have, with the place of each that it has. Named tables count as they are written.
pub fn known_keys(text: &str) -> Places {
    let sink = Sink::new(Problems::remembering());
    if let Some(parts) = parts(text) {
        let (own, _) = DeTable::parse_recoverable(parts.own);
        let (_, problems) = read_based(text, &parts, own.into_inner(), sink);
        return problems.into_asked();
    }
    let (document, _) = DeTable::parse_recoverable(text);
    RawSpec::read(Reader::of_file(document.get_ref(), text, text.len(), &sink));
    sink.into_inner().into_asked()
}
