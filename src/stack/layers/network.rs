//! VPC, subnets, routes, flow logs and the S3 gateway endpoint.

use ipnet::Ipv4Net;

use super::policy::{self, Statement};

use crate::origin::Value;
use crate::resolve::environment::{Environment, Network};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

const ANYWHERE: &str = "0.0.0.0/0";

pub fn network(env: &Environment) -> Component {
    let mut layer = Component::new(
        "network",
        "The VPC, a public and a private subnet in each zone, and what may pass between them",
        "Isolated address space; only load balancer and NAT gateways face outwards.",
        &[
            "NET-1", "NET-2", "NET-3", "NET-4", "NET-5", "NET-8", "MON-1",
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
    flow_logs(&mut layer, env, &vpc);
    layer
}

/// What AWS makes with every VPC is taken over and emptied, so that nothing can hide in it (CKV2_AWS_12, EC2.2).
fn lock_defaults(layer: &mut Component, vpc: &Handle) {
    layer.add(
        Resource::new("aws.ec2.DefaultSecurityGroup", "default_group")
            .arg("vpc_id", vpc.out("id"))
            .tags("sg", "default")
            .comment("Managed without rules: a resource in a default of the VPC reaches nothing."),
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
        columns: vec![
            ("id", "str"),
            ("public_cidr", "str"),
            ("private_cidr", "str"),
        ],
        rows: Vec::new(),
        resources: vec![
            subnet("public", "public_cidr"),
            association("public", &public, public_routes),
            Resource::new("aws.ec2.Eip", "address")
                .logical("nat-{id}")
                .fixed("domain", "vpc", "NET-4")
                .tags("eip", "nat-{id}")
                .after_because(
                    gateway,
                    "Released before the gateway that it is mapped through.",
                ),
            Resource::new("aws.ec2.NatGateway", "nat_gateway")
                .logical("nat-{id}")
                // An address is in one gateway at a time.
                .delete_before_replace()
                .arg("subnet_id", public.out("id"))
                .arg("allocation_id", layer.handle("address").out("id"))
                .tags("nat", "{id}")
                .after(gateway),
            subnet("private", "private_cidr"),
            Resource::new("aws.ec2.RouteTable", "private_routes")
                .logical("private-routes-{id}")
                .arg("vpc_id", vpc.out("id"))
                .arg(
                    "routes",
                    default_route("nat_gateway_id", layer.handle("nat_gateway").out("id")),
                )
                .tags("rtb", "private-{id}")
                .comment(
                    "Each zone has its own NAT gateway, so the loss of a zone affects no other.",
                ),
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
    let former = network.zones.iter().map(|zone| {
        let former = zone.renamed_from.as_ref().unwrap_or(&zone.id);
        former.value.clone()
    });
    family.formerly(former.collect());
    family
}

/// Audit objects reach S3 without the NAT gateways; the policy lets nothing else of S3 through.
fn endpoint(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let bucket = |rest: &str| {
        let parts = ["arn:aws:s3:::".into(), super::shared::bucket_name("audit")];
        let rest = (!rest.is_empty()).then(|| rest.into());
        Expr::concat(parts.into_iter().chain(rest))
    };
    let of_account = |statement: Statement| {
        statement.principal("AWS", "*".into()).condition(
            "StringEquals",
            "aws:PrincipalAccount",
            Expr::AccountId,
        )
    };
    let objects = Statement::allow(
        "ReachAuditBucket",
        ["s3:GetObject", "s3:PutObject"],
        bucket("/*"),
    );
    let lists = Statement::allow(
        "ListAuditBucket",
        ["s3:GetLifecycleConfiguration", "s3:ListBucketVersions"],
        bucket(""),
    )
    .because("For people who reconcile from a shell in the VPC: no function's role may.");
    let statements = [of_account(objects), of_account(lists)];
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
            .arg("policy", policy::document(statements))
            .tags("vpce", "s3"),
    );
}

fn flow_logs(layer: &mut Component, env: &Environment, vpc: &Handle) {
    let group = layer.add(super::shared::log_group(
        env,
        "flow_logs",
        Expr::concat(["/aws/vpc/".into(), Expr::name("flowlog", "")]),
        "flowlog",
    ));
    let role = layer.add(policy::service_role_of_account(
        "flow_log_role",
        "flowlog",
        "vpc-flow-logs.amazonaws.com",
    ));
    let groups = Expr::concat([
        "arn:aws:logs:".into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
        ":log-group:*".into(),
    ]);
    let policy = layer.add(policy::role_policy(
        "flow_log_policy",
        "flowlog",
        &role,
        [
            Statement::allow(
                "WriteFlowLogs",
                [
                    "logs:CreateLogStream",
                    "logs:PutLogEvents",
                    "logs:DescribeLogStreams",
                ],
                Expr::concat([group.out("arn"), ":*".into()]),
            ),
            Statement::allow("FindGroup", ["logs:DescribeLogGroups"], groups)
                .because("Listing log groups cannot be restricted to one."),
        ],
    ));
    layer.add(
        Resource::new("aws.ec2.FlowLog", "flow_log")
            .arg("vpc_id", vpc.out("id"))
            .fixed("traffic_type", "ALL", "MON-1 CKV2_AWS_11 EC2.6")
            .arg("log_destination", group.out("arn"))
            .arg("iam_role_arn", role.out("arn"))
            .tags("flowlog", "")
            // Every change makes it anew, and AWS refuses a second one to the same destination.
            .delete_before_replace()
            .after(&policy),
    );
}
