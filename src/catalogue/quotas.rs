//! Quotas of an account, and other single numbers of whole services.

use super::Sure;
use crate::tables::compiled_in;

/// One number.
#[derive(Debug)]
pub struct Quota {
    pub value: u64,
    pub sure: Sure,
    pub source: &'static str,
}

/// How many resources of one kind there may be.
#[derive(Debug)]
pub struct KindQuota {
    /// `aws.lb.ListenerRule`.
    pub class: &'static str,
    /// In words, more than one: `listener rules`.
    pub what: &'static str,
    /// Of what: `a load balancer`.
    pub of: &'static str,
    pub value: u64,
    /// The table of the spec that makes them.
    pub table: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

/// What an account has unless it was raised.
#[derive(Debug)]
pub struct Quotas {
    /// Executions of all functions of a region at once.
    pub function_concurrency: Quota,
    /// The same in an account that was made lately.
    pub new_account_concurrency: Quota,
    /// Executions that must stay for functions without a reservation.
    pub unreserved_concurrency: Quota,
    /// How long a REST API waits for a function.
    pub api_timeout_seconds: Quota,
    /// How long a load balancer waits for a function, unless told otherwise.
    pub load_balancer_timeout_seconds: Quota,
    /// Elastic IP addresses of a region.
    pub elastic_ips: Quota,
    /// Addresses of a subnet that AWS keeps for itself.
    pub subnet_reserved_addresses: Quota,
    /// Addresses that must be free in each subnet of a load balancer.
    pub load_balancer_free_addresses: Quota,
    /// Prefix length of the smallest subnet for a load balancer.
    pub load_balancer_prefix: Quota,
    /// Metrics of one widget of a dashboard.
    pub dashboard_widget_metrics: Quota,
    /// Metrics of all widgets of a dashboard.
    pub dashboard_metrics: Quota,
    pub dashboard_widgets: Quota,
    /// CA certificates of a trust store of load balancers, bytes of one of them, and bytes of all their subjects.
    pub trust_store_certificates: Quota,
    pub trust_store_certificate_bytes: Quota,
    pub trust_store_subject_bytes: Quota,
    /// How many resources of a kind there may be.
    pub of_kind: &'static [KindQuota],
    /// Network interfaces of all functions of one subnet that share their security groups.
    pub function_interfaces: Quota,
}

impl Quotas {
    /// How many resources may stand at the same time, by the table or by the class of a row.
    pub fn standing(&self, row: &str) -> Option<u64> {
        if row == "elastic_ips" {
            return Some(self.elastic_ips.value);
        }
        let found = self.of_kind.iter().find(|each| each.class == row);
        found.map(|each| each.value)
    }
}

/// The quotas.
pub fn quotas() -> &'static Quotas {
    static TABLE: Quotas = compiled_in!("quotas");
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::quotas;
    use crate::catalogue::kind;

    #[test]
    fn quotas_parse_and_agree_with_each_other() {
        let quotas = quotas();
        assert!(!quotas.elastic_ips.source.is_empty());
        assert!(quotas.new_account_concurrency.value < quotas.unreserved_concurrency.value);
        assert!(quotas.unreserved_concurrency.value < quotas.function_concurrency.value);
        assert!(quotas.dashboard_widget_metrics.value < quotas.dashboard_metrics.value);
        for row in quotas.of_kind {
            assert!(kind(row.class).is_some(), "{}", row.class);
            assert!(row.value > 0 && !row.source.is_empty(), "{}", row.class);
        }
        assert!(quotas.api_timeout_seconds.value < quotas.load_balancer_timeout_seconds.value);
    }
}
