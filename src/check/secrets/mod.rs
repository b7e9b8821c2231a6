//! What a file shows of being a secret: its name, or forms in its content that nothing else has. Code that only speaks of secrets has
//! neither.

use std::collections::BTreeSet;

use memchr::memmem;

mod drawn;
mod literal;

/// Names that tools give to files with secrets, in small letters.
const NAMES: [(&str, &str); 22] = [
    (".netrc", "passwords for servers"),
    ("_netrc", "passwords for servers"),
    (".pypirc", "the login of a package index"),
    (".npmrc", "the login of a package index"),
    (".yarnrc.yml", "the login of a package index"),
    (".pgpass", "passwords of databases"),
    ("pgpass.conf", "passwords of databases"),
    (".my.cnf", "passwords of databases"),
    (".git-credentials", "logins for git"),
    (".htpasswd", "passwords"),
    ("htpasswd", "passwords"),
    (".dockercfg", "logins for registries"),
    (".vault-token", "a token of Vault"),
    (".boto", "credentials"),
    (".s3cfg", "credentials"),
    (".aws", "credentials of AWS"),
    (".azure", "credentials of Azure"),
    (".docker", "logins for registries"),
    (".kube", "credentials of Kubernetes"),
    (".ssh", "private keys of SSH"),
    (".gnupg", "private keys of GnuPG"),
    ("rootkey.csv", "credentials of AWS"),
];

/// Endings of files that hold secrets whatever else is in their names.
const ENDINGS: [(&str, &str); 16] = [
    (".p12", "a key store"),
    (".pfx", "a key store"),
    (".pkcs12", "a key store"),
    (".jks", "a key store"),
    (".jceks", "a key store"),
    (".keystore", "a key store"),
    (".keytab", "a key store"),
    (".p8", "a private key"),
    (".ppk", "a private key"),
    (".kdb", "a password safe"),
    (".kdbx", "a password safe"),
    (".ovpn", "the keys of a network"),
    (".tfstate", "the state of Terraform, secrets in clear"),
    (
        ".tfstate.backup",
        "the state of Terraform, secrets in clear",
    ),
    ("accesskeys.csv", "credentials of AWS"),
    ("_credentials.csv", "credentials of AWS"),
];

/// Stems of files with secrets, and the endings with which they are data and no code.
const STEMS: [&str; 7] = [
    "credentials",
    "credential",
    "secrets",
    "secret",
    "client_secret",
    "passwords",
    "password",
];
const DATA: [&str; 10] = [
    "", "json", "yaml", "yml", "toml", "ini", "cfg", "conf", "csv", "txt",
];

/// What shows that a file is a sample, to be filled in by somebody else.
const SAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];

/// Beginnings of tokens that a service gives out, with how many characters follow at least.
const TOKENS: [(&str, usize, &str); 13] = [
    ("sk_live_", 16, "a live key of a payment processor"),
    ("rk_live_", 16, "a live key of a payment processor"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 50, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("xoxb-", 30, "a token of Slack"),
    ("xoxp-", 30, "a token of Slack"),
    ("npm_", 36, "a token of npm"),
    ("pypi-AgEIcHlwaS5vcmc", 40, "a token of PyPI"),
    ("pul-", 40, "a token of Pulumi"),
    ("AGE-SECRET-KEY-1", 50, "a private key"),
];

/// What a file or folder of this name holds that is secret.
pub fn in_name(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut words = name.split(['.', '-', '_']);
    if words.any(|word| SAMPLES.contains(&word)) {
        return None;
    }
    if name == ".env" || name.starts_with(".env.") || name == "env" || name.ends_with(".env") {
        return (name != "env").then_some("variables with secrets");
    }
    let is_ssh = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
    if is_ssh.iter().any(|start| name.starts_with(start)) && !has_ending(&name, &["pub", "py"]) {
        return Some("a private key of SSH");
    }
    let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
    if STEMS.contains(&stem) && DATA.contains(&ending) {
        return Some("credentials");
    }
    let named = NAMES.iter().find(|(known, _)| *known == name);
    let ended = || ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    named.or_else(ended).map(|(_, what)| *what)
}

fn has_ending(name: &str, endings: &[&str]) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// What secret stands in a text that a person wrote, and on which line.
pub fn in_text(path: &str, content: &[u8]) -> Option<(&'static str, usize)> {
    let text = String::from_utf8_lossy(content);
    literal::find(path, &text)
}

/// What secret an environment variable holds, by its form; a long text that was drawn counts whatever it is called.
pub fn in_value(value: &str) -> Option<&'static str> {
    if let Some(secret) = in_content("", value.as_bytes()) {
        return Some(secret);
    }
    if literal::has_login(value) {
        return Some("a password in an address");
    }
    drawn::is_drawn(value).then_some("what looks like a key or token")
}

