//! Makes statics of the tables that come with the compiler. People read and edit them as TOML; in the binary they stand as what their types
//! say, so that no start reads them. Each value is printed as its type in the source asks for: a key that the type does not have, a value
//! that does not fit and a missing text or number stop this build; lists, maps, flags and options may be left out.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs;
use std::path::Path;

use syn::{Fields, GenericArgument, Item, ItemEnum, PathArguments, Type};
use toml::{Table, Value};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The file below `src` without its ending, the file there with its types, and the type of the whole.
const TABLES: &[(&str, &str, &str)] = &[
    (
        "catalogue/arguments",
        "catalogue/arguments.rs",
        "Map<Arguments>",
    ),
    ("catalogue/aws-resources", "catalogue/kinds.rs", "KindFile"),
    (
        "catalogue/bounds",
        "catalogue/bounds.rs",
        "Map<BoundsOfClass>",
    ),
    ("catalogue/conflicts", "catalogue/conflicts.rs", "Conflicts"),
    (
        "catalogue/consequences",
        "catalogue/consequences.rs",
        "ConsequenceFile",
    ),
    (
        "catalogue/currencies",
        "catalogue/currencies.rs",
        "CurrencyFile",
    ),
    (
        "catalogue/engine-versions",
        "catalogue/engines.rs",
        "EngineFile",
    ),
    (
        "catalogue/instance-classes",
        "catalogue/services.rs",
        "ClassFile",
    ),
    ("catalogue/name-limits", "catalogue/limits.rs", "LimitFile"),
    ("catalogue/outputs", "catalogue/outputs.rs", "OutputFile"),
    (
        "catalogue/permissions",
        "catalogue/permissions.rs",
        "KindFile",
    ),
    ("catalogue/prices", "catalogue/prices.rs", "Prices"),
    (
        "catalogue/python-modules",
        "catalogue/modules.rs",
        "Modules",
    ),
    ("catalogue/quotas", "catalogue/quotas.rs", "Quotas"),
    (
        "catalogue/reserved-names",
        "catalogue/reserved.rs",
        "ReservedNames",
    ),
    ("catalogue/runtimes", "catalogue/services.rs", "RuntimeFile"),
    ("catalogue/scopes", "catalogue/permissions.rs", "ScopeFile"),
    (
        "catalogue/special-addresses",
        "catalogue/addresses.rs",
        "RangeFile",
    ),
    ("catalogue/zones", "catalogue/services.rs", "ZoneFile"),
    ("answers", "answers.rs", "AnswerFile"),
    ("overridable", "overridable.rs", "Map<Decided>"),
    ("requirements", "requirements.rs", "RequirementFile"),
];

/// Has the types that several tables share.
const SHARED: &str = "catalogue/mod.rs";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/{SHARED}");
    let folder = std::env::var("OUT_DIR")?;
    for (table, source, whole) in TABLES {
        let file = format!("src/{table}.toml");
        println!("cargo::rerun-if-changed={file}");
        println!("cargo::rerun-if-changed=src/{source}");
        let rows: Table = fs::read_to_string(&file)?.parse()?;
        let types = Types::read(&[source, SHARED])?;
        let printed = types
            .print(&syn::parse_str(whole)?, &Value::Table(rows))
            .map_err(|problem| format!("{file}: {problem}"))?;
        let name = table.rsplit('/').next().unwrap_or(table);
        fs::write(Path::new(&folder).join(format!("{name}.rs")), printed)?;
    }
    Ok(())
}

/// The structs, enums and aliases of some files, by name.
struct Types(HashMap<String, Item>);

impl Types {
    fn read(sources: &[&str]) -> Result<Self> {
        let mut types = HashMap::new();
        for source in sources {
            for item in syn::parse_file(&fs::read_to_string(format!("src/{source}"))?)?.items {
                let name = match &item {
                    Item::Struct(item) => &item.ident,
                    Item::Enum(item) => &item.ident,
                    Item::Type(item) => &item.ident,
                    _ => continue,
                };
                types.insert(name.to_string(), item);
            }
        }
        Ok(Self(types))
    }

