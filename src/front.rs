//! From the text of a spec to a checked environment: the first three stages in one call.

use crate::check;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, has_errors, sort};
use crate::load::Loader;
use crate::resolve::environment::Environment;
use crate::resolve::resolve;
use crate::spec;

/// Reads, resolves and checks a spec. The environment is there exactly when no diagnostic is an error; the diagnostics are
/// in the order of the file. `file_name` is how the author calls the spec, for texts that speak of files beside it; `today` decides
/// about diagnostics only.
pub fn compile_environment(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> (Option<Environment>, Vec<Diagnostic>) {
    let (raw, mut problems) = spec::read(text);
    let environment = resolve(raw, file_name, loader, &mut problems);
    check::check(&environment, today, &mut problems);
    let mut diagnostics = problems.into_diagnostics();
    sort(&mut diagnostics);
    let usable = !has_errors(&diagnostics);
    (usable.then_some(environment), diagnostics)
}
