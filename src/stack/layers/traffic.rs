//! What may pass: network ACLs on subnets, security groups between the tiers.

use super::refer;
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

/// Rules of a network ACL, numbered from 100 in steps of 10 so that a person can put one between.
struct AclRules(Vec<Expr>);

impl AclRules {
    fn allow(&mut self, from_port: u16, to_port: u16, cidr: impl Into<Expr>) {
        let number = 100 + 10 * i64::try_from(self.0.len()).unwrap_or_default();
        self.0.push(Expr::map([
            ("rule_no", number.into()),
            ("action", "allow".into()),
            ("protocol", "tcp".into()),
            ("cidr_block", cidr.into()),
            ("from_port", i64::from(from_port).into()),
            ("to_port", i64::from(to_port).into()),
        ]));
    }

    fn allow_ephemeral(&mut self, cidr: &Expr) {
        for (from_port, to_port) in EPHEMERAL {
            self.allow(from_port, to_port, cidr.clone());
        }
    }
}

fn network_acls(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let inside = vpc.out("cidr_block");
    let anywhere = Expr::from(ANYWHERE);
    let (mut public_in, mut public_out) = (AclRules(Vec::new()), AclRules(Vec::new()));
    for cidr in &env.load_balancer.allowed_cidrs {
        public_in.allow(443, 443, &cidr.value);
        public_in.allow(80, 80, &cidr.value);
    }
    // What private subnets send to the NAT gateways.
    public_in.allow(443, 443, inside.clone());
    public_in.allow_ephemeral(&anywhere);
    public_out.allow(443, 443, ANYWHERE);
    public_out.allow_ephemeral(&anywhere);
    let (mut private_in, mut private_out) = (AclRules(Vec::new()), AclRules(Vec::new()));
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
                    Expr::List(ingress.0),
                    "NET-7 CKV_AWS_229 CKV_AWS_231 EC2.21",
                )
                .fixed("egress", Expr::List(egress.0), "NET-7 CKV_AWS_231")
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
