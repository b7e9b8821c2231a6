use std::collections::BTreeMap;

use super::{Asked, From, List, Vendored, of_lists};
use crate::packages::project::{of_pipfile, of_project};

/// As `name from place`.
fn of(file: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    let files: BTreeMap<&str, &[u8]> = files.iter().copied().collect();
    let content = || String::from_utf8_lossy(files[file]);
    let found = match file {
        "pyproject.toml" => of_project(&content()),
        "Pipfile" => of_pipfile(&content()),
        _ => of_lists(file, &|path| files.get(path).copied()).asked,
    };
    let shown = found.into_iter().map(|Asked { package, from, .. }| {
        let package = package.unwrap_or_else(|| "?".to_owned());
        match from {
            From::Index => package,
            From::Address(address) => format!("{package} from {address}"),
            From::Path(path) => format!("{package} in {path}"),
            From::Folder => "itself".to_owned(),
            From::List(list) => format!("list {list}"),
            From::Option(option) => format!("option {option}"),
        }
    });
    shown.collect()
}

#[test]
fn packages_are_read_from_each_form() {
    let requirements = "# a\n\nPyYAML>=6 \\\n    --hash=sha256:00\nrequests[socks]==2 ; python_version > '3' # why\n--index-url https://example.com\n-c limits.txt\nzope.interface\nlocal_thing==1\n";
    let found = of(
        "requirements.txt",
        &[("requirements.txt", requirements.as_bytes())],
    );
    assert_eq!(
        found,
        ["pyyaml", "requests", "zope-interface", "local-thing"]
    );
    let project = "[project]\ndependencies = [\"httpx>=0.2\", \"boto3\", \"x @ https://a:b@c.de/x\"]\n[tool.poetry.dependencies]\npython = \"^3.13\"\nRich = \"*\"\n[tool.ruff]\nline-length = 100\n";
    assert_eq!(
        of("pyproject.toml", &[("pyproject.toml", project.as_bytes())]),
        ["httpx", "boto3", "x from https://c.de/x", "rich"]
    );
    let pipfile = "[packages]\nrequests = \"*\"\n[dev-packages]\npytest = \"*\"\n";
    assert_eq!(
        of("Pipfile", &[("Pipfile", pipfile.as_bytes())]),
        ["requests"]
    );
    assert!(of("pyproject.toml", &[("pyproject.toml", b"not = [toml")]).is_empty());
}

#[test]
fn addresses_are_shown_without_who_logs_in() {
    for (line, expected) in [
        (
            "-e git+https://example.com/x#egg=Own_Thing",
            "own-thing from git+https://example.com/x",
        ),
        (
            "git+https://user:tok@example.com/x.git@v1",
            "? from git+https://example.com/x.git@v1",
        ),
        (
            "https://tok@example.com/a/b_c-1.0-py3-none-any.whl?sig=tok",
            "b-c from https://example.com/a/b_c-1.0-py3-none-any.whl",
        ),
        (
            "x @ https://user:tok@example.com/x.tar.gz#sha256=tok",
            "x from https://example.com/x.tar.gz",
        ),
        (
            "x[a,b]@https://user:t@k@example.com/x.zip ; python_version > '3'",
            "x from https://example.com/x.zip",
        ),
        (
            "git+ssh://git:tok@example.com:22/x",
            "? from git+ssh://example.com:22/x",
        ),
        ("git@example.com:x/y.git", "? from example.com:x/y.git"),
        (
            "https://${USER}:${TOKEN}@example.com/x.zip",
            "? from https://example.com/x.zip",
        ),
    ] {
        let found = of("requirements.txt", &[("requirements.txt", line.as_bytes())]);
        assert_eq!(found, [expected], "{line}");
    }
}

