//! `[functions.*]`: code, limits, what each uses, and the short name for resources with tight limits.

use super::environment::{Access, Function, Source, Uses};
use super::resolver::{Resolver, STAND_IN, Unusable, place, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{Fill as _, Key, Named, RawFunction, RawUses, SHORT_NAME_LENGTH};
use crate::load::{LeftOut, MOST_BYTES};
use crate::origin::{Origin, Value};
use crate::project_path;

/// File with the entry point of a function: `handler.handle`.
pub const HANDLER: &str = "handler.py";

impl Resolver<'_> {
    pub fn functions(&mut self, raw: Vec<Named<RawFunction>>) -> Vec<Function> {
        raw.into_iter().map(|raw| self.function(raw)).collect()
    }

    fn function(&mut self, raw: Named<RawFunction>) -> Function {
        let Named {
            name: key,
            table: mut raw,
        } = raw;
        let settings = raw.settings(self);
        let stand_in = "builtin:health".to_owned();
        let source = self.required(raw.source, &raw.header, &RawFunction::source, stand_in);
        let short_name = raw.short_name.unwrap_or_else(|| {
            let derived = Origin::Derived(vec![raw.header.path.clone()]);
            Value::new(shorten(&key.value), derived)
        });
        Function {
            key,
            short_name,
            renamed_from: raw.renamed_from,
            source: self.source(source),
            settings,
            uses: self.uses(raw.uses),
        }
    }

    fn uses(&mut self, raw: RawUses) -> Uses {
        let RawUses {
            header: _,
            database,
            audit,
        } = raw;
        Uses {
            database: self.access(database, &RawUses::database),
            audit: self.access(audit, &RawUses::audit),
        }
    }

    fn access(
        &mut self,
        written: Option<Value<String>>,
        key: &'static Key,
    ) -> Option<Value<Access>> {
        let word = self.chosen(written, key)?;
        Some(word.map(|word| match word.as_str() {
            "read" => Access::Read,
            "owner" => Access::Owner,
            _ => Access::Write,
        }))
    }

    fn source(&mut self, written: Value<String>) -> Value<Source> {
        if written.origin == STAND_IN {
            return Value::new(Source::Builtin("health".to_owned()), STAND_IN);
        }
        if let Some(name) = written.value.strip_prefix("builtin:") {
            return Value::new(Source::Builtin(name.to_owned()), written.origin);
        }
        match self.folder(&written.value) {
            Ok((files, left_out)) => {
                let source = Source::Folder {
                    path: written.value,
                    files,
                    left_out,
                };
                Value::new(source, written.origin)
            }
            Err(Unusable { label, help }) => {
                let (key, span) = place(&written.origin);
                self.problems.push(
                    Diagnostic::error(
                        Code::FunctionSource,
                        span,
                        format!("`{key}` contains no function code"),
                    )
                    .label(label)
                    .help(help),
                );
                Value::new(Source::Builtin("health".to_owned()), STAND_IN)
            }
        }
    }

    /// The files of a folder of code by relative path, and what is not taken along.
    fn folder(&self, path: &str) -> Result<(Files, Vec<LeftOut>), Unusable> {
        let relative = "paths are relative to the spec's folder";
        if path.is_empty() || path.starts_with('/') {
            return Err(Unusable::new("not a relative path", relative));
        }
        self.no_link(path)?;
        if self.loader.holds_output(path) {
            let label = format!(
                "`{}` contains the generated project",
                self.beside_spec(path)
            );
            let help = "\
                use a folder of the function's own: otherwise each build copies the output of the previous \
                one";
            return Err(Unusable::new(label, help));
        }
        let listing = self.loader.list(path).map_err(|error| {
            let help = format!("{relative}; code that comes with the compiler is `builtin:<name>`");
            Unusable::new(
                format!("`{}` {}", self.beside_spec(path), reason(&error)),
                help,
            )
        })?;
        if !listing.files.iter().any(|name| name == HANDLER) {
            let help = format!("add {HANDLER} with a function `handle(event, context)`");
            return Err(Unusable::new(
                format!("`{}` has no {HANDLER}", self.beside_spec(path)),
                help,
            ));
        }
        let mut files = Vec::new();
        let mut size = 0;
        for name in listing.files {
            // What no system can hold is for the rule `unportable-path`.
            if project_path::is_reserved(&name) {
                let label = format!("`{name}` is reserved for paystagec");
                return Err(Unusable::new(label, "give the file another name"));
            }
            let file = format!("{}/{name}", path.trim_end_matches('/'));
            let bytes = self
                .loader
                .read(&file)
                .map_err(|error| Unusable::new(format!("{name} {}", reason(&error)), relative))?;
            size += bytes.len();
            if size > MOST_BYTES {
                let label = format!("larger than {} MiB", MOST_BYTES >> 20);
                let help = "a function's folder contains its own code only; check whether this is the right folder";
                return Err(Unusable::new(label, help));
            }
            files.push((name, bytes));
        }
        Ok((files, listing.left_out))
    }
}

/// Files by path.
type Files = Vec<(String, Vec<u8>)>;

/// The key cut to whole words of at most ten characters in all; a first word that is longer is cut itself.
fn shorten(key: &str) -> String {
    let mut short = String::new();
    for word in key.split('-') {
        let separator = usize::from(!short.is_empty());
        if short.chars().count() + separator + word.chars().count() > SHORT_NAME_LENGTH {
            break;
        }
        if separator == 1 {
            short.push('-');
        }
        short.push_str(word);
    }
    if short.is_empty() {
        short = key.chars().take(SHORT_NAME_LENGTH).collect();
    }
    short.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn short_names_are_whole_words() {
        assert_eq!(shorten("validate-payment"), "validate");
        assert_eq!(shorten("health"), "health");
        assert_eq!(shorten("get-one-payment"), "get-one");
        assert_eq!(shorten("settle-now"), "settle-now");
        assert_eq!(shorten("reconciliation-report"), "reconcilia");
    }
}
