//! Code that does not come with the compiler.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Source;
use crate::spec::nearest;

/// Functions whose code comes with the compiler; a test holds that the emitter has exactly these.
const BUILTINS: [&str; 6] = [
    "audit-relay",
    "health",
    "migrate",
    "payment-status",
    "secret-ages",
    "validate-payment",
];

pub const RULE: Rule = Rule {
    code: Code::UnknownBuiltin,
    severities: &[Severity::Error],
    what: "There is no built-in function with this name.",
    why: "`builtin:` refers to code that comes with the compiler. Write the path of your own folder without it.",
    wrong: "source = \"builtin:refund\"",
    right: "source = \"functions/refund\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let Source::Builtin(name) = &function.source.value else {
            continue;
        };
        let Some((_, span)) =
            written(&function.source).filter(|_| !BUILTINS.contains(&name.as_str()))
        else {
            continue;
        };
        let diagnostic = Diagnostic::error(
            Code::UnknownBuiltin,
            span,
            format!("unknown built-in function `{name}`"),
        )
        .label("not a built-in function");
        found.push(match nearest(name, BUILTINS) {
            Some(best) => diagnostic.did_you_mean(&format!("builtin:{best}")),
            None => diagnostic.help(format!(
                "there are {}; write the path of your own folder without `builtin:`",
                BUILTINS.join(", ")
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_emitter_has_exactly_these() {
        assert_eq!(crate::emit::assets::builtin_functions(), super::BUILTINS);
    }
}
