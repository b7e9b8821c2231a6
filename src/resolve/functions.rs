//! `[functions.*]`: code, limits, what each uses, and the short name for resources with tight limits.

use super::environment::{Function, Source};
use super::resolver::{Resolver, STAND_IN, Unusable, place, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{Fill as _, Named, RawFunction, SHORT_NAME_LENGTH};
use crate::load::{LeftOut, MOST_BYTES};
use crate::origin::{Origin, Value};
use crate::packages::Packages;
use crate::project_path;

/// What Lambda calls, as a handler names it: `refunds.entry.handle` is `handle` in `refunds/entry.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    module: &'a str,
    pub function: &'a str,
}

impl<'a> Entry<'a> {
    /// Nothing for what is no handler.
    pub fn of(handler: &'a str) -> Option<Self> {
        let (module, function) = handler.rsplit_once('.')?;
        let is_name = |word: &str| {
            let is_of = |c: char| c.is_ascii_alphanumeric() || c == '_';
            word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && word.chars().all(is_of)
        };
        let is_handler = handler.split('.').all(is_name);
        is_handler.then_some(Self { module, function })
    }

    /// The file that one would write for it.
    pub fn file(&self) -> String {
        format!("{}.py", self.module.replace('.', "/"))
    }

    /// The file among these that Lambda imports: of a package and a module of one name, Python takes the package.
    pub fn file_in<'f>(&self, mut files: impl Iterator<Item = &'f str> + Clone) -> Option<&'f str> {
        let package = format!("{}/__init__.py", self.module.replace('.', "/"));
        let module = self.file();
        files
            .clone()
            .find(|name| *name == package)
            .or_else(|| files.find(|name| *name == module))
    }
}

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
        let source = self.source(source, &settings.handler.value);
        let packages = match &source.value {
            Source::Folder { files, .. } => {
                Packages::of(files, &settings.runtime.value, &settings.architecture.value)
            }
            Source::Builtin(_) => Packages::default(),
        };
        Function {
            key,
            short_name,
            renamed_from: raw.renamed_from,
            source,
            packages,
            environment: raw.environment,
            settings,
            uses: self.uses(raw.uses),
            consumes: raw.consumes,
            batch: self.batch(raw.batch),
        }
    }

    fn source(&mut self, written: Value<String>, handler: &str) -> Value<Source> {
        if written.origin == STAND_IN {
            return Value::new(Source::Builtin("health".to_owned()), STAND_IN);
        }
        if let Some(name) = written.value.strip_prefix("builtin:") {
            return Value::new(Source::Builtin(name.to_owned()), written.origin);
        }
        match self.folder(&written.value, handler) {
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
    fn folder(&self, path: &str, handler: &str) -> Result<(Files, Vec<LeftOut>), Unusable> {
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
        // What is no handler at all has an error of its own.
        if let Some(entry) = Entry::of(handler)
            && entry
                .file_in(listing.files.iter().map(String::as_str))
                .is_none()
        {
            let (file, function) = (entry.file(), entry.function);
            let help = format!(
                "add {file} with a function `{function}(event, context)`, or name another one by `handler`"
            );
            return Err(Unusable::new(
                format!("`{}` has no {file}", self.beside_spec(path)),
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
    use super::{Entry, shorten};

    #[test]
    fn a_handler_names_a_file_and_a_function() {
        let file = |handler, files: &[&'static str]| {
            Entry::of(handler).and_then(|entry| entry.file_in(files.iter().copied()))
        };
        assert_eq!(file("handler.handle", &["handler.py"]), Some("handler.py"));
        assert_eq!(file("a.b.main", &["a/b.py", "b.py"]), Some("a/b.py"));
        let both = ["app.py", "app/__init__.py"];
        assert_eq!(file("app.main", &both), Some("app/__init__.py"));
        assert_eq!(file("app.main", &["main.py"]), None);
        for wrong in [
            "handle",
            "app/main.handle",
            ".main",
            "app.",
            "app..main",
            "1.x",
            "a b.c",
            "app.main()",
            "",
        ] {
            assert_eq!(Entry::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn short_names_are_whole_words() {
        assert_eq!(shorten("validate-payment"), "validate");
        assert_eq!(shorten("health"), "health");
        assert_eq!(shorten("get-one-payment"), "get-one");
        assert_eq!(shorten("settle-now"), "settle-now");
        assert_eq!(shorten("reconciliation-report"), "reconcilia");
    }
}
