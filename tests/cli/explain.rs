//! What the command says about itself: its rules.

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use paystagec::diagnostic::Code;

use super::project::{Project, stderr, stdout};

#[test]
fn every_code_is_explained() {
    let project = Project::new();
    for code in Code::ALL {
        let text = stdout(&project.run(&["explain", code.as_str()]).code(0));
        assert!(text.starts_with(&format!("{} (", code.as_str())), "{text}");
        assert!(
            text.contains("\n\nWrong:\n\n    ") && text.contains("\n\nRight:\n\n    "),
            "{text}"
        );
    }
    let text = stdout(&project.run(&["explain", "zone-count"]).code(0));
    assert!(
        text.ends_with(
            "\nRequirements:\n\n    NET-1 (development): a VPC over 2 or 3 availability zones, DNS support and host names on\n    NET-1 (staging, production): a VPC over 3 availability zones, DNS support and host names on\n"
        ),
        "{text}"
    );
}

#[test]
fn an_unknown_code_is_reported_with_the_nearest() {
    let project = Project::new();
    let run = project.run(&["explain", "storage-cieling"]).code(2);
    assert_eq!(stdout(&run), "");
    assert_eq!(
        stderr(&run),
        "error: `storage-cieling` is not the code of a rule, nor a key of the spec\nhelp: did you mean `storage-ceiling`?\n"
    );
    let run = project.run(&["explain", "x"]).code(2);
    assert!(stderr(&run).contains("help: `paystagec rules` lists the codes; lines"));
}

#[test]
fn rules_are_listed_with_severity_and_sentence() {
    let list = stdout(&Project::new().run(&["rules"]).code(0));
    assert_eq!(list.lines().count(), Code::ALL.len());
    for (line, code) in list.lines().zip(Code::ALL) {
        assert!(line.starts_with(&format!("{} ", code.as_str())), "{line}");
        assert!(line.ends_with('.'), "{line}");
    }
    let columns = |code: &str| -> Vec<String> {
        let line = list.lines().find(|line| line.starts_with(code)).unwrap();
        line.split("  ")
            .filter(|word| !word.is_empty())
            .map(|word| word.trim().to_owned())
            .collect()
    };
    assert_eq!(columns("unused-function ")[1], "warning");
    assert_eq!(
        columns("engine-end-of-support ")[1],
        "error or warning or note"
    );
}

#[test]
fn the_document_of_the_rules_is_current() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let committed = fs::read_to_string(document).unwrap();
    let printed = stdout(&Project::new().run(&["rules", "--markdown"]).code(0));
    assert!(
        committed == printed,
        "docs/rules.md is stale: run `paystagec rules --markdown > docs/rules.md`"
    );
    for code in Code::ALL {
        let code = code.as_str();
        assert!(
            printed.contains(&format!("| [{code}](#{code}) | ")),
            "{code}"
        );
        assert_eq!(
            printed.matches(&format!("\n## {code}\n")).count(),
            1,
            "{code}"
        );
    }
}

#[test]
fn a_line_is_explained_down_to_the_line_of_the_spec() {
    let project = Project::built();
    let line = |text: &str| {
        let file = project.read("generated/components/database.py");
        let found = file.lines().position(|line| line.contains(text)).unwrap();
        format!("generated/components/database.py:{}", found + 1)
    };
    let explain = |what: &str| stdout(&project.run(&["explain", what]).code(0));

    let spec = project.read("spec/staging.toml");
    let key = spec
        .lines()
        .position(|line| line.starts_with("storage_gib"));
    let answer = explain(&line(" allocated_storage="));
    assert!(
        answer.ends_with(&format!(
            "\n    allocated_storage=20,\n\n\
             argument   `allocated_storage`\n\
             resource   aws.rds.Instance `instance` in database\n\
             logical    database\n\
             value      20\n\
             from       spec/staging.toml:{}: storage_gib = 20 (`database.storage_gib`)\n",
            key.unwrap() + 1
        )),
        "{answer}"
    );
    let answer = explain(&line(" max_allocated_storage="));
    assert!(
        answer.ends_with(
            "from       the default `database.max-storage-gib` = 100: autoscaling gives time to react when a disk fills, \
             and a ceiling bounds its cost\n"
        ),
        "{answer}"
    );
    let answer = explain(&line(" storage_encrypted="));
    assert!(
        answer.contains(
            "\nfrom       DB-4: storage encrypted with a customer-managed KMS key\n           \
             CKV_AWS_16, a check of Checkov\n"
        ),
        "{answer}"
    );
    let answer = explain(&line(" kms_key_id=args.database_key_arn"));
    assert!(
        answer.contains("`arn` of aws.kms.Key `database_key`, generated/components/keys.py:"),
        "{answer}"
    );
    let answer = explain("./generated/naming.py:1");
    assert!(
        answer.contains("\ncopy       of the compiler's templates/naming.py: "),
        "{answer}"
    );
}

