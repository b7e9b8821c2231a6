//! The vault that gets copies of backups: where it is, and whose.

use super::environment::Environment;

/// Parts of the ARN of a backup vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vault<'a> {
    pub region: &'a str,
    pub account: &'a str,
}

impl<'a> Vault<'a> {
    /// Nothing of a text that is none.
    pub fn of(arn: &'a str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:aws:backup:")?.splitn(3, ':');
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let name = resource.strip_prefix("backup-vault:")?;
        let is_region = region
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-');
        let is_account = account.len() == 12 && account.bytes().all(|c| c.is_ascii_digit());
        // botocore, backup: BackupVaultName.
        let is_sign = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        let is_name = (2..=50).contains(&name.len()) && name.bytes().all(is_sign);
        (!region.is_empty() && is_region && is_account && is_name)
            .then_some(Self { region, account })
    }
}

impl Environment {
    /// The vault that gets copies.
    pub fn copies_to(&self) -> Option<Vault<'_>> {
        let vault = self.database.backup_vault.as_ref()?;
        Vault::of(vault.copy.as_ref()?.as_str())
    }

    /// Whether an account may be the environment's own, as far as the spec says.
    pub fn may_be_in(&self, account: &str) -> bool {
        let allowed = &self.allowed_account_ids;
        allowed.is_empty() || allowed.iter().any(|id| id.value == account)
    }
}
