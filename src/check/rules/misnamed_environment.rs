//! A name that says another class than the environment has.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::requirements::Class;

pub const RULE: Rule = Rule {
    code: Code::MisnamedEnvironment,
    severities: &[Severity::Error],
    what: "The name of the environment says another class than `environment.class`.",
    why: "\
        The name stands in every resource's name and tag: whoever reads `rds-production-main` takes it for a \
        database that nobody can destroy by a slip. `environment.class` decides that, and is `staging` where \
        nothing is written.",
    wrong: "[environment]\nname = \"production\"",
    right: "[environment]\nname = \"production\"\nclass = \"production\"",
    check: Some(check),
};

/// What people call environments of a class, as a word of the name.
const CALLED: [(&str, Class); 9] = [
    ("dev", Class::Development),
    ("develop", Class::Development),
    ("development", Class::Development),
    ("stage", Class::Staging),
    ("staging", Class::Staging),
    ("stg", Class::Staging),
    ("prd", Class::Production),
    ("prod", Class::Production),
    ("production", Class::Production),
];

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let class = environment.class;
    let name = &environment.name;
    let Some((key, span)) = written(name) else {
        return;
    };
    if context.is_unusable("environment.class") {
        return;
    }
    let words = name.value.split('-');
    let says = |word: &str| CALLED.iter().find(|(called, _)| *called == word);
    let said: Vec<&(&str, Class)> = words.filter_map(says).collect();
    // `pre-production` beside `staging`: one word may qualify another.
    if said.iter().any(|(_, said)| *said == class) {
        return;
    }
    let Some((word, said)) = said.first() else {
        return;
    };
    let (said, class) = (said.as_str(), class.as_str());
    let message = format!("`{key}` says {said}, and the class of the environment is {class}");
    let told = Diagnostic::error(Code::MisnamedEnvironment, span, message).label(format!(
        "`{word}` is what people call an environment of the class {said}"
    ));
    if let Some((_, class)) = written(&environment.identity.class) {
        let told = told.secondary(class, "the class");
        found
            .push(told.help("give it a name that fits its class, or the class that fits its name"));
        return;
    }
    let line = format!("class = \"{said}\"");
    let header = context.place("environment");
    found.push(
        told.help(format!("add `{line}`, or give it another name"))
            .suggest(Edit::AddTo(header, line)),
    );
}