    /// The value as an expression of the type.
    fn print(&self, of: &Type, value: &Value) -> Result<String> {
        let (name, parameter) = parts(of)?;
        let misfit = || format!("{value} is no {name}").into();
        match (name.as_str(), parameter) {
            ("str", _) => match value {
                Value::String(text) => Ok(format!("{text:?}")),
                Value::Datetime(date) => Ok(format!("\"{date}\"")),
                _ => Err(misfit()),
            },
            ("bool", _) => Ok(value.as_bool().ok_or_else(misfit)?.to_string()),
            ("u8" | "u32" | "u64" | "i64" | "usize", _) => {
                Ok(value.as_integer().ok_or_else(misfit)?.to_string())
            }
            ("f64", _) => match value {
                Value::Float(number) => Ok(format!("{number:?}")),
                Value::Integer(number) => Ok(format!("{number}.0")),
                _ => Err(misfit()),
            },
            ("Option", Some(inner)) => Ok(format!("Some({})", self.print(inner, value)?)),
            ("list", Some(item)) => {
                let items = value.as_array().ok_or_else(misfit)?.iter();
                let items: Result<Vec<String>> =
                    items.map(|value| self.print(item, value)).collect();
                Ok(format!("&[{}]", items?.join(", ")))
            }
            ("Map", Some(item)) => {
                // Sorted, for the search.
                let entries: BTreeMap<_, _> = value.as_table().ok_or_else(misfit)?.iter().collect();
                let entries: Result<Vec<String>> = entries
                    .into_iter()
                    .map(|(key, value)| Ok(format!("({key:?}, {})", self.print(item, value)?)))
                    .collect();
                Ok(format!("Map(&[{}])", entries?.join(",\n")))
            }
            _ => match self.0.get(&name) {
                Some(Item::Type(alias)) => self.print(&alias.ty, value),
                Some(Item::Struct(item)) => {
                    let row = value.as_table().ok_or_else(misfit)?;
                    self.print_row(&name, &item.fields, row)
                        .map_err(|problem| format!("{problem}, in {row}").into())
                }
                Some(Item::Enum(item)) => self.print_variant(item, value),
                _ => Err(format!("no type {name}").into()),
            },
        }
    }

    fn print_row(&self, name: &str, fields: &Fields, row: &Table) -> Result<String> {
        let mut row = row.clone();
        let mut printed = Vec::new();
        for field in fields {
            let ident = field
                .ident
                .as_ref()
                .ok_or("a field without a name")?
                .to_string();
            // One that the compiler does not read.
            let key = ident.trim_start_matches('_');
            let value = match row.remove(key) {
                Some(value) => self.print(&field.ty, &value)?,
                None => absent(&field.ty)?
                    .ok_or_else(|| format!("{name} without {key}"))?
                    .to_owned(),
            };
            printed.push(format!("{ident}: {value}"));
        }
        match row.keys().next() {
            Some(key) => Err(format!("{name} has no {key}").into()),
            None => Ok(format!("{name} {{ {} }}", printed.join(", "))),
        }
    }

    /// A word is the variant of that name (`staging` is `Staging`), and the key of a table that of what it holds; else the variant counts that fits.
    fn print_variant(&self, of: &ItemEnum, value: &Value) -> Result<String> {
        if let Some((key, held)) = value.as_table().and_then(|table| table.iter().next())
            && let Some(one) = of
                .variants
                .iter()
                .find(|one| one.ident == variant(&key.replace('_', "-")))
            && let Some(field) = one.fields.iter().next()
        {
            let held = self.print(&field.ty, held)?;
            return Ok(format!("{}::{}({held})", of.ident, one.ident));
        }
        let word = value.as_str().map(variant);
        for one in &of.variants {
            if let Some(held) = one.fields.iter().next() {
                if let Ok(held) = self.print(&held.ty, value) {
                    return Ok(format!("{}::{}({held})", of.ident, one.ident));
                }
            } else if word.as_deref().is_some_and(|word| one.ident == word) {
                return Ok(format!("{}::{}", of.ident, one.ident));
            }
        }
        Err(format!("{value} is no {}", of.ident).into())
    }
}

/// The last word of a type (`list` for a slice), without its reference, and the type that it has as a parameter.
fn parts(of: &Type) -> Result<(String, Option<&Type>)> {
    match of {
        Type::Reference(reference) => parts(&reference.elem),
        Type::Slice(slice) => Ok(("list".to_owned(), Some(&*slice.elem))),
        Type::Path(path) => {
            let last = path.path.segments.last().ok_or("an empty type")?;
            let parameter = match &last.arguments {
                PathArguments::AngleBracketed(parameters) => {
                    parameters
                        .args
                        .iter()
                        .find_map(|parameter| match parameter {
                            GenericArgument::Type(parameter) => Some(parameter),
                            _ => None,
                        })
                }
                _ => None,
            };
            Ok((last.ident.to_string(), parameter))
        }
        _ => Err("a type that no table has".into()),
    }
}

/// What stands for a value that was left out.
fn absent(of: &Type) -> Result<Option<&'static str>> {
    Ok(match parts(of)?.0.as_str() {
        "Option" => Some("None"),
        "list" => Some("&[]"),
        "Map" => Some("Map(&[])"),
        "bool" => Some("false"),
        _ => None,
    })
}

/// The variant that a word in a table stands for: `ServiceModel` for `service-model`. Python's types have names of their own.
fn variant(word: &str) -> String {
    let of_python = match word {
        "bool" => "Bool",
        "int" => "Integer",
        "float" => "Float",
        "str" => "Text",
        "list[str]" => "Texts",
        "map[str]" | "map[bool]" => "Map",
        _ => "",
    };
    if !of_python.is_empty() {
        return of_python.to_owned();
    }
    let capitalised = word.split('-').map(|part| {
        let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        first.to_uppercase() + rest
    });
    capitalised.collect()
}
