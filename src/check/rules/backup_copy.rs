//! Copies of backups: where production has none, and where RDS makes none.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::requirements::Class;
use crate::resolve::vault::Vault;

const KEY: &str = "database.backup_vault.copy";
const EXAMPLE: &str = "arn:aws:backup:us-east-1:210987654321:backup-vault:payments";

pub const RULE: Rule = Rule {
    code: Code::BackupCopy,
    severities: &[Severity::Error],
    what: "\
        In the class production, no vault gets copies of the backups; or the vault that does is not named by its ARN, lies in the \
        account and region of the database, or in another account and another region at once.",
    why: "\
        DB-3 asks production for a copy that whoever destroys the account or loses the region does not take along. AWS Backup copies \
        snapshots of RDS to another account or to another region, not to both at once.",
    wrong: "\
        [environment]\n\
        class = \"production\"",
    right: "\
        [database.backup_vault]\n\
        copy = \"arn:aws:backup:us-east-1:210987654321:backup-vault:payments\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let vault = environment.database.backup_vault.as_ref();
    let Some(copy) = vault.and_then(|vault| vault.copy.as_ref()) else {
        if environment.class == Class::Production
            && ![KEY, "database.backup_vault", "database"]
                .iter()
                .any(|key| context.is_unusable(key))
        {
            found.push(missing(context));
        }
        return;
    };
    found.extend(misplaced(context, copy));
}

fn missing(context: &Context<'_>) -> Diagnostic {
    let message = "production has no copy of its backups";
    Diagnostic::error(Code::BackupCopy, context.place("database.backup_vault"), message)
        .label("DB-3 asks production for a copy")
        .help(format!(
            "name a vault of AWS Backup in another account or region: `copy = \"{EXAMPLE}\"` in `[database.backup_vault]`"
        ))
}

fn misplaced(context: &Context<'_>, copy: &Value<String>) -> Option<Diagnostic> {
    let (_, span) = written(copy)?;
    let tell = |message: &str| Diagnostic::error(Code::BackupCopy, span.clone(), message);
    let Some(vault) = Vault::of(&copy.value) else {
        let told = tell(&format!("`{KEY}` is not the ARN of a backup vault"));
        return Some(told.label("an account and a region are part of it").help(
            "`aws backup describe-backup-vault --backup-vault-name NAME --query BackupVaultArn` prints it: \
             `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`",
        ));
    };
    let environment = context.environment;
    let region = environment.region.value.as_str();
    let allowed = &environment.allowed_account_ids;
    let is_here = matches!(allowed.as_slice(), [only] if only.value == vault.account);
    let is_elsewhere = !environment.may_be_in(vault.account);
    if vault.region == region && is_here {
        let told = tell("the copies of the backups lie beside the backups");
        return Some(
            told.label("of the account and the region of the database")
                .help("name a vault in another account or in another region"),
        );
    }
    if vault.region != region && is_elsewhere {
        let told =
            tell("the copies of the backups go to another account and another region at once");
        return Some(
            told.label(format!("of the account {} in `{}`", vault.account, vault.region))
                .help(format!(
                    "name a vault of that account in `{region}`, or one of the environment's account in `{}`",
                    vault.region
                )),
        );
    }
    None
}
