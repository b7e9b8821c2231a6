//! What may pass: network ACLs on subnets, security groups between the tiers.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use sha2::{Digest, Sha256};

use super::shared::refer;
use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

const ANYWHERE: &str = "0.0.0.0/0";
/// Ephemeral ports without 3389: one range over all of them would let remote desktops in (CKV_AWS_231).
const EPHEMERAL: [(u16, u16); 2] = [(1024, 3388), (3390, 65535)];

pub fn traffic(env: &Environment) -> Component {
    let mut layer = Component::new(
        "traffic",
        "What may pass: network ACLs on the subnets, security groups between the tiers",
        "Rules for packets; whatever is not named here is dropped.",
        &["NET-6", "NET-7", "NET-8", "LB-1"],
    );
    let vpc = refer("network", "vpc");
    network_acls(&mut layer, env, &vpc);
    security_groups(&mut layer, env, &vpc);
    layer
}

/// Rules of a network ACL. They are known by their numbers: one that moves is deleted first and closes the way meanwhile. So each
/// has a number that no other rule decides.
struct AclRules {
    rules: Vec<Expr>,
    next: i64,
}

impl AclRules {
    /// Fixed rules are numbered from here in steps of ten, so that a person can put one between.
    const fn from(first: i64) -> Self {
        Self {
            rules: Vec::new(),
            next: first,
        }
    }

    fn allow(&mut self, from_port: u16, to_port: u16, cidr: impl Into<Expr>) {
        let number = self.next;
        self.next += 10;
        self.numbered(number, (from_port, to_port), cidr);
    }

    fn numbered(&mut self, number: i64, ports: (u16, u16), cidr: impl Into<Expr>) {
        self.rules.push(Expr::map([
            ("rule_no", number.into()),
            ("action", "allow".into()),
            ("protocol", "tcp".into()),
            ("cidr_block", cidr.into()),
            ("from_port", i64::from(ports.0).into()),
            ("to_port", i64::from(ports.1).into()),
        ]));
    }

    fn allow_ephemeral(&mut self, cidr: &Expr) {
        for (from_port, to_port) in EPHEMERAL {
            self.allow(from_port, to_port, cidr.clone());
        }
    }
}

/// Numbers of an ACL go up to this (botocore, ec2, CreateNetworkAclEntry: 1 to 32766).
const LAST: i64 = 32_766;
/// Where the numbers of ranges begin.
const FIRST: i64 = 1_000;

/// A number for each range, even, with the next one free. It follows from the range alone; where two would have the same, which is one
/// case in three thousand of ten ranges, the greater one has the next.
fn numbers(cidrs: impl Iterator<Item = Ipv4Net>) -> BTreeMap<Ipv4Net, i64> {
    let places = (LAST - FIRST) / 2;
    let cidrs: BTreeSet<Ipv4Net> = cidrs.collect();
    let mut taken = BTreeSet::new();
    let numbered = cidrs.into_iter().map(|cidr| {
        let digest = Sha256::digest(cidr.to_string().as_bytes());
        let start = digest
            .iter()
            .take(4)
            .fold(0, |number, byte| number * 256 + i64::from(*byte));
        let mut place = start % places;
        while !taken.insert(place) {
            place = (place + 1) % places;
        }
        (cidr, FIRST + 2 * place)
    });
    numbered.collect()
}

fn network_acls(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let inside = vpc.out("cidr_block");
    let anywhere = Expr::from(ANYWHERE);
    // Below those of the ranges.
    let (mut public_in, mut public_out) = (AclRules::from(10), AclRules::from(100));
    // What private subnets send to the NAT gateways.
    public_in.allow(443, 443, inside.clone());
    public_in.allow_ephemeral(&anywhere);
    for (cidr, number) in numbers(
        env.load_balancer
            .allowed_cidrs
            .iter()
            .map(|cidr| cidr.value),
    ) {
        public_in.numbered(number, (443, 443), &cidr);
        public_in.numbered(number + 1, (80, 80), &cidr);
    }
    public_out.allow(443, 443, ANYWHERE);
    public_out.allow_ephemeral(&anywhere);
    let (mut private_in, mut private_out) = (AclRules::from(100), AclRules::from(100));
    private_in.allow(5432, 5432, inside.clone());
    private_in.allow_ephemeral(&anywhere);
    private_out.allow(443, 443, ANYWHERE);
    private_out.allow(5432, 5432, inside.clone());
    private_out.allow_ephemeral(&inside);
    for (kind, comment, ingress, egress) in [
        (
            "public",
            "In: clients, and what the private subnets send to the NAT gateways. Out: HTTPS. Answers both ways.",
            public_in,
            public_out,
        ),
        (
            "private",
            "PostgreSQL inside the VPC, HTTPS out, and the answers to both.",
            private_in,
            private_out,
        ),
    ] {
        let subnets = refer("network", &format!("{kind}_subnet")).each();
        layer.add(
            Resource::new("aws.ec2.NetworkAcl", &format!("{kind}_acl"))
                .arg("vpc_id", vpc.out("id"))
                .arg("subnet_ids", subnets.out("id"))
                .fixed(
                    "ingress",
                    Expr::List(ingress.rules),
                    "NET-7 CKV_AWS_229 CKV_AWS_231 EC2.21",
                )
                .fixed("egress", Expr::List(egress.rules), "NET-7 CKV_AWS_231")
                .tags("nacl", kind)
                .comment(comment),
        );
    }
}

