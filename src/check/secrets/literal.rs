//! Passwords and keys that somebody wrote into code or settings: in an address, or as the value of a name that says what it is. A value
//! counts when it looks chosen or drawn, not when it is a word about secrets, a reference or a place to fill in.

/// What a line is marked with where people know better; scanners and linters know the same marks.
const MARKS: [&str; 4] = [
    "pragma: allowlist secret",
    "noqa: S105",
    "noqa: S106",
    "noqa: S107",
];

/// Longer lines are data.
const LONGEST_LINE: usize = 4_000;

/// The first of them, with its line, counted from one.
pub fn find(path: &str, text: &str) -> Option<(&'static str, usize)> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ending = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(_, ending)| ending);
    let form = match ending {
        "env" | "ini" | "cfg" | "conf" | "properties" | "toml" | "yaml" | "yml" | "sh" => {
            Form::Settings
        }
        _ => Form::Quoted,
    };
    text.lines().zip(1..).find_map(|(line, number)| {
        if line.len() > LONGEST_LINE || MARKS.iter().any(|mark| line.contains(mark)) {
            return None;
        }
        let what = match () {
            () if has_login(line) => "a password in an address",
            () => assigned(line, form)?,
        };
        Some((what, number))
    })
}

/// Whether values stand in quotes, or may stand without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Quoted,
    Settings,
}

/// `postgresql://user:hunter2@host/db`
pub fn has_login(line: &str) -> bool {
    line.match_indices("://").any(|(at, _)| {
        let rest = line.get(at + 3..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>\\,()".contains(c));
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let Some((login, host)) = authority.rsplit_once('@') else {
            return false;
        };
        let host = host.split(':').next().unwrap_or(host);
        let is_local = ["localhost", "127.0.0.1", "host", "hostname", ""].contains(&host);
        let is_sample = host.split('.').any(|part| part == "example") || host.ends_with(".test");
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        !is_local && !is_sample && user != password && password.len() >= 4 && !is_filler(password)
    })
}

/// What kind of value a name announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Somebody chose it.
    Password,
    /// A machine drew it.
    Drawn,
}

/// The last words of names, with what their values are.
const NAMES: [(&str, Kind); 15] = [
    ("password", Kind::Password),
    ("passwd", Kind::Password),
    ("passphrase", Kind::Password),
    ("pwd", Kind::Password),
    ("pass_word", Kind::Password),
    ("secret", Kind::Drawn),
    ("secret_key", Kind::Drawn),
    ("token", Kind::Drawn),
    ("api_key", Kind::Drawn),
    ("apikey", Kind::Drawn),
    ("access_key", Kind::Drawn),
    ("auth_key", Kind::Drawn),
    ("private_key", Kind::Drawn),
    ("encryption_key", Kind::Drawn),
    ("signing_key", Kind::Drawn),
];

/// A name at the end of a text, as `DB_PASSWORD`, `dbPassword` or `db-password`: its words, joined by low lines.
fn name_before(text: &str) -> Option<String> {
    let text = text.trim_end();
    let text = text.strip_suffix(['"', '\'']).unwrap_or(text);
    let is_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let start = text.rfind(|c: char| !is_of(c)).map_or(0, |at| {
        at + text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let name = text.get(start..)?;
    let mut words = String::new();
    let mut was_small = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && was_small {
            words.push('_');
        }
        was_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        words.push(if character == '-' {
            '_'
        } else {
            character.to_ascii_lowercase()
        });
    }
    (!words.is_empty()).then_some(words)
}

fn kind_of(name: &str) -> Option<Kind> {
    let ends = |end: &str| {
        name.strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    // `PGPASSWORD`, `dbpassword`
    let is_one_word = |end: &str| end.len() >= 8 && name.ends_with(end);
    let found = NAMES.iter().find(|(end, _)| ends(end) || is_one_word(end));
    // The place of a page is no secret.
    let is_place = [
        "next_token",
        "page_token",
        "continuation_token",
        "starting_token",
    ];
    found
        .map(|(_, kind)| *kind)
        .filter(|_| !is_place.iter().any(|place| name.ends_with(place)))
}

/// The value of a name that announces one.
fn assigned(line: &str, form: Form) -> Option<&'static str> {
    let places = line
        .char_indices()
        .filter(|(_, c)| matches!(c, '=' | ':' | ','));
    for (at, sign) in places {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + 1..).unwrap_or_default();
        let is_comparison = after.starts_with('=') || before.ends_with(['=', '!', '<', '>', ':']);
        if is_comparison {
            continue;
        }
        let Some(kind) = announced(before, sign) else {
            continue;
        };
        let value = after.trim_start();
        // A short name and its value, whatever comes in between: `PASSWORD: Final[str] = "…"`.
        let value = match value.split_once('=') {
            Some((annotation, value)) if sign == ':' && is_annotation(annotation) => {
                value.trim_start()
            }
            _ => value,
        };
        let found = match quoted(value) {
            Some(text) => Some(text),
            None if form == Form::Settings && sign != ',' && !value.starts_with(['"', '\'']) => {
                Some(plain(value))
            }
            None => None,
        };
        if found.is_some_and(|value| is_secret(value, kind)) {
            return Some(match kind {
                Kind::Password => "a password",
                Kind::Drawn => "a key or token",
            });
        }
    }
    None
}

