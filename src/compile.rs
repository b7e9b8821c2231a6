//! The stages in one call: text of a spec in, diagnostics and the files of a project out; or the first three, for what needs no
//! graph. Touches no disk but through the loader.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::check;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, has_errors, sort};
use crate::emit::{Emitted, File, LineMap, emit};
use crate::judge::judge;
use crate::load::Loader;
use crate::resolve::environment::Environment;
use crate::resolve::resolve;
use crate::spec;
use crate::stack::graph::Stack;

/// What became of a spec.
#[derive(Debug)]
pub struct Compilation {
    /// In the order of the spec.
    pub diagnostics: Vec<Diagnostic>,
    /// There exactly when no diagnostic is an error.
    pub output: Option<Output>,
    /// How long each stage took.
    pub timings: Vec<(&'static str, Duration)>,
}

#[derive(Debug)]
pub struct Output {
    pub environment: Environment,
    pub stack: Stack,
    /// Sorted by path.
    pub files: Vec<File>,
    /// What lines of the files are, by path.
    pub lines: BTreeMap<String, LineMap>,
}

/// A spec after the stages that judge it, before anything is printed.
#[derive(Debug)]
pub struct Judged {
    /// In the order of the spec.
    pub diagnostics: Vec<Diagnostic>,
    /// There exactly when no diagnostic is an error.
    pub model: Option<Model>,
    pub timings: Vec<(&'static str, Duration)>,
}

/// What a spec means.
#[derive(Debug)]
pub struct Model {
    pub environment: Environment,
    pub stack: Stack,
}

/// Compiles a spec. `file_name` is how its author calls it. `today` decides about diagnostics only: about waivers that
/// expire, and support that ends. An error, as opposed to a diagnostic, is a defect of the
/// compiler.
pub fn compile(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> anyhow::Result<Compilation> {
    judge_spec(text, file_name, loader, today)?.compile()
}

/// The stages up to the judged graph: all that can be said about a spec, and no file.
pub fn judge_spec(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> anyhow::Result<Judged> {
    let mut clock = Clock::start();
    let (environment, mut diagnostics) = compile_environment(text, file_name, loader, today);
    clock.lap("spec, resolve, check");
    let mut model = None;
    if let Some(environment) = environment {
        let mut stack = Stack::build(&environment)?;
        clock.lap("stack");
        diagnostics.extend(judge(&mut stack, &environment, today));
        sort(&mut diagnostics);
        clock.lap("judge");
        model = (!has_errors(&diagnostics)).then_some(Model { environment, stack });
    }
    Ok(Judged {
        diagnostics,
        model,
        timings: clock.laps,
    })
}

/// What a spec meant that was committed some day: errors that only the date makes are none, since it was built before it. Nothing if
/// this compiler cannot read it.
pub fn earlier_model(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> anyhow::Result<Option<Model>> {
    let Ok(whole) = spec::with_base(text, loader) else {
        return Ok(None);
    };
    let (raw, mut problems) = spec::read(whole.as_deref().unwrap_or(text));
    let environment = resolve(raw, file_name, loader, &mut problems);
    check::check(&environment, today, &mut problems);
    let is_wrong = |found: &Diagnostic| found.is_error() && !DATED.contains(&found.code);
    if problems.into_diagnostics().iter().any(is_wrong) {
        return Ok(None);
    }
    let mut stack = Stack::build(&environment)?;
    let found = judge(&mut stack, &environment, today);
    Ok((!found.iter().any(is_wrong)).then_some(Model { environment, stack }))
}

/// What becomes wrong by itself, or was right for the version that built it.
const DATED: [Code; 7] = [
    Code::AuthorityExpiry,
    Code::UnauthenticatedRoute,
    Code::EngineEndOfSupport,
    Code::RuntimeEndOfSupport,
    Code::ExpiredWaiver,
    Code::UnusedWaiver,
    Code::ExpiredOverride,
];

impl Judged {
    /// Adds what was found later.
    pub fn extend(&mut self, found: Vec<Diagnostic>) {
        self.diagnostics.extend(found);
        sort(&mut self.diagnostics);
        if has_errors(&self.diagnostics) {
            self.model = None;
        }
    }

    /// Prints the project of a spec without errors.
    pub fn compile(self) -> anyhow::Result<Compilation> {
        let mut clock = Clock::start();
        clock.laps = self.timings;
        let mut output = None;
        if let Some(Model { environment, stack }) = self.model {
            let Emitted { files, lines } = emit(&environment, &stack)?;
            clock.lap("emit");
            output = Some(Output {
                environment,
                stack,
                files,
                lines,
            });
        }
        Ok(Compilation {
            diagnostics: self.diagnostics,
            output,
            timings: clock.laps,
        })
    }
}

/// Reads, resolves and checks a spec. Places in the diagnostics are those of the text with its base behind it: `spec::with_base`. The environment is there exactly when no diagnostic is an error; the diagnostics are
/// in the order of the file. `file_name` is how the author calls the spec, for texts that speak of files beside it; `today` decides
/// about diagnostics only.
pub fn compile_environment(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> (Option<Environment>, Vec<Diagnostic>) {
    let whole = match spec::with_base(text, loader) {
        Ok(whole) => whole,
        Err(refused) => return (None, vec![*refused]),
    };
    let (raw, mut problems) = spec::read(whole.as_deref().unwrap_or(text));
    let environment = resolve(raw, file_name, loader, &mut problems);
    check::check(&environment, today, &mut problems);
    let mut diagnostics = problems.into_diagnostics();
    sort(&mut diagnostics);
    let usable = !has_errors(&diagnostics);
    (usable.then_some(environment), diagnostics)
}

struct Clock {
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn start() -> Self {
        Self {
            last: Instant::now(),
            laps: Vec::new(),
        }
    }

    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, now - self.last));
        self.last = now;
    }
}
