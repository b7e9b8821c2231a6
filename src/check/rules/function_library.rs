//! What the built-in functions share, asked for where it cannot be.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::{Function, Source};

pub const RULE: Rule = Rule {
    code: Code::FunctionLibrary,
    severities: &[Severity::Error],
    what: "\
        A function asks for a library that its folder has a module of the same name beside, or it is one of the \
        compiler's, which bring it along.",
    why: "Both would stand in one place of the archive, and one of them would be missing there.",
    wrong: "library = \"payments\"               # source = \"functions/refund\", which holds payments.py",
    right: "library = \"payments\"               # source = \"functions/refund\", which holds refunds.py",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(context.environment.functions.iter().filter_map(misplaced));
}

fn misplaced(function: &Function) -> Option<Diagnostic> {
    let library = function.library.as_ref()?;
    let (key, span) = written(library)?;
    // A source that cannot be used has an error of its own.
    written(&function.source)?;
    let name = library.value.as_str();
    let (label, help) = match &function.source.value {
        Source::Builtin(builtin) => {
            let label = format!("`builtin:{builtin}` brings it along");
            (label, "remove it: it is for code in a folder".to_owned())
        }
        Source::Folder { files, path, .. } => {
            let (module, package) = (format!("{name}.py"), format!("{name}/"));
            let mut files = files.iter().map(|(file, _)| file);
            let own = files.find(|file| **file == module || file.starts_with(&package))?;
            let label = format!("`{}/{own}` has its name", path.trim_end_matches('/'));
            (
                label,
                format!("give your own `{name}` another name, or remove `library`"),
            )
        }
    };
    let message = format!("`{key}` cannot be packaged with the function");
    Some(
        Diagnostic::error(Code::FunctionLibrary, span, message)
            .label(label)
            .help(help),
    )
}
