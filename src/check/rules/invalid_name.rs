//! Names chosen by the author that AWS, PostgreSQL or Python would not take.

use std::sync::LazyLock;

use regex::Regex;

use crate::catalogue::reserved_names;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::SHORT_NAME_LENGTH;
use crate::origin::Value;
use crate::resolve::environment::{Backend, Environment};
use crate::spec::latin;

pub const RULE: Rule = Rule {
    code: Code::InvalidName,
    severities: &[Severity::Error],
    what: "A name is not valid for the resources that are named after it.",
    why: "\
        Names of AWS resources, Python modules and database users are built from these names; the strictest \
        rules apply.",
    wrong: "[functions.Validate_Payment]",
    right: "[functions.validate-payment]",
    check: Some(check),
};

/// A form that a name must have.
struct Form {
    accepts: fn(&str) -> bool,
    words: &'static str,
}

/// So many names are compared with all that routes call.
pub const MOST_COMPARED: usize = 100;

/// No name in AWS that is made from a word takes a longer one.
const WORD_LENGTH: usize = 63;

const KEBAB: Form = Form {
    accepts: |name| {
        name.len() <= WORD_LENGTH
            && is_kebab(name)
            && name.starts_with(|c: char| c.is_ascii_lowercase())
    },
    words: "lower-case words joined by single hyphens, beginning with a letter, at most 63 characters",
};
const SUFFIX: Form = Form {
    accepts: |name| name.len() <= WORD_LENGTH && is_kebab(name),
    words: "lower-case letters and digits, joined by single hyphens, at most 63 characters",
};
const FOLDER: Form = Form {
    accepts: is_folder,
    words: "lower-case letters and digits, joined by single hyphens, underscores or dots, at most 63 characters",
};
const MODULE: Form = Form {
    accepts: |name| !TAKEN_MODULES.split(' ').any(|taken| taken == name),
    words: "another word: Python or the generated project already uses this one",
};
const SHORT: Form = Form {
    accepts: |name| (KEBAB.accepts)(name) && name.len() <= SHORT_NAME_LENGTH,
    words: "lower-case words joined by single hyphens, at most ten characters",
};
const POSTGRES: Form = Form {
    accepts: |name| is_identifier(name) && !reserved_names().of_database().any(|word| word == name),
    words: "a lower-case PostgreSQL name of at most 63 characters that neither PostgreSQL nor RDS reserves",
};
const APPLICATION: Form = Form {
    accepts: |name| (POSTGRES.accepts)(name) && name.len() <= 57,
    words: "a lower-case PostgreSQL name of at most 57 characters that neither PostgreSQL nor RDS reserves: readers have one with `_read` behind it, the relay `_relay`",
};
const TAG: Form = Form {
    accepts: |name| {
        !name.trim().is_empty()
            && name.trim() == name
            && name.chars().count() <= 256
            && name.chars().all(is_of_tag)
            && !RESERVED_IN_TAGS
                .iter()
                .any(|reserved| name.to_ascii_lowercase().starts_with(reserved))
    },
    words: "a tag value: letters, digits, spaces and _ . : / = + - @, at most 256, beginning with neither aws: nor rds:",
};
const ACCOUNT: Form = Form {
    accepts: |name| name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit()),
    words: "an account id of twelve digits",
};
const BUCKET: Form = Form {
    accepts: |name| {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        (3..=63).contains(&name.len())
            && name.chars().all(allowed)
            && edge(name.chars().next())
            && edge(name.chars().last())
            && !name.contains("..")
    },
    words: "a bucket name: 3 to 63 lower-case letters, digits, hyphens or dots",
};
const MODEL: Form = Form {
    accepts: |name| {
        name.chars().any(|c| c.is_ascii_alphabetic()) && is_kebab(&name.replace('_', "-"))
    },
    words: "a file named in lower-case words, as a model is named after it",
};

/// What AWS and RDS keep for tags of their own, in any case.
pub const RESERVED_IN_TAGS: [&str; 2] = ["aws:", "rds:"];

/// Words of Python's, and names that the modules around a function's own use already.
const TAKEN_MODULES: &str = "\
    abs aiter all and anext any args arguments as ascii assert async await bin bool break breakpoint \
    bytearray bytes callable case child chr class classmethod compile complex component continue \
    copyright credits def del delattr dict dir divmod elif else enumerate eval except exec exit false \
    filter finally float for format from frozenset function functions functions-args getattr global \
    globals hasattr hash help hex i id if import in input int is isinstance issubclass iter l lambda \
    len license list locals map match max memoryview min naming next none nonlocal not o object oct \
    open opts or ord pass payments pow print property pulumi quit raise range repr return reversed round self \
    set setattr slice sorted staticmethod str sum super true try tuple type vars while with yield zip";
