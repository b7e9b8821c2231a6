//! VPC, subnets, routes, network ACLs, security groups, flow logs and the S3 gateway endpoint.

use ipnet::Ipv4Net;

use super::policy::{self, Statement};

use crate::origin::{Origin, Value};
use crate::resolve::environment::{Environment, Network};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

const ANYWHERE: &str = "0.0.0.0/0";
/// Ephemeral ports without 3389: one range over all of them would let remote desktops in (CKV_AWS_231).
const EPHEMERAL: [(u16, u16); 2] = [(1024, 3388), (3390, 65535)];

pub fn network(env: &Environment) -> Component {
    let mut layer = Component::new(
        "network",
        "The VPC, a public and a private subnet in each zone, and what may pass between them",
        "Isolated address space of the environment; only load balancer and NAT gateways face outwards.",
        &[
            "NET-1", "NET-2", "NET-3", "NET-4", "NET-5", "NET-6", "NET-7", "NET-8", "MON-1",
        ],
    );
    let vpc = layer.add(
        Resource::new("aws.ec2.Vpc", "vpc")
            .set("cidr_block", &env.network.cidr)
            .fixed("enable_dns_support", true, "NET-1")
            .fixed("enable_dns_hostnames", true, "NET-1")
            .tags("vpc", ""),
    );
    lock_defaults(&mut layer, &vpc);
    let gateway = layer.add(
        Resource::new("aws.ec2.InternetGateway", "internet_gateway")
            .arg("vpc_id", vpc.out("id"))
            .tags("igw", ""),
    );
    let public_routes = layer.add(
        Resource::new("aws.ec2.RouteTable", "public_routes")
            .arg("vpc_id", vpc.out("id"))
            .arg("routes", default_route("gateway_id", gateway.out("id")))
            .tags("rtb", "public"),
    );
    layer.add_family(zones(&env.network, &layer, &vpc, &gateway, &public_routes));
    endpoint(&mut layer, env, &vpc);
    network_acls(&mut layer, env, &vpc);
    security_groups(&mut layer, env, &vpc);
    flow_logs(&mut layer, env, &vpc);
    layer
}

/// What AWS makes with every VPC is taken over and emptied, so that nothing can hide in it (CKV2_AWS_12, EC2.2).
fn lock_defaults(layer: &mut Component, vpc: &Handle) {
    layer.add(
        Resource::new("aws.ec2.DefaultSecurityGroup", "default_group")
            .arg("vpc_id", vpc.out("id"))
            .tags("sg", "default")
            .comment(
                "Taken over without rules: whatever lands in a default of the VPC reaches nothing.",
            ),
    );
    layer.add(
        Resource::new("aws.ec2.DefaultNetworkAcl", "default_acl")
            .arg("default_network_acl_id", vpc.out("default_network_acl_id"))
            .tags("nacl", "default"),
    );
}

fn default_route(target: &str, gateway: Expr) -> Expr {
    Expr::List(vec![Expr::map([
        ("cidr_block", ANYWHERE.into()),
        (target, gateway),
    ])])
}

