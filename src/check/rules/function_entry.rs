//! Function code that Lambda cannot call.

use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::check::python::{Binding, Statement, Token, binding, decode, scan};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::HANDLER;

/// The function in the file that Lambda calls, with so many values.
const ENTRY: &str = "handle";
const VALUES: usize = 2;

pub const RULE: Rule = Rule {
    code: Code::FunctionEntry,
    severities: &[Severity::Error],
    what: "\
        handler.py has no function that can be called as `handle(event, context)`: there is none, it takes \
        other arguments, or the name is not a function. A `handle` that comes from an import, a call or a \
        decorator is not checked.",
    why: "Lambda calls `handler.handle` with two arguments; otherwise every invocation fails.",
    wrong: "def handler(event, context): ...   # in functions/refund/handler.py",
    right: "def handle(event, context): ...",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let OwnCode {
            function,
            path,
            files,
            key,
            span,
        } = own;
        let Some((_, content)) = files.iter().find(|(name, _)| name == HANDLER) else {
            continue;
        };
        let file = format!("{}/{HANDLER}", path.trim_end_matches('/'));
        if let Some((label, help)) = fault(content, &function.runtime.value, &file) {
            let message = format!("`{key}` has no handler that Lambda can call");
            found.push(
                Diagnostic::error(Code::FunctionEntry, span, message)
                    .label(label)
                    .help(help),
            );
        }
    }
}

/// What is wrong with the file and what to do.
fn fault(content: &[u8], runtime: &str, file: &str) -> Option<(String, String)> {
    let add = "add `def handle(event, context):`, which Lambda calls".to_owned();
    // What Python cannot read has an error of its own.
    let text = decode(content).ok()??;
    let statements = scan(&text, runtime).ok()??;
    if statements.is_empty() {
        return Some((format!("`{file}` contains no code"), add));
    }
    match binding(&statements, ENTRY) {
        Binding::Absent => {
            let help = match nearest(&statements) {
                Some(other) => format!("rename `{other}` to `{ENTRY}`, which Lambda calls"),
                None => add,
            };
            Some((format!("`{file}` defines no `{ENTRY}`"), help))
        }
        Binding::Coroutine => Some((
            format!("`{ENTRY}` in `{file}` is a coroutine, which Lambda does not await"),
            "write `def handle(event, context):`, and in it `return asyncio.run(…)`".to_owned(),
        )),
        Binding::Function(parameters) if !parameters.take(VALUES) => Some((
            format!("`{ENTRY}` in `{file}` cannot be called with {VALUES} arguments"),
            "write `def handle(event, context):`".to_owned(),
        )),
        Binding::Value => Some((
            format!("`{ENTRY}` in `{file}` is not a function after the import"),
            "make `def handle(event, context):` the last definition of that name".to_owned(),
        )),
        Binding::Function(_) | Binding::Unknown => None,
    }
}

/// A function that is probably meant: it has such a name, or is the only one.
fn nearest<'a>(statements: &[Statement<'a>]) -> Option<&'a str> {
    let names: Vec<&str> = statements
        .iter()
        .filter(|statement| statement.is_top)
        .filter_map(|statement| match statement.tokens.as_slice() {
            [word, Token::Word(name), ..] if word.is("def") => Some(*name),
            _ => None,
        })
        .collect();
    let usual = ["handler", "lambda_handler", "Handle", "main"];
    let is_usual = |name: &&&str| {
        usual.contains(*name) || strsim::levenshtein(&name.to_lowercase(), ENTRY) <= 2
    };
    let mut others = names.iter().filter(|name| **name != ENTRY);
    others.find(is_usual).copied()
}