/// What every service takes in a tag: `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, of the spaces only the usual one. Rust's own `is_alphanumeric` holds
/// vowel signs and circled letters for letters, AWS does not.
pub fn is_of_tag(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || " _.:/=+-@".contains(character);
    }
    let letters = LETTERS_AND_DIGITS.as_ref();
    letters.is_some_and(|letters| letters.is_match(character.encode_utf8(&mut [0; 4])))
}

/// Made only where a tag holds other letters than those of ASCII.
static LETTERS_AND_DIGITS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}]$").ok());

fn is_kebab(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.split('-').all(is_word)
}

/// A name that every system takes for a folder, and git for no other.
fn is_folder(name: &str) -> bool {
    let is_word = |word: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !word.is_empty() && word.chars().all(fits)
    };
    name.len() <= WORD_LENGTH && name.split(['-', '_', '.']).all(is_word)
}

fn is_identifier(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with("pg_")
        && !name.starts_with("rds_")
}

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let database = &environment.database;
    let mut names: Vec<(&Value<String>, &Form)> = vec![
        (&environment.name, &KEBAB),
        (&environment.suffix, &SUFFIX),
        (&environment.owner, &TAG),
        (&environment.output.folder, &FOLDER),
        (&database.name, &POSTGRES),
        (&database.master_username, &POSTGRES),
        (&database.application_username, &APPLICATION),
    ];
    names.extend(
        environment
            .allowed_account_ids
            .iter()
            .map(|id| (id, &ACCOUNT)),
    );
    let mut compared = 0;
    for function in &environment.functions {
        if compared < MOST_COMPARED {
            let told = of_function(&function.key, context);
            compared += usize::from(told.is_some());
            found.extend(told);
        } else {
            names.push((&function.key, &KEBAB));
        }
        names.push((&function.key, &MODULE));
        names.push((&function.short_name, &SHORT));
    }
    for plan in &environment.api.plans {
        names.push((&plan.key, &KEBAB));
        names.extend(plan.api_keys.iter().map(|key| (key, &KEBAB)));
    }
    match &environment.state.backend {
        Backend::S3 { bucket, .. } => names.push((bucket, &BUCKET)),
        Backend::PulumiCloud { organization } => names.push((organization, &SUFFIX)),
        Backend::Local => {}
    }
    found.extend(
        names
            .into_iter()
            .filter_map(|(name, form)| judge(name, &name.value, form)),
    );
    let bodies = environment
        .api
        .routes
        .iter()
        .filter_map(|route| route.body.as_ref());
    found.extend(bodies.filter_map(|body| judge(body, &body.name, &MODEL)));
    same_user(context, found);
}

/// Functions must not log in as the master user.
fn same_user(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let database = &context.environment.database;
    let (master, application) = (&database.master_username, &database.application_username);
    let own = ["", "_read", "_relay"].map(|end| format!("{}{end}", application.value));
    if !own.contains(&master.value) {
        return;
    }
    let span = context.span(application, "database.application_username");
    found.push(
        Diagnostic::error(Code::InvalidName, span, "functions would log in as the master user")
            .label(format!("`{}` is the master user's name too", master.value))
            .note("a user with `rds_iam` cannot log in by password: the managed secret would stop working")
            .help("give the two users different names"),
    );
}

/// A function's name, which routes repeat: where they call it by its right name, that one was meant, and else they change with it.
fn of_function(key: &Value<String>, context: &Context<'_>) -> Option<Diagnostic> {
    let told = judge(key, key, &KEBAB)?;
    let Some(right) = meant_function(key, context.environment) else {
        return Some(told);
    };
    let is_taken = |name: &str| {
        let mut functions = context.environment.functions.iter();
        functions.any(|function| function.key.value == name)
    };
    let (code, span) = (told.code, told.span.clone());
    let untold = Diagnostic::error(code, span.clone(), told.message).label(told.label);
    if is_taken(&right) {
        return Some(untold.help(format!("write another name: there is a function `{right}`")));
    }
    let calls = called(context.environment).filter(|called| called.value == key.value);
    let calls = calls.filter_map(|called| Some(written(called)?.1));
    let edits = std::iter::once(span).chain(calls);
    let edits = edits.map(|place| Edit::Replace(place, format!("\"{right}\"")));
    let help = format!("write `{right}`");
    Some(untold.help(help).suggest_all(edits.collect()))
}

/// The functions that routes call.
fn called(environment: &Environment) -> impl Iterator<Item = &Value<String>> {
    let api = environment.api.routes.iter().map(|route| &route.function);
    let load_balancer = environment.load_balancer.routes.iter();
    api.chain(load_balancer.map(|route| &route.function))
}

