//! An import that finds nothing where the function runs.

use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::check::python::missing_modules;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownModule,
    severities: &[Severity::Warning],
    what: "\
        The module of the handler, or one of the folder that it imports, imports a module that is neither in the \
        folder nor in Python, Lambda's runtime or the layer of all functions. Where packages are installed, `pulumi preview` looks for their modules. Only unindented imports are \
        checked; an import in a function or a `try` may be optional.",
    why: "\
        The import fails at the first invocation. `payments`, which the built-in functions share, is \
        packaged with a function of your own only if it has `library`.",
    wrong: "import requests                     # in functions/refund/handler.py",
    right: "import urllib.request",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let OwnCode {
            function,
            path,
            key,
            span,
            ..
        } = own;
        for (module, file) in missing_modules(function) {
            // Which modules packages bring is known when they are installed: the deployment looks at the others.
            let is_installed = !function.packages.locked.is_empty();
            if is_installed && module != "payments" {
                continue;
            }
            let folder = path.trim_end_matches('/');
            let label = format!("`{folder}/{file}` imports `{module}`");
            let message = format!("`{key}` imports a module that is not packaged");
            let help = if module == "payments" {
                "add `library = \"payments\"`: it is packaged only where a function asks for it"
                    .to_owned()
            } else {
                format!(
                    "lock the package with `{module}` in requirements.txt, or put it into the folder, if it is pure Python"
                )
            };
            found.push(
                Diagnostic::warning(Code::UnknownModule, span.clone(), message)
                    .label(label)
                    .help(help),
            );
        }
    }
}
