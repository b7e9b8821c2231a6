//! The whole compiler in one call: text of a spec in, diagnostics and the files of a project out. Touches no disk but
//! through the loader.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::check::{default_quotas, name_lengths, over_budget, refused_by_aws, settle_overrides};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, has_errors, sort};
use crate::emit::{Emitted, File, LineMap, emit};
use crate::load::Loader;
use crate::resolve::environment::Environment;
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

/// Compiles a spec. `file_name` is how its author calls it. `today` decides about diagnostics only: about waivers that
/// expire, and support that ends. An error, as opposed to a diagnostic, is a defect of the
/// compiler.
pub fn compile(
    text: &str,
    file_name: &str,
    loader: &dyn Loader,
    today: Date,
) -> anyhow::Result<Compilation> {
    let mut clock = Clock::start();
    let (environment, mut diagnostics) = crate::compile_environment(text, file_name, loader, today);
    clock.lap("spec, resolve, check");
    let Some(environment) = environment else {
        return Ok(Compilation {
            diagnostics,
            output: None,
            timings: clock.laps,
        });
    };
    let mut stack = Stack::build(&environment)?;
    let (settings, refused) = settle_overrides(&stack, &environment);
    stack.apply(settings);
    diagnostics.extend(refused);
    diagnostics.extend(refused_by_aws(&stack, &environment));
    diagnostics.extend(name_lengths(&stack.name_uses(), &environment));
    diagnostics.extend(default_quotas(&stack, &environment));
    if environment.monthly_budget_usd.is_some() {
        let cost = stack.monthly_cost(&environment);
        diagnostics.extend(over_budget(&cost, &environment));
    }
    sort(&mut diagnostics);
    clock.lap("stack");
    if has_errors(&diagnostics) {
        return Ok(Compilation {
            diagnostics,
            output: None,
            timings: clock.laps,
        });
    }
    let Emitted { files, lines } = emit(&environment, &stack)?;
    clock.lap("emit");
    let output = Some(Output {
        environment,
        stack,
        files,
        lines,
    });
    Ok(Compilation {
        diagnostics,
        output,
        timings: clock.laps,
    })
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