/// What was meant by a function's name that cannot be one.
pub fn meant_function(name: &str, environment: &Environment) -> Option<String> {
    if (KEBAB.accepts)(name) {
        return None;
    }
    let mut ways = vec![repaired(name), repaired(name).replace('-', "")];
    ways.extend(name.rsplit(['.', '/', ' ', '_']).next().map(repaired));
    ways.retain(|way| (KEBAB.accepts)(way));
    let has_table = |called: &str| {
        let mut functions = environment.functions.iter();
        functions.any(|function| function.key.value == called)
    };
    let is_wanted =
        |way: &&String| called(environment).any(|called| called.value == **way) && !has_table(way);
    let found = ways.iter().find(is_wanted).or_else(|| ways.first());
    found.cloned()
}

/// Lower-case words with hyphens, in Latin letters.
fn repaired(name: &str) -> String {
    let plain: String = name.chars().map(|c| latin(c).unwrap_or(c)).collect();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    words.collect::<Vec<_>>().join("-")
}

/// What the key holds, as a message calls it.
fn noun(key: &str) -> &'static str {
    let last = key.rsplit_once('.').map_or(key, |(_, last)| last);
    match last {
        "suffix" => "suffix",
        "owner" => "value of a tag",
        _ if last.starts_with("allowed_account_ids[") => "account ID",
        _ if last.ends_with("username") => "user name",
        _ => "name",
    }
}

fn judge<T>(value: &Value<T>, name: &str, form: &Form) -> Option<Diagnostic> {
    let (key, span) = written(value).filter(|_| !(form.accepts)(name))?;
    let diagnostic = Diagnostic::error(
        Code::InvalidName,
        span,
        format!("`{key}` is not a valid {}", noun(key)),
    )
    .label(format!("must be {}", form.words));
    let repaired = repaired(name);
    // A reserved word is well formed, so that another word before it makes it free.
    let longer = format!("payments_{name}");
    let is_reserved = reserved_names().of_database().any(|word| word == name);
    Some(if repaired != name && (form.accepts)(&repaired) {
        diagnostic
            .help(format!("write `{repaired}`"))
            .replace_with(format!("\"{repaired}\""))
    } else if is_reserved && (form.accepts)(&longer) {
        diagnostic
            .help(format!("write another name, for example \"{longer}\""))
            .replace_with(format!("\"{longer}\""))
    } else {
        diagnostic
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{bounds, kinds};

    #[test]
    fn a_tag_that_is_taken_is_one_for_every_service() {
        let mut patterns = 0;
        for kind in kinds() {
            let Some(row) = bounds(kind.class).and_then(|rows| rows.get("tags")) else {
                continue;
            };
            assert!(row.max.is_none_or(|max| max >= 256), "{}", kind.class);
            let Some(pattern) = &row.pattern else {
                continue;
            };
            patterns += 1;
            let pattern = Regex::new(pattern).unwrap();
            // The alphabets, and signs of many kinds behind them.
            let all = ('\u{20}'..='\u{3000}').filter(|character| is_of_tag(*character));
            let all: String = all.collect();
            assert!(pattern.is_match(&all), "{}", kind.class);
        }
        assert!(patterns > 8, "{patterns}");
    }

    #[test]
    fn forms_accept_and_refuse() {
        let cases: &[(&Form, &str, bool)] = &[
            (&SUFFIX, "main", true),
            (&SUFFIX, "42", true),
            (&SUFFIX, "pr-42", true),
            (&SUFFIX, "pr--42", false),
            (&SUFFIX, "-pr", false),
            (&SUFFIX, "pr-", false),
            (&SUFFIX, "Main", false),
            (&SUFFIX, "", false),
            (&KEBAB, "42x", false),
            (&MODULE, "lambda", false),
            (&KEBAB, "validate-payment", true),
            (&SHORT, "validate-pay", false),
            (&POSTGRES, "payments_app", true),
            (&POSTGRES, "postgres", false),
            (&POSTGRES, "pg_x", false),
            (&POSTGRES, "rds_x", false),
            (&POSTGRES, "authorization", false),
            (&POSTGRES, "orders", true),
            (&APPLICATION, "select", false),
            (&APPLICATION, "rdsadmin", false),
            (&TAG, "payments platform (eu)", false),
            (&TAG, "payments-platform@example.com", true),
            (
                &TAG,
                "Zahlungen \u{e9}\u{652f}\u{4ed8}\u{5e9}\u{ff11}\u{bd}\u{2167}",
                true,
            ),
            (&TAG, "vowel sign \u{93f}", false),
            (&TAG, "vowel sign \u{947}", false),
            (&TAG, "circled \u{24d0}", false),
            (&TAG, "accent e\u{301}", false),
            (&TAG, "narrow\u{a0}space", false),
            (&TAG, "aws:payments", false),
            (&TAG, "AWS:payments", false),
            (&TAG, "rds:payments", false),
            (&TAG, "awsome", true),
            (&ACCOUNT, "12345678901", false),
            (&BUCKET, "our-pulumi-state", true),
            (&BUCKET, "a..b", false),
        ];
        for (form, name, accepted) in cases {
            assert_eq!((form.accepts)(name), *accepted, "{name}");
        }
    }
}
