//! How long log groups keep what they hold, where the spec asks for it.

use super::environment::Environment;
use crate::origin::Value;

impl Environment {
    /// Days of the groups that shall keep their logs for longer than others, by the table of what writes them.
    pub fn logs_kept_longer(&self) -> Vec<(String, &Value<u64>)> {
        let tables = [
            ("network", &self.network.log_retention_days),
            ("database", &self.database.log_retention_days),
            ("api", &self.api.log_retention_days),
            ("load_balancer", &self.load_balancer.log_retention_days),
            ("firewall", &self.firewall.log_retention_days),
        ];
        let tables = tables
            .into_iter()
            .map(|(table, days)| (table.to_owned(), days));
        let functions = self.functions.iter().map(|function| {
            let table = format!("functions.{}", function.key.value);
            (table, &function.log_retention_days)
        });
        let all = tables.chain(functions);
        all.filter_map(|(table, days)| Some((table, days.as_ref()?)))
            .collect()
    }
}