/// What the name before a sign announces. A comma follows it only where the name is asked for: `getenv("DB_PASSWORD", "…")`.
fn announced(before: &str, sign: char) -> Option<Kind> {
    let before = before.trim_end();
    // `os.environ["DB_PASSWORD"] = "…"`
    let before = before
        .strip_suffix(']')
        .filter(|_| sign == '=')
        .unwrap_or(before);
    if sign == ',' {
        let open = before.rfind('(')?;
        let (call, argument) = before.split_at_checked(open)?;
        let is_asked = ["getenv", "get", "setdefault", "pop", "setenv", "putenv"];
        let asked = is_asked.iter().any(|end| call.ends_with(end));
        let is_name = argument
            .get(1..)
            .is_some_and(|argument| argument.starts_with(['"', '\'']));
        if !asked || !is_name {
            return None;
        }
    }
    kind_of(&name_before(before)?)
}

fn is_annotation(text: &str) -> bool {
    let is_of = |c: char| c.is_ascii_alphanumeric() || "_.[]| ".contains(c);
    !text.trim().is_empty() && text.chars().all(is_of)
}

/// What stands in quotes at the start, if it ends on this line and nothing is put together with it.
fn quoted(text: &str) -> Option<&str> {
    let text = text.strip_prefix(['b', 'r', 'u']).unwrap_or(text);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let rest = text.get(1..)?;
    let (value, _) = rest.split_once(quote)?;
    Some(value)
}

/// What stands without quotes, up to a comment.
fn plain(text: &str) -> &str {
    let end = text
        .find(" #")
        .or_else(|| text.find(" ;"))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim()
}

/// Words of values that say where a secret comes from, or that there is none.
const WORDS: [&str; 34] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "key",
    "user",
    "name",
    "field",
    "header",
    "value",
    "example",
    "sample",
    "placeholder",
    "changeme",
    "change",
    "replace",
    "todo",
    "fixme",
    "dummy",
    "fake",
    "test",
    "mock",
    "none",
    "null",
    "true",
    "false",
    "your",
    "redacted",
    "masked",
    "hidden",
    "undefined",
    "default",
];

/// A place to fill in, a word about secrets, or a reference to one.
fn is_filler(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let has_sign =
        value.contains(['$', '{', '}', '<', '>', '%', '*', '…']) || value.contains("...");
    let is_one_letter = value
        .chars()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        <= 2;
    let is_reference = ["arn:", "aws:", "ssm:", "vault:", "env:", "file:", "!", "@"];
    has_sign
        || is_one_letter
        || is_reference.iter().any(|start| lower.starts_with(start))
        || WORDS.iter().any(|word| lower.contains(word))
        || [
            "pass", "xxxx", "1234", "abcd", "postgres", "admin", "root", "foobar", "bearer",
            "basic",
        ]
        .contains(&lower.as_str())
}