/// Ends of names of variables whose values are secrets, without low lines. The generated `test_functions.py` refuses the same.
const VARIABLES: [&str; 15] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "ACCESSKEY",
    "AUTHKEY",
    "SECRETKEY",
    "PRIVATEKEY",
    "SIGNINGKEY",
    "ENCRYPTIONKEY",
];

/// Whether a name says that its value is a secret: `PROCESSOR_API_KEY`, `dbPassword`.
pub fn in_variable(name: &str) -> bool {
    let letters = name.replace('_', "").to_ascii_uppercase();
    VARIABLES.iter().any(|end| letters.ends_with(end))
}

/// Files that came with installed packages, by the list that each installer leaves: what they hold is published.
pub fn published(files: &[(String, Vec<u8>)]) -> BTreeSet<&str> {
    let records = files.iter().filter(|(path, _)| {
        let folder = path.strip_suffix("/RECORD");
        folder.is_some_and(|folder| folder.ends_with(".dist-info") && !folder.contains('/'))
    });
    let lines =
        records.flat_map(|(_, content)| str::from_utf8(content).unwrap_or_default().lines());
    lines
        .filter_map(|line| Some(line.split_once(',')?.0))
        .collect()
}

/// What secret stands in a file, in a form that nothing else has.
pub fn in_content(path: &str, content: &[u8]) -> Option<&'static str> {
    if holds_private_key(content) {
        return Some("a private key");
    }
    // A key that is no text cannot be told from other bytes.
    let is_key = has_ending(&path.to_ascii_lowercase(), &["key"]);
    if is_key && memmem::find(content, b"-----BEGIN ").is_none() && !content.is_empty() {
        return Some("a key");
    }
    if holds_aws_key(content) {
        return Some("a secret access key of AWS");
    }
    if holds_key_id(content) {
        return Some("an access key id of AWS");
    }
    let token = TOKENS.iter().find(|(start, least, _)| {
        let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        memmem::find_iter(content, start).any(|at| {
            let (before, rest) = content.split_at(at);
            let after = rest.iter().skip(start.len()).take_while(|b| is_of_token(b));
            !before.last().is_some_and(is_of_token) && after.count() >= *least
        })
    });
    token.map(|(_, _, what)| *what)
}

/// A private key in PEM's form or PGP's: its first line, and after it what keys are written in. Code that looks for keys has the first
/// line alone.
fn holds_private_key(content: &[u8]) -> bool {
    memmem::find_iter(content, b"-----BEGIN ").any(|at| {
        let rest = content.get(at + 11..).unwrap_or_default();
        let Some(end) = memmem::find(rest.get(..48).unwrap_or(rest), b"-----") else {
            return false;
        };
        let (head, body) = rest.split_at(end);
        let is_private = memmem::find(head, b"PRIVATE KEY").is_some();
        let is_first = content.get(..at).is_some_and(|before| {
            let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before);
            before.trim_ascii().is_empty()
        });
        let body = body.get(5..600.min(body.len())).unwrap_or_default();
        is_private && (is_first || longest_base64(body) >= 40)
    })
}

fn longest_base64(content: &[u8]) -> usize {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let runs = content.split(|byte| !is_digit(byte));
    runs.map(<[u8]>::len).max().unwrap_or(0)
}

/// `aws_secret_access_key = …`, in any file and spelling.
fn holds_aws_key(content: &[u8]) -> bool {
    let lower = content.to_ascii_lowercase();
    ["aws_secret_access_key", "awssecretkey", "secretaccesskey"]
        .iter()
        .flat_map(|word| memmem::find_iter(&lower, word).map(|at| at + word.len()))
        .any(|at| {
            let rest = content.get(at..).unwrap_or_default();
            let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=');
            let start = rest.iter().position(|byte| !is_between(byte)).unwrap_or(0);
            let value = rest.get(start..).unwrap_or_default();
            let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
            let length = value.iter().take_while(is_digit).count();
            let is_example = value
                .get(..40)
                .is_some_and(|key| key.ends_with(b"EXAMPLEKEY"));
            start > 0 && length == 40 && !is_example
        })
}

/// Beginnings of access key ids, of users and of sessions; 16 characters follow, the letters and digits of base 32.
const KEY_IDS: [&str; 2] = ["AKIA", "ASIA"];

