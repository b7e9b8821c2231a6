//! Function code that Lambda cannot call.

use crate::check::Rule;
use crate::check::context::{Context, OwnCode, written};
use crate::check::python::{Binding, Statement, Token, binding, decode, scan};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::Entry;
use crate::resolve::environment::{Function, Source};

/// What Lambda takes: botocore, lambda, `Handler`.
const LONGEST: usize = 128;
/// How many values Lambda calls it with.
const VALUES: usize = 2;

pub const RULE: Rule = Rule {
    code: Code::FunctionEntry,
    severities: &[Severity::Error],
    what: "\
        The module that `handler` names has no function of that name that can be called with an event and a \
        context: there is none, it takes other arguments, or the name is not a function. One that comes from \
        an import, a call or a decorator is not checked. Also a `handler` that is not a module and a function \
        with a point between, or one for a function of the compiler's, which has its own.",
    why: "Lambda calls `handler.handle` (or what `handler` says) with two arguments; otherwise every invocation fails.",
    wrong: "def handler(event, context): ...   # in functions/refund/handler.py",
    right: "def handle(event, context): ...",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(context.environment.functions.iter().filter_map(unusable));
    for own in context.own_code() {
        let OwnCode {
            function,
            path,
            files,
            entry,
            entry_file,
            key,
            span,
        } = own;
        let Some((_, content)) = files.iter().find(|(name, _)| name == entry_file) else {
            continue;
        };
        let file = format!("{}/{entry_file}", path.trim_end_matches('/'));
        if let Some((label, help)) = fault(content, &function.runtime.value, &file, entry.function)
        {
            let message = format!("`{key}` has no handler that Lambda can call");
            found.push(
                Diagnostic::error(Code::FunctionEntry, span, message)
                    .label(label)
                    .help(help),
            );
        }
    }
}

/// What is wrong with the key itself.
fn unusable(function: &Function) -> Option<Diagnostic> {
    let (key, span) = written(&function.handler)?;
    // One whose source cannot be used has an error of its own.
    written(&function.source)?;
    let (label, help) = if let Source::Builtin(name) = &function.source.value {
        let label = format!("`builtin:{name}` has its own");
        (label, "remove it: it is for code in a folder")
    } else if Entry::of(&function.handler.value).is_none() {
        let label = "not a module and a function".to_owned();
        (
            label,
            "write `app.main` for the function `main` in app.py of the folder",
        )
    } else if function.handler.value.len() > LONGEST {
        let label = format!("longer than {LONGEST} characters");
        (
            label,
            "Lambda takes no longer one: use a module with a shorter path",
        )
    } else {
        return None;
    };
    let message = format!("`{key}` cannot be the function's handler");
    let told = Diagnostic::error(Code::FunctionEntry, span, message);
    Some(told.label(label).help(help))
}

/// What is wrong with the file and what to do.
fn fault(content: &[u8], runtime: &str, file: &str, entry: &str) -> Option<(String, String)> {
    let add = format!("add `def {entry}(event, context):`, which Lambda calls");
    // What Python cannot read has an error of its own.
    let text = decode(content).ok()??;
    let statements = scan(&text, runtime).ok()??;
    if statements.is_empty() {
        return Some((format!("`{file}` contains no code"), add));
    }
    match binding(&statements, entry) {
        Binding::Absent => {
            let help = match nearest(&statements, entry) {
                Some(other) => format!("rename `{other}` to `{entry}`, which Lambda calls"),
                None => add,
            };
            Some((format!("`{file}` defines no `{entry}`"), help))
        }
        Binding::Coroutine => Some((
            format!("`{entry}` in `{file}` is a coroutine, which Lambda does not await"),
            format!("write `def {entry}(event, context):`, and in it `return asyncio.run(…)`"),
        )),
        Binding::Function(parameters) if !parameters.take(VALUES) => Some((
            format!("`{entry}` in `{file}` cannot be called with {VALUES} arguments"),
            format!("write `def {entry}(event, context):`"),
        )),
        Binding::Value => Some((
            format!("`{entry}` in `{file}` is not a function after the import"),
            format!("make `def {entry}(event, context):` the last definition of that name"),
        )),
        Binding::Function(_) | Binding::Unknown => None,
    }
}

/// A function that is probably meant: it has such a name, or is the only one.
fn nearest<'a>(statements: &[Statement<'a>], entry: &str) -> Option<&'a str> {
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
        usual.contains(*name) || strsim::levenshtein(&name.to_lowercase(), entry) <= 2
    };
    let mut others = names.iter().filter(|name| **name != entry);
    others.find(is_usual).copied()
}