fn is_secret(value: &str, kind: Kind) -> bool {
    let is_text = value.chars().any(char::is_whitespace)
        || value.contains("://")
        || value.contains(['(', ')', '[', ']']);
    if is_text || is_filler(value) {
        return false;
    }
    let has = |what: fn(&char) -> bool| value.chars().any(|c| what(&c));
    let digits = has(char::is_ascii_digit);
    let (small, large) = (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase));
    match kind {
        // Words with points or lines between them are names of something else, `auth.login_form`; so are paths.
        Kind::Password => {
            let is_path = value.starts_with(['/', '.', '~']);
            let is_name = !digits && !large && value.contains(['.', '_', '-', '/']);
            value.len() >= 6 && !is_path && !is_name
        }
        Kind::Drawn => {
            let longest = value
                .split(['-', '_', '.', '/', ':', '+'])
                .map(str::len)
                .max()
                .unwrap_or(0);
            let is_base64 = value.len() >= 32 && small && large && digits;
            let is_path = value.starts_with(['/', '.', '~']) && !is_base64;
            let is_mixed = digits && (small || large);
            !is_path && is_mixed && value.len() >= 16 && (longest >= 12 || is_base64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn written_secrets_are_found() {
        for (path, line) in [
            (
                "a.py",
                "URL = \"postgresql://user:hunter2@db.internal/payments\"",
            ),
            ("a.py", "connect('amqps://svc:Tr0ub4dor@mq.internal:5671')"),
            (
                "a.toml",
                "cache = \"redis://:s3cr1tw0rd@cache.internal:6379/0\"",
            ),
            (
                "requirements.txt",
                "--index-url https://svc:a1b2c3d4e5@pypi.internal/simple",
            ),
            ("a.py", "DB_PASSWORD = \"hunter2\""),
            ("a.py", "    password: str = 'correcthorse'"),
            ("a.py", "connect(host=host, password=\"hunter2\", port=1)"),
            (
                "a.py",
                "settings = {\"user\": \"svc\", \"password\": \"hunter2\"}",
            ),
            ("a.py", "os.environ[\"DB_PASSWORD\"] = \"hunter2\""),
            ("a.py", "password = os.getenv(\"DB_PASSWORD\", \"hunter2\")"),
            ("a.py", "PGPASSWORD = b'Sommer2026'"),
            ("a.py", "API_KEY = \"a8f5f167f44f4964e6c998dee827110c\""),
            ("a.py", "token = '9f86d081884c7d659a2feaa0c55ad015'"),
            (
                "a.py",
                "client_secret=\"Zx8Q~abcDEF123ghiJKL456mnoPQR789stu\"",
            ),
            ("a.json", "  \"dbPassword\": \"hunter2\","),
            (
                "a.json",
                "{\"apiKey\": \"123e4567-e89b-12d3-a456-426614174000\"}",
            ),
            ("a.yaml", "password: hunter2"),
            (
                "a.yml",
                "  api-key: a8f5f167f44f4964e6c998dee827110c  # staging",
            ),
            ("a.ini", "password = hunter2"),
            ("a.conf", "db.password=hunter2"),
            ("a.toml", "token = \"a8f5f167f44f4964e6c998dee827110c\""),
            ("staging.properties", "db.passwd=Sommer2026"),
            ("a.sh", "export DB_PASSWORD=hunter2"),
        ] {
            let found = find(path, &format!("first\n{line}\n"));
            assert_eq!(found.map(|(_, line)| line), Some(2), "{path}: {line}");
        }
    }

    #[test]
    fn what_only_speaks_of_secrets_is_none() {
        for (path, line) in [
            ("a.py", "password = os.environ[\"DB_PASSWORD\"]"),
            ("a.py", "password = os.environ.get(\"DB_PASSWORD\", \"\")"),
            ("a.py", "DB_PASSWORD = \"\""),
            ("a.py", "PASSWORD_FIELD = \"password1\""),
            ("a.py", "password = \"changeme\""),
            ("a.py", "password = \"example\""),
            ("a.py", "password = \"<password>\""),
            ("a.py", "password = f\"{prefix}9f86d081\""),
            ("a.py", "password = \"${DB_PASSWORD}\""),
            ("a.py", "password = get_secret(\"payments/db-1\")"),
            ("a.py", "if password == \"hunter2\":"),
            (
                "a.py",
                "DB_SECRET = \"arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf\"",
            ),
            ("a.py", "secret = \"payments/staging/db-1\""),
            (
                "a.py",
                "TOKEN_URL = \"https://auth.internal/oauth2/v1/9f86d081884c7d65\"",
            ),
            ("a.py", "token = \"Bearer\""),
            ("a.py", "next_token = \"a8f5f167f44f4964e6c998dee827110c\""),
            (
                "a.py",
                "HEADERS = (\"x-api-key\", \"x-amz-date-9f86d081884c7d65\")",
            ),
            ("a.py", "api_key = \"x-api-key\""),
            (
                "a.py",
                "PASSWORD = \"hunter2\"  # noqa: S105 - of the simulation",
            ),
            ("a.py", "def login(user: str, password: str = None): ..."),
            (
                "a.py",
                "password_hash = \"5f4dcc3b5aa765d61d8327deb882cf99\"",
            ),
            (
                "a.py",
                "parser.add_argument(\"--password\", help=\"The password of the user\")",
            ),
            ("a.py", "raise ValueError(\"password: too short\")"),
            ("a.py", "URL = \"https://user:pass@example.com/\""),
            (
                "a.py",
                "URL = \"postgresql://postgres:postgres@localhost/test\"",
            ),
            (
                "a.py",
                "URL = f\"postgresql://{user}:{password}@{host}/db\"",
            ),
            ("a.py", "URL = \"https://host.internal:8443/@me\""),
            ("a.py", "mail = \"mailto:someone@host.internal\""),
            (
                "a.json",
                "{\"password\": {\"type\": \"string\"}, \"token\": \"string\"}",
            ),
            ("a.json", "{\"token\": \"payment-token-type-2\"}"),
            ("a.yaml", "password: ${DB_PASSWORD}"),
            ("a.yaml", "password: !Ref Password"),
            ("a.yaml", "password:"),
            ("a.yaml", "secret: payments/db-1"),
            ("a.ini", "password_file = /run/secrets/db1"),
            ("a.ini", "password = %(db_password)s"),
            ("a.toml", "token = \"\""),
            ("a.md", "password: hunter2 and the like are refused"),
        ] {
            assert_eq!(find(path, line), None, "{path}: {line}");
        }
    }
}