fn security_groups(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let mut group = |role: &str, variable: &str, description: &str| {
        layer.add(
            Resource::new("aws.ec2.SecurityGroup", variable)
                .arg("name", Expr::name("secgroup", role))
                .fixed("description", description, "NET-6 CKV_AWS_23")
                .arg("vpc_id", vpc.out("id"))
                .tags("secgroup", role),
        )
    };
    let database = group(
        "database",
        "database_group",
        "PostgreSQL, from the functions only",
    );
    let functions = group(
        "functions",
        "function_group",
        "Functions: no way in, out to the database and to HTTPS",
    );
    let balancer = group(
        "alb",
        "load_balancer_group",
        "Load balancer: clients of the allowed networks",
    );
    let rule = |kind: &'static str, name: &str, group: &Handle, port: u16, description: &str| {
        Resource::new(kind, name)
            .arg("security_group_id", group.out("id"))
            .fixed("description", description, "NET-6 CKV_AWS_23")
            .fixed("ip_protocol", "tcp", "NET-6")
            .fixed("from_port", i64::from(port), "NET-6")
            .fixed("to_port", i64::from(port), "NET-6")
    };
    const IN: &str = "aws.vpc.SecurityGroupIngressRule";
    const OUT: &str = "aws.vpc.SecurityGroupEgressRule";
    layer.add(
        rule(
            IN,
            "database_from_functions",
            &database,
            5432,
            "PostgreSQL from the functions",
        )
        .arg("referenced_security_group_id", functions.out("id"))
        .tags("rule", "database-from-functions"),
    );
    layer.add(
        rule(
            OUT,
            "functions_to_database",
            &functions,
            5432,
            "PostgreSQL to the database",
        )
        .arg("referenced_security_group_id", database.out("id"))
        .tags("rule", "functions-to-database"),
    );
    layer.add(
        rule(
            OUT,
            "functions_to_https",
            &functions,
            443,
            "AWS APIs, through the NAT gateways",
        )
        .fixed("cidr_ipv4", ANYWHERE, "FN-5")
        .tags("rule", "functions-to-https"),
    );
    let mut clients = Family {
        table: "CLIENTS",
        class: "Client",
        doc: "A network whose clients may reach a port of the load balancer.",
        comment: Some("Port 80 answers with a redirect to 443 and nothing else."),
        variable: "client",
        key: "name",
        columns: vec![("name", "str"), ("cidr", "str"), ("port", "int")],
        rows: Vec::new(),
        resources: vec![
            Resource::new(IN, "client_rule")
                .logical("{name}")
                .arg("security_group_id", balancer.out("id"))
                .fixed(
                    "description",
                    "Clients of an allowed network",
                    "NET-6 CKV_AWS_23",
                )
                .fixed("ip_protocol", "tcp", "NET-6")
                .arg("from_port", Expr::Column("port"))
                .arg("to_port", Expr::Column("port"))
                .arg("cidr_ipv4", Expr::Column("cidr"))
                .tags("rule", "{name}"),
        ],
    };
    for cidr in &env.load_balancer.allowed_cidrs {
        for port in [443, 80] {
            let address = cidr.value.to_string().replace(['.', '/'], "-");
            clients.row(vec![
                (
                    "name",
                    Expr::text(format!("alb-from-{address}-port-{port}")),
                    cidr.origin.clone(),
                ),
                ("cidr", Expr::from(&cidr.value), cidr.origin.clone()),
                ("port", Expr::from(port), Origin::Fixed("LB-2 CKV2_AWS_20")),
            ]);
        }
    }
    layer.add_family(clients);
}

#[cfg(test)]
mod tests {
    use super::{LAST, numbers};

    #[test]
    fn a_range_keeps_its_number() {
        let of = |list: &[&str]| numbers(list.iter().map(|cidr| cidr.parse().unwrap()));
        let two = of(&["192.0.2.0/24", "203.0.113.0/24"]);
        let three = of(&["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24"]);
        for (cidr, number) in &two {
            assert_eq!(three.get(cidr), Some(number), "{cidr}");
        }
        let many: Vec<String> = (0..1_000)
            .map(|low| format!("10.0.{}.{}/32", low / 256, low % 256))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let numbers: std::collections::BTreeSet<i64> = of(&many).into_values().collect();
        assert_eq!(numbers.len(), many.len());
        assert!(
            numbers
                .iter()
                .all(|number| number % 2 == 0 && *number > 100 && *number < LAST)
        );
    }
}
