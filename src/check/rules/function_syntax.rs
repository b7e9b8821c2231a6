//! Function code that is no Python.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::check::python::walk;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::FunctionSyntax,
    severities: &[Severity::Error],
    what: "\
        The module of the handler (handler.py), or one of the folder that it imports, is not valid Python: an unclosed bracket, a \
        block without indentation, a conflict marker of git, bytes that are not UTF-8, syntax newer than the \
        function's runtime. The grammar is checked in files up to 1 MiB, along unindented imports. Errors \
        that Python reports beyond the grammar, such as `return` outside a function, are not found.",
    why: "Python reads a module when it is imported, so every invocation fails.",
    wrong: "def handle(event, context:          # in functions/refund/handler.py",
    right: "def handle(event, context):",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let OwnCode {
            function,
            path,
            files,
            entry_file,
            key,
            span,
            ..
        } = own;
        let files: BTreeMap<&str, &[u8]> = files
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
            .collect();
        let folder = path.trim_end_matches('/');
        walk(
            &files,
            entry_file,
            &function.runtime.value,
            &mut |file, read| {
                let Err(fault) = read else { return };
                let message = format!("`{key}` contains invalid Python");
                found.push(
                    Diagnostic::error(Code::FunctionSyntax, span.clone(), message)
                        .label(format!("{folder}/{file}:{}: {}", fault.line, fault.reason))
                        .help(fault.help),
                );
            },
        );
    }
}
