//! Built-in functions that lack what they cannot work without.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::resolve::environment::{Access, Function, Source};
use crate::spec::{builtins, path_of};

pub const RULE: Rule = Rule {
    code: Code::BuiltinUses,
    severities: &[Severity::Error],
    what: "A built-in function lacks access to the database or to audit records that it needs.",
    why: "\
        The permissions of a function's role are derived from `uses`. Without them its first login or record \
        is denied, and every invocation fails.",
    wrong: "[functions.validate-payment]\nsource = \"builtin:validate-payment\"",
    right: "\
        [functions.validate-payment]\n\
        source = \"builtin:validate-payment\"\n\
        uses = { database = \"write\", audit = \"write\" }",
    check: Some(check),
};

/// What a built-in function needs: of the database any of these, and of audit records.
struct Needs {
    builtin: &'static str,
    database: &'static [Access],
    audit: Option<Access>,
}

impl Needs {
    /// As one would type it.
    fn words(&self) -> &'static str {
        builtins::uses(self.builtin).unwrap_or_default()
    }
}

const NEEDS: [Needs; 4] = [
    Needs {
        builtin: "validate-payment",
        database: &[Access::Write],
        audit: Some(Access::Write),
    },
    Needs {
        builtin: "audit-relay",
        database: &[Access::Write],
        audit: Some(Access::Write),
    },
    Needs {
        builtin: "payment-status",
        database: &[Access::Read, Access::Write],
        audit: None,
    },
    Needs {
        builtin: "migrate",
        database: &[Access::Owner],
        audit: None,
    },
];

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let Source::Builtin(name) = &function.source.value else {
            continue;
        };
        let Some((_, span)) = written(&function.source) else {
            continue;
        };
        let path = path_of(&path_of("functions", &function.key), "uses");
        if context.is_unusable(&path)
            || context.is_unusable(&path_of(&path, "database"))
            || context.is_unusable(&path_of(&path, "audit"))
        {
            continue;
        }
        let needs = NEEDS.iter().find(|needs| needs.builtin == name);
        let Some(needs) = needs.filter(|needs| !has(function, needs)) else {
            continue;
        };
        let key = &function.key.value;
        let mut diagnostic = Diagnostic::error(
            Code::BuiltinUses,
            span,
            format!("the function `{key}` lacks access that `builtin:{name}` needs"),
        )
        .label(format!("needs `uses = {}`", needs.words()))
        .help(format!("write `uses = {}`", needs.words()));
        diagnostic = diagnostic.suggest_all(edits(context, function, needs, &path));
        for used in [&function.uses.database, &function.uses.audit] {
            if let Some((_, span)) = used.as_ref().and_then(written) {
                diagnostic = diagnostic.secondary(span, "what it has");
            }
        }
        found.push(diagnostic);
    }
}

fn has(function: &Function, needs: &Needs) -> bool {
    let uses = &function.uses;
    let database = uses.database.as_ref().map(|used| used.value);
    let audit = uses.audit.as_ref().map(|used| used.value);
    database.is_some_and(|used| needs.database.contains(&used))
        && needs.audit.is_none_or(|needed| audit == Some(needed))
}

/// What makes the function's `uses` the one that is needed: its table may be anywhere, and hold one of the two.
fn edits(context: &Context<'_>, function: &Function, needs: &Needs, path: &str) -> Vec<Edit> {
    let uses = [&function.uses.database, &function.uses.audit];
    if uses
        .iter()
        .all(|used| used.as_ref().and_then(written).is_none())
    {
        let table = context.place(&path_of("functions", &function.key));
        return vec![Edit::AddTo(table, format!("uses = {}", needs.words()))];
    }
    let wanted = [
        ("database", needs.database.first().copied()),
        ("audit", needs.audit),
    ];
    let pairs = wanted.into_iter().zip(uses);
    pairs
        .filter_map(|((key, wanted), used)| {
            let right = wanted.map(|wanted| format!("\"{}\"", wanted.as_str()));
            match (used.as_ref().and_then(written), right) {
                (Some((_, span)), Some(right)) => Some(Edit::Replace(span, right)),
                (None, Some(right)) => {
                    Some(Edit::AddTo(context.place(path), format!("{key} = {right}")))
                }
                (_, None) => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::NEEDS;
    use crate::resolve::environment::Access;

    #[test]
    fn the_words_say_what_is_needed() {
        for needs in &NEEDS {
            let words = needs.words();
            let database = needs.database[0].as_str();
            assert!(
                words.contains(&format!("database = \"{database}\"")),
                "{words}"
            );
            assert_eq!(words.contains("audit"), needs.audit == Some(Access::Write));
        }
    }
}
