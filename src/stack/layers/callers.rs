//! An alarm on callers of the load balancer that do not get in.

use super::monitoring::alarms::PERIOD;
use super::shared::refer;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

/// Failed handshakes in a period above which the alarm fires: more than somebody makes who tries a new client by hand.
const MOST_HANDSHAKES: i64 = 20;

/// Nothing where nobody is asked for a certificate.
pub fn callers(env: &Environment) -> Option<Component> {
    env.load_balancer.clients.as_ref()?;
    let mut layer = Component::new(
        "callers",
        "An alarm on callers of the load balancer that do not get in",
        "Callers show certificates, and certificates end.",
        &["MON-5", "LB-2"],
    );
    let topic = refer("monitoring", "topic").out("arn");
    let balancer = refer("load_balancer", "load_balancer").out("arn_suffix");
    layer.add(
        Resource::new("aws.cloudwatch.MetricAlarm", "handshakes_alarm")
            .logical("alb-handshakes")
            .arg("name", Expr::name("alarm", "alb-handshakes"))
            .arg("alarm_actions", Expr::List(vec![topic.clone()]))
            .arg("ok_actions", Expr::List(vec![topic]))
            .fixed("treat_missing_data", "notBreaching", "MON-5")
            .fixed(
                "alarm_description",
                format!(
                    "Failed TLS handshakes above {MOST_HANDSHAKES} in 5 minutes: certificates missing, foreign or expired"
                ),
                "MON-5",
            )
            .fixed("namespace", "AWS/ApplicationELB", "LB-2")
            .fixed("metric_name", "ClientTLSNegotiationErrorCount", "LB-2")
            .arg("dimensions", Expr::map([("LoadBalancer", balancer)]))
            .fixed("statistic", "Sum", "LB-2")
            .fixed("period", PERIOD, "MON-5")
            .fixed("evaluation_periods", 2, "MON-5")
            .fixed("comparison_operator", "GreaterThanThreshold", "LB-2")
            .fixed("threshold", MOST_HANDSHAKES, "LB-2")
            .tags("alarm", "alb-handshakes"),
    );
    Some(layer)
}
