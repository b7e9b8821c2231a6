//! `[domain]`: names of the environment's own.

use super::prelude::*;

/// Id of a hosted zone: botocore, route53, `ResourceId`, with the letter that all of them begin with.
const ZONE: &str = "^Z[0-9A-Z]{1,31}$";
/// Labels of lower-case letters, digits and hyphens, at least two; a certificate has a common name of at most 64 characters.
const NAME: &str = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

table! {
    "domain", "Domain", "Names under which API and load balancer answer, in a public hosted zone of Route 53 that the account has already. Each gets a certificate of ACM that renews itself, and a record.", RawDomain => Domain;

    key zone_id: text optional,
        "Zone", "Id of the hosted zone that the names are put into: `aws route53 list-hosted-zones` prints it, behind `/hostedzone/`.",
        form(ZONE), examples(&["Z0123456789ABCDEFGHIJ"]), serves("LB-2");

    key zone_name: text optional,
        "Name of the zone", "What the zone is for; with it, a name that is not in the zone is found here and not by the deployment.",
        form(NAME), examples(&["payments.example.com"]), serves("LB-2");

    key api: text optional,
        "Name of the API", "What clients of the API connect to: its stage answers at the root, without the stage's name in the path. The address of AWS's own goes on to answer.",
        form(NAME), examples(&["api.payments.example.com"]), serves("API-1");

    key load_balancer: text optional,
        "Name of the load balancer", "What clients of the load balancer connect to. It shows the certificate of this name, and `load_balancer.certificate` is left out.",
        form(NAME), examples(&["direct.payments.example.com"]), serves("LB-2");
}