#[test]
fn paths_and_other_lists_are_no_packages() {
    for (line, expected) in [
        (
            "./wheels/x-1.0-py3-none-any.whl",
            "x in ./wheels/x-1.0-py3-none-any.whl",
        ),
        ("wheels/x.tar.gz", "? in wheels/x.tar.gz"),
        ("x-2.0-py3-none-any.whl", "x in x-2.0-py3-none-any.whl"),
        ("--editable=../shared", "? in ../shared"),
        ("file:///home/me/x", "? in file:///home/me/x"),
        ("-e .", "itself"),
        (".[dev]", "itself"),
        ("-r other.txt", "list other.txt"),
        ("-rlists/../more.txt", "list more.txt"),
        ("--requirement ../all.txt", "list ../all.txt"),
    ] {
        let found = of("requirements.txt", &[("requirements.txt", line.as_bytes())]);
        assert_eq!(found, [expected], "{line}");
    }
    let files: [(&str, &[u8]); 3] = [
        ("requirements.txt", b"-r lists/one.txt\n"),
        (
            "lists/one.txt",
            b"requests\n--requirement=two.txt\n-r ../requirements.txt\n",
        ),
        ("lists/two.txt", b"rich\n"),
    ];
    assert_eq!(of("requirements.txt", &files), ["requests", "rich"]);
}

#[test]
fn a_list_may_be_in_any_encoding() {
    let text = "requests\r\nrich\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for content in [
        [b"\xff\xfe".as_slice(), &little].concat(),
        [b"\xfe\xff".as_slice(), &big].concat(),
        [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat(),
        [b"# \xe9\n".as_slice(), text.as_bytes()].concat(),
    ] {
        assert_eq!(
            of("requirements.txt", &[("requirements.txt", &content)]),
            ["requests", "rich"]
        );
    }
}

#[test]
fn what_was_put_into_the_folder_is_there() {
    let files = [
        "PyYAML-6.0.2.dist-info/METADATA",
        "yaml/__init__.py",
        "idna/core.py",
        "one_two.py",
    ]
    .map(|path| (path.to_owned(), Vec::new()));
    let vendored = Vendored::of(&files);
    for package in ["pyyaml", "idna", "one-two"] {
        assert!(vendored.has(package), "{package}");
    }
    assert!(!vendored.has("requests"));
}

fn list(text: &str) -> List {
    of_lists("requirements.txt", &|path| {
        (path == "requirements.txt").then_some(text.as_bytes())
    })
}

#[test]
fn versions_hashes_and_markers_are_read() {
    let text = "Requests[socks] == 2.32.3 ; python_version >= '3.8' \\\n    --hash=sha256:aa \\\n    --hash=sha512:bb # why\nsix==1.*\nidna>=3\nrich==14,!=15\nattrs (==25.1)\n";
    let found: Vec<_> = list(text)
        .asked
        .into_iter()
        .map(|asked| (asked.version, asked.hashes, asked.marker))
        .collect();
    let hashes = ["sha256:aa", "sha512:bb"].map(str::to_owned).to_vec();
    let marker = "python_version >= '3.8'".to_owned();
    assert_eq!(
        found,
        [
            (Some("2.32.3".to_owned()), hashes, marker),
            (None, vec![], String::new()),
            (None, vec![], String::new()),
            (None, vec![], String::new()),
            (Some("25.1".to_owned()), vec![], String::new()),
        ]
    );
}

#[test]
fn options_are_kept_left_out_or_refused() {
    let text = "-i https://a.example/simple\n--extra-index-url=https://${USER}:${TOKEN}@b.example/simple\n--require-hashes\n--only-binary :all:\n-c limits.txt\n";
    let kept = list(text);
    assert_eq!(
        kept.indexes,
        [
            "--index-url https://a.example/simple",
            "--extra-index-url https://${USER}:${TOKEN}@b.example/simple"
        ]
    );
    assert!(kept.asked.is_empty());
    for (line, expected) in [
        ("--find-links wheels", "option --find-links"),
        ("--no-binary=x", "option --no-binary"),
        (
            "--index-url https://me:tok@a.example/simple",
            "option --index-url https://a.example/simple",
        ),
        (
            "-i https://${USER}:tok@a.example/simple?x=tok",
            "option -i https://a.example/simple",
        ),
    ] {
        let found = of("requirements.txt", &[("requirements.txt", line.as_bytes())]);
        assert_eq!(
            found,
            [format!("? from {expected}").replace("? from ", "")],
            "{line}"
        );
    }
}
