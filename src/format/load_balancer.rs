//! `[load_balancer]`.

use super::forms::CIDR;
use super::prelude::*;
use super::services::LONGEST_LOGS;

const PATTERN: &str = "^[/*].{0,127}$";

table! {
    "load_balancer", "Load balancer", "Public, HTTPS, with functions as targets.", RawLoadBalancer => LoadBalancerSettings;

    own certificate: text,
        "Certificate", "`self-signed`, or the ARN of an ACM certificate in us-east-1; the key of one of ACM's is not in the state.",
        default(Plain::text("self-signed"), "HTTPS needs a certificate before there is a domain"),
        form("^(self-signed|arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-fA-F-]{36})$"),
        examples(&["self-signed", "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"]), serves("LB-2");

    own clients: text,
        "Clients' authorities", "A file of CA certificates in PEM, relative to the spec. Callers show a certificate that one of them issued (mutual TLS); without it, only routes whose functions touch no data are allowed.",
        examples(&["certificates/ca.pem"]), serves("LB-2");

    own allowed_cidrs: texts,
        "Allowed ranges", "Who may connect: IPv4 ranges of offices and partners.", at_least_one(), form(CIDR), examples(&["203.0.113.0/24"]);

    own routes: entries(RawLoadBalancerRoute),
        "Routes of the load balancer", "By pattern of the path: `\"/payments/*\"`.", at_least_one(), names(|| PATTERN.to_owned());

    key log_retention_days: number optional,
        "Retention of the balancer's logs", "How long its logs in CloudWatch are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");
}

table! {
    "load_balancer.routes.*", "A route of the load balancer", "A path; `*` stands for any text and `?` for one character.", RawLoadBalancerRoute => LoadBalancerRouteSettings;

    own function: text,
        "Function", "The function that answers, by name.", required(), examples(&["validate-payment"]);

    own renamed_from: text,
        "Former pattern", "The pattern that the route had. Its rule is updated in place.",
        form(PATTERN), examples(&["/pay/*"]);

    own priority: number,
        "Priority", "The lowest that matches wins. Left out, the more specific pattern comes first.",
        range(1, 50_000, "what listener rules take"), examples(&["100"]);
}