fn holds_key_id(content: &[u8]) -> bool {
    let mut places = KEY_IDS
        .iter()
        .flat_map(|start| memmem::find_iter(content, start));
    places.any(|at| {
        let (before, rest) = content.split_at(at);
        let length = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let key = rest.get(..length).unwrap_or_default();
        let is_of = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7');
        let is_apart = !before
            .last()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        is_apart && length == 20 && key.iter().all(is_of) && !key.ends_with(b"EXAMPLE")
    })
}

#[cfg(test)]
mod tests {
    use super::{in_content, in_name, in_variable, published};

    #[test]
    fn names_of_variables_say_what_is_secret() {
        for name in [
            "PROCESSOR_API_KEY",
            "apikey",
            "dbPassword",
            "PASS_WORD",
            "NEXT_TOKEN",
            "MYTOKEN",
            "GCP_CREDENTIALS",
            "SIGNING_KEY",
        ] {
            assert!(in_variable(name), "{name}");
        }
        for name in [
            "TOKEN_URL",
            "SECRET_NAME",
            "KEY",
            "SORT_KEY",
            "MONKEY",
            "RATES",
        ] {
            assert!(!in_variable(name), "{name}");
        }
    }

    #[test]
    fn what_installers_brought_is_published() {
        let files = [
            (
                "requests-2.0.dist-info/RECORD",
                "requests/api.py,sha256=x,1\nrequests-2.0.dist-info/RECORD,,\n",
            ),
            ("own/RECORD", "own/a.py,,\n"),
            ("own/x.dist-info/RECORD", "own/b.py,,\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let found: Vec<&str> = published(&files).into_iter().collect();
        assert_eq!(found, ["requests-2.0.dist-info/RECORD", "requests/api.py"]);
    }

    #[test]
    fn names_of_secrets_are_known() {
        for name in [
            "id_rsa",
            "keys/id_ed25519",
            ".env",
            ".env.production",
            "prod.env",
            ".netrc",
            ".aws",
            ".npmrc",
            "store.P12",
            "a.pfx",
            "b.jks",
            "c.kdbx",
            "credentials",
            "Credentials.json",
            "secrets.yaml",
            "terraform.tfstate",
            "deploy.ppk",
            "me_accessKeys.csv",
            "id_rsa.bak",
        ] {
            assert!(in_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_of_code_are_not() {
        for name in [
            "handler.py",
            "credentials.py",
            "secrets.py",
            "credentials/__init__.py",
            "environment.py",
            ".env.example",
            "env.sample",
            ".gitignore",
            "id_rsa.pub",
            "rds-us-east-1.pem",
            "env.py",
            "keys.py",
            "tokens.json",
            "data/rates.csv",
            "monkey.key.md",
            ".dockerignore",
        ] {
            assert_eq!(in_name(name), None, "{name}");
        }
    }

    #[test]
    fn secrets_are_found_in_what_files_hold() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz";
        for text in [
            format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n"),
            "\n-----BEGIN PRIVATE KEY-----\n".to_owned(),
            format!("KEY = \"\"\"-----BEGIN EC PRIVATE KEY-----\n{body}\"\"\""),
            format!("{{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{body}\"}}"),
            format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{body}"),
            format!("[default]\naws_secret_access_key = {key}\n"),
            format!("AWS_SECRET_ACCESS_KEY={key}"),
            format!("\"SecretAccessKey\": \"{key}\""),
            format!("KEY = 'sk_live_{}'", "a1B2".repeat(6)),
            format!("token: ghp_{}", "a1B2".repeat(9)),
            format!("x = \"AKIA{}\"", "Q3XW".repeat(4)),
            format!("ASIA{}", "Q3XW".repeat(4)),
        ] {
            assert!(in_content("a.txt", text.as_bytes()).is_some(), "{text}");
        }
        assert!(in_content("tls.key", b"\x30\x82\x01").is_some());
    }

    #[test]
    fn speaking_of_secrets_is_none() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n",
            "if text.startswith(\"-----BEGIN PRIVATE KEY-----\"):\n    raise ValueError\n",
            "x = os.environ[\"AWS_SECRET_ACCESS_KEY\"]\n",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
            "x = \"AKIAIOSFODNN7EXAMPLE\"\ny = \"AKIA\"\nz = \"AKIA0000000000000000\"\nMAKIAQ3XWQ3XWQ3XWQ3XW\n",
            "prefix = \"sk_live_\"\nother = \"task_live_aaaaaaaaaaaaaaaaaaaa\"\n",
            "",
        ] {
            assert_eq!(in_content("a.py", text.as_bytes()), None, "{text}");
        }
        assert_eq!(in_content("a.key", b"-----BEGIN PUBLIC KEY-----\n"), None);
    }
}