fn zones(
    network: &Network,
    layer: &Component,
    vpc: &Handle,
    gateway: &Handle,
    public_routes: &Handle,
) -> Family {
    let (public, private) = (
        layer.handle("public_subnet"),
        layer.handle("private_subnet"),
    );
    let subnet = |kind: &str, cidr: &'static str| {
        Resource::new("aws.ec2.Subnet", &format!("{kind}_subnet"))
            .logical(&format!("{kind}-{{id}}"))
            .arg("vpc_id", vpc.out("id"))
            .arg("availability_zone_id", Expr::Column("id"))
            .arg("cidr_block", Expr::Column(cidr))
            .fixed("map_public_ip_on_launch", false, "NET-8 CKV_AWS_130 EC2.15")
            .tags("subnet", &format!("{kind}-{{id}}"))
    };
    let association = |kind: &str, subnet: &Handle, table: &Handle| {
        Resource::new(
            "aws.ec2.RouteTableAssociation",
            &format!("{kind}_association"),
        )
        .logical(&format!("{kind}-{{id}}"))
        .arg("subnet_id", subnet.out("id"))
        .arg("route_table_id", table.out("id"))
    };
    let mut family = Family {
        table: "ZONES",
        class: "Zone",
        doc: "One availability zone and its slots in the address plan.",
        comment: Some("A slot belongs to its zone id: adding a zone moves no other."),
        variable: "zone",
        key: "id",
        columns: vec![("id", "str"), ("public_cidr", "str"), ("private_cidr", "str")],
        rows: Vec::new(),
        resources: vec![
            subnet("public", "public_cidr"),
            association("public", &public, public_routes),
            Resource::new("aws.ec2.Eip", "address")
                .logical("nat-{id}")
                .fixed("domain", "vpc", "NET-4")
                .tags("eip", "nat-{id}")
                .after_because(gateway, "Released before the gateway that it is mapped through."),
            Resource::new("aws.ec2.NatGateway", "nat_gateway")
                .logical("nat-{id}")
                .arg("subnet_id", public.out("id"))
                .arg("allocation_id", layer.handle("address").out("id"))
                .tags("nat", "{id}")
                .after(gateway),
            subnet("private", "private_cidr"),
            Resource::new("aws.ec2.RouteTable", "private_routes")
                .logical("private-routes-{id}")
                .arg("vpc_id", vpc.out("id"))
                .arg("routes", default_route("nat_gateway_id", layer.handle("nat_gateway").out("id")))
                .tags("rtb", "private-{id}")
                .comment("Each zone leaves through its own NAT gateway, so that losing a zone takes no other along."),
            association("private", &private, &layer.handle("private_routes")),
        ],
    };
    for zone in &network.zones {
        let cidr = |cidr: &Value<Ipv4Net>| (Expr::from(&cidr.value), cidr.origin.clone());
        let ((public, public_origin), (private, private_origin)) =
            (cidr(&zone.public_cidr), cidr(&zone.private_cidr));
        family.row(vec![
            ("id", Expr::from(&zone.id.value), zone.id.origin.clone()),
            ("public_cidr", public, public_origin),
            ("private_cidr", private, private_origin),
        ]);
    }
    family
}

/// Audit objects reach S3 without the NAT gateways; the policy lets nothing else of S3 through.
fn endpoint(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let bucket = Expr::concat([
        "arn:aws:s3:::".into(),
        super::bucket_name("audit"),
        "/*".into(),
    ]);
    let statement = Statement::allow("ReachAuditBucket", ["s3:GetObject", "s3:PutObject"], bucket)
        .principal("AWS", "*".into())
        .condition("StringEquals", "aws:PrincipalAccount", Expr::AccountId);
    layer.add(
        Resource::new("aws.ec2.VpcEndpoint", "s3_endpoint")
            .arg("vpc_id", vpc.out("id"))
            .from(
                "service_name",
                &env.region,
                Expr::concat(["com.amazonaws.".into(), Expr::Region, ".s3".into()]),
            )
            .fixed("vpc_endpoint_type", "Gateway", "NET-7")
            .arg(
                "route_table_ids",
                layer.handle("private_routes").each().out("id"),
            )
            .arg("policy", policy::document([statement]))
            .tags("vpce", "s3"),
    );
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
        let subnets = layer.handle(&format!("{kind}_subnet")).each();
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

fn flow_logs(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let group = layer.add(super::log_group(
        env,
        "flow_logs",
        Expr::concat(["/aws/vpc/".into(), Expr::name("flowlog", "")]),
        "flowlog",
    ));
    let role = layer.add(policy::service_role(
        "flow_log_role",
        "flowlog",
        "vpc-flow-logs.amazonaws.com",
    ));
    let policy = layer.add(policy::role_policy(
        "flow_log_policy",
        "flowlog",
        &role,
        [Statement::allow(
            "WriteFlowLogs",
            [
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:DescribeLogStreams",
            ],
            Expr::concat([group.out("arn"), ":*".into()]),
        )],
    ));
    layer.add(
        Resource::new("aws.ec2.FlowLog", "flow_log")
            .arg("vpc_id", vpc.out("id"))
            .fixed("traffic_type", "ALL", "MON-1 CKV2_AWS_11 EC2.6")
            .arg("log_destination", group.out("arn"))
            .arg("iam_role_arn", role.out("arn"))
            .tags("flowlog", "")
            .after(&policy),
    );
}