/// What the component of all functions passes on, each function decides; what it says itself, holds for all.
#[test]
fn a_line_that_functions_share_is_explained_with_the_values_of_each() {
    let project = Project::built();
    let path = "generated/components/lambda_function.py";
    let file = project.read(path);
    let explain = |text: &str| {
        let found = file.lines().position(|line| line.contains(text)).unwrap();
        stdout(
            &project
                .run(&["explain", &format!("{path}:{}", found + 1)])
                .code(0),
        )
    };
    let spec = project.read("spec/staging.toml");
    let key = spec.lines().position(|line| line == "memory_mib = 512");
    let given = format!(
        "printed    once; each of them gives its own value\n\n\
         for        migrate, payment-status, audit-relay, deep-health\n\
         value      256\n\
         from       the default `functions.memory-mib` = 256: enough for a handler with a database client\n\n\
         for        validate-payment\n\
         value      512\n\
         from       spec/staging.toml:{}: memory_mib = 512 (`functions.validate-payment.memory_mib`)\n",
        key.unwrap() + 1
    );
    for line in ["    memory_size: int", " memory_size=args.memory_size,"] {
        let answer = explain(line);
        assert!(answer.contains("\nargument   `memory_size`\n"), "{answer}");
        assert!(answer.contains(&given), "{answer}");
    }
    let answer = explain(" retention_in_days=30,");
    for part in [
        "\nargument   `retention_in_days`\nresource   aws.cloudwatch.LogGroup `logs` in functions/migrate, functions/validate-payment, ",
        "\nlogical    migrate-logs, validate-payment-logs, payment-status-logs, ",
        "\nprinted    once, for all of them\nvalue      30\nfrom       ",
        "MON-1",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    let answer = explain(" function = aws.lambda_.Function(");
    assert!(!answer.contains("argument"), "{answer}");
}

#[test]
fn a_wrong_file_or_line_is_reported_with_the_remedy() {
    let project = Project::built();
    let run = project
        .run(&["explain", "generated/components/netwrok.py:3"])
        .code(2);
    assert!(
        stderr(&run).ends_with(
            "error: the spec yields no file generated/components/netwrok.py\n\
             help: did you mean `generated/components/network.py`?\n"
        ),
        "{}",
        stderr(&run)
    );
    for line in [
        "generated/naming.py:9999",
        "generated/naming.py:0",
        "generated/naming.py",
    ] {
        let run = project.run(&["explain", line]).code(2);
        assert!(
            stderr(&run).contains("write `generated/naming.py:1` for the first"),
            "{line}"
        );
    }
    project.append("naming.py", "# ours\n");
    let run = project.run(&["explain", "generated/naming.py:1"]).code(0);
    assert!(
        stderr(&run).contains("warning: generated/naming.py is not what the spec yields; "),
        "{}",
        stderr(&run)
    );
}

#[test]
fn a_key_is_explained_with_what_it_reaches() {
    let project = Project::new();
    let answer = stdout(&project.run(&["explain", "database.instance_class"]).code(0));
    assert!(
        answer.starts_with("key        `database.instance_class`\nabout      Size of the primary"),
        "{answer}"
    );
    for part in [
        "\nspec       spec/staging.toml:",
        ": `instance_class` of aws.rds.Instance `instance`\n",
        ": `threshold` of `database-connections`, a row of `DATABASE_ALARMS` (computed)\n",
        "\n        generated/tests/unit/test_database.py::test_engine_is_the_postgresql_of_the_spec\n",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    let run = project.run(&["explain", "database.instance_clas"]).code(2);
    assert_eq!(
        stderr(&run),
        "error: `database.instance_clas` is not a key of the spec\nhelp: did you mean `database.instance_class`?\n"
    );
}

#[test]
fn unknown_names_are_reported_with_similar_ones() {
    let project = Project::new();
    let said = |what: &str| stderr(&project.run(&["explain", what]).code(2));
    assert_eq!(
        said("database.instnace"),
        "error: `database.instnace` is not a key of the spec\n\
         help: did you mean `database.instance_class`, a key, or `database.instance`, a resource?\n"
    );
    for route in ["GET /health", "GET /helth"] {
        assert_eq!(
            said(route),
            format!(
                "error: `{route}` is not a key of the spec\n\
                 help: did you mean `api.routes.\"GET /health\"`?\n"
            )
        );
    }
    let pattern = said("/health");
    let right = "did you mean `load_balancer.routes.\"/health\"`?";
    assert!(pattern.contains(right), "{pattern}");
    let answer = said("NET-99");
    assert!(
        answer.starts_with("error: `NET-99` is not a requirement\nhelp: there are NET-1, NET-2, "),
        "{answer}"
    );
}

#[test]
fn the_day_decides_whether_there_is_something_to_explain() {
    let project = Project::new();
    project.edit(
        "[state]\n",
        "[[waivers]]\nrule = \"engine-end-of-support\"\nreason = \"the move is planned\"\n\
         owner = \"payments-platform\"\nexpires = 2027-01-31\n\n[state]\n",
    );
    let explain = |day| ["explain", "database.storage_gib", "--today", day];
    let run = project.run(&explain("2027-01-31")).code(0);
    assert_eq!(stderr(&run), "", "what is waived is not the question");
    let text = stdout(&run);
    assert!(text.contains("components/database.py"), "{text}");
    let run = project.run(&explain("2027-02-01")).code(1);
    assert!(
        stderr(&run).contains("error[expired-waiver]"),
        "{}",
        stderr(&run)
    );
}

#[test]
fn a_requirement_is_explained_by_what_meets_and_proves_it() {
    let project = Project::new();
    let answer = stdout(&project.run(&["explain", "NET-6"]).code(0));
    assert!(
        answer.starts_with("NET-6 (Network)\n\nsecurity groups per tier"),
        "{answer}"
    );
    for part in [
        "aws.ec2.SecurityGroup `traffic.database_group`\n",
        "`from_port` of aws.vpc.SecurityGroupIngressRule `database_from_functions`\n",
        "    everybody-allowed: ",
        "\nTests that prove it:\n    generated/tests/unit/",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert_eq!(stdout(&project.run(&["explain", "net-6"]).code(0)), answer);
    // No requirement of this number.
    project.run(&["explain", "NET-66"]).code(2);
}

#[test]
fn a_line_of_the_spec_is_explained_as_its_key() {
    let project = Project::new();
    let text = fs::read_to_string(project.path("spec/staging.toml")).unwrap();
    let line = |start: &str| {
        let number = text
            .lines()
            .position(|line| line.starts_with(start))
            .unwrap()
            + 1;
        format!("spec/staging.toml:{number}")
    };
    let explain = |what: &str| stdout(&project.run(&["explain", what]).code(0));
    assert_eq!(
        explain(&line("storage_gib")),
        explain("database.storage_gib")
    );
    assert_eq!(
        explain(&line("[functions.health]")),
        explain("functions.health")
    );
    assert_eq!(explain(&line("[database]")), explain("database"));
    // One value with keys of its own.
    let uses = explain(&line("uses = { database = \"write\""));
    assert_eq!(uses, explain("functions.validate-payment.uses"));
    let nothing = project.run(&["explain", "spec/staging.toml:1"]).code(2);
    assert!(
        stderr(&nothing)
            .contains("has no key of the spec\nhelp: the next key is on `spec/staging.toml:")
    );
    let beyond = project.run(&["explain", "spec/staging.toml:9999"]).code(2);
    assert!(stderr(&beyond).contains("does not name a line"));
}

#[test]
fn a_resource_is_explained_under_each_of_its_names() {
    let project = Project::new();
    let explain = |what: &str| stdout(&project.run(&["explain", what]).code(0));
    let answer = explain("database.instance");
    assert!(
        answer.starts_with("resource   aws.rds.Instance `instance` in database\n"),
        "{answer}"
    );
    for part in [
        "\nin AWS     rds-staging-main\n",
        "\nline       generated/components/database.py:",
        "    `allocated_storage`: spec/staging.toml:",
        "    `multi_az`: DB-2: ",
        "\nRequirements:\n    DB-1: ",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert_eq!(explain("rds-staging-main"), answer);
    // A family's members are told together, or the one that was asked for.
    let family = explain("network.public_subnet");
    assert_eq!(family.matches("\nlogical ").count(), 3, "{family}");
    let member = explain("public-use1-az2");
    assert!(
        member.contains("\nlogical    public-use1-az2\n"),
        "{member}"
    );
    assert!(
        !member.contains("\nlogical    public-use1-az1\n"),
        "{member}"
    );
    let function = explain("lambda-health-staging-main");
    assert!(
        function.contains("    `runtime`: the default `functions.runtime` = "),
        "{function}"
    );
}

#[test]
fn a_key_that_is_documented_is_explained_whatever_the_spec_has() {
    let project = Project::new();
    let explain = |what: &str| stdout(&project.run(&["explain", what]).code(0));
    let limit = explain("payments.currencies.USD.maximum");
    for part in [
        "\ndefault    1_000_000, while the spec has no `payments.currencies`\n",
        "\nspec       has no `payments.currencies.USD`\n",
        "(docs/spec.md#paymentscurrencies)\n",
        "components/functions/validate_payment.py:",
    ] {
        assert!(limit.contains(part), "{part}\n{limit}");
    }
    let least = explain("payments.currencies.EUR.minimum");
    assert!(least.contains("\ndefault    50, while "), "{least}");
    let other = explain("payments.currencies.PLN.maximum");
    assert!(
        other.contains("default    none: it is required, for example `maximum = 1_000_000`\n"),
        "{other}"
    );
    for name in ["NAME", "*"] {
        let timeout = explain(&format!("functions.{name}.timeout_seconds"));
        for part in [
            "\ndefault    10: well under the API's 29 seconds\n",
            "components/functions/health.py:",
            "components/functions/payment_status.py:",
            ": `timeout` of aws.lambda_.Function `function`\n",
        ] {
            assert!(timeout.contains(part), "{part}\n{timeout}");
        }
    }
    let misspelt = project.run(&["explain", "functions.helth.timeout_seconds"]);
    let said = stderr(&misspelt.code(2));
    assert!(said.ends_with("did you mean `functions.health.timeout_seconds`?\n"));
    for entry in ["waivers[0].owner", "waivers.*.owner", "overrides.X.owner"] {
        let answer = explain(entry);
        assert!(answer.contains("none: it is required, for example `owner = "));
        assert!(answer.ends_with("No line contains it: the spec has no such entry.\n"));
    }
}

#[test]
fn what_is_accepted_for_a_while_is_explained_with_the_line_that_lists_it() {
    let project = Project::new();
    let spec = project.path("spec/staging.toml");
    let entries = "\n[[waivers]]\nrule = \"engine-end-of-support\"\nreason = \"planned\"\nowner = \"a\"\nexpires = 2027-01-31\n\
         \n[overrides.\"database.instance\"]\nargument = \"monitoring_interval\"\nvalue = 30\nreplaces = 60\nreason = \"r\"\n\
         owner = \"o\"\nexpires = 2027-01-31\n";
    fs::write(&spec, fs::read_to_string(&spec).unwrap() + entries).unwrap();
    project
        .run(&["build", "spec/staging.toml", "--today", "2026-12-01"])
        .code(0);
    let listed = |text: &str| {
        let file = project.read("generated/docs/requirements.md");
        let number = file.lines().position(|line| line.contains(text)).unwrap() + 1;
        format!("\n    generated/docs/requirements.md:{number}: ")
    };
    let (waiver, set) = (listed("| planned |"), listed("| `monitoring_interval` |"));
    let explain = |what: &str| {
        stdout(
            &project
                .run(&["explain", what, "--today", "2026-12-01"])
                .code(0),
        )
    };
    for what in ["waivers", "waivers[0].owner", "waivers.owner"] {
        let answer = explain(what);
        assert_eq!(answer.matches(&waiver).count(), 1, "{what}: {answer}");
    }
    for what in ["overrides", "overrides.\"database.instance\".reason"] {
        let answer = explain(what);
        assert_eq!(answer.matches(&set).count(), 1, "{what}: {answer}");
    }
}

#[test]
fn the_spec_is_found_by_the_name_of_its_file() {
    let project = Project::new();
    let explain = |what: &str| stdout(&project.run(&["explain", what]).code(0));
    assert_eq!(explain("staging.toml:21"), explain("spec/staging.toml:21"));
    let beside = cargo_bin_cmd!("paystagec")
        .current_dir(project.path("spec"))
        .args(["explain", "staging.toml:21"])
        .assert()
        .code(0);
    let answer = stdout(&beside);
    assert!(
        answer.contains("\nspec       staging.toml:21: "),
        "{answer}"
    );
    fs::copy(
        project.path("spec/staging.toml"),
        project.path("spec/other.toml"),
    )
    .unwrap();
    let other = stderr(&project.run(&["explain", "spec/other.toml:21"]).code(2));
    assert!(
        other.ends_with("help: if it is a spec, add `--spec spec/other.toml`\n"),
        "{other}"
    );
    let module = stderr(&project.run(&["explain", "load_balancer.py:3"]).code(2));
    assert!(
        module.ends_with("did you mean `generated/components/load_balancer.py`?\n"),
        "{module}"
    );
}
