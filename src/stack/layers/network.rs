//! VPC, subnets, routes, flow logs and the S3 gateway endpoint.

use ipnet::Ipv4Net;

use super::policy::{self, Statement};

use crate::origin::{Origin, Value};
use crate::requirements::Class;
use crate::resolve::environment::{Environment, Zone};
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
    layer.add_family(zones(env, &layer, &vpc, &gateway, &public_routes));
    if has_one_exit(env) {
        one_exit(env, &mut layer, &vpc, &gateway);
    }
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

/// What a zone consists of: its subnets and, unless there is one NAT gateway for all, its own and the way to it.
fn zones(
    env: &Environment,
    layer: &Component,
    vpc: &Handle,
    gateway: &Handle,
    public_routes: &Handle,
) -> Family {
    let (public, private) = (
        layer.handle("public_subnet"),
        layer.handle("private_subnet"),
    );
    let mut resources = vec![
        subnet("public", "public_cidr", vpc),
        association("public", public.out("id"), public_routes),
    ];
    if !has_one_exit(env) {
        resources.extend(exit(layer, gateway, public.out("id")));
    }
    resources.push(subnet("private", "private_cidr", vpc));
    if !has_one_exit(env) {
        let comment = "Each zone has its own NAT gateway, so the loss of a zone affects no other.";
        let nat_gateway = layer.handle("nat_gateway").out("id");
        resources.extend(way_out(layer, vpc, private.out("id"), nat_gateway, comment));
    }
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
        resources,
    };
    for zone in &env.network.zones {
        let cidr = |cidr: &Value<Ipv4Net>| (Expr::from(&cidr.value), cidr.origin.clone());
        let ((public, public_origin), (private, private_origin)) =
            (cidr(&zone.public_cidr), cidr(&zone.private_cidr));
        family.row(vec![
            ("id", Expr::from(&zone.id.value), zone.id.origin.clone()),
            ("public_cidr", public, public_origin),
            ("private_cidr", private, private_origin),
        ]);
    }
    family.formerly(env.network.zones.iter().map(former).collect());
    family
}

/// Whether all zones leave through one NAT gateway (NET-4, NET-5).
fn has_one_exit(env: &Environment) -> bool {
    env.class == Class::Development
}

/// The one NAT gateway, and the way to it from every zone: tables of their own, as it stands in one of the zones only.
fn one_exit(env: &Environment, layer: &mut Component, vpc: &Handle, gateway: &Handle) {
    let of_zone = |subnet: &str| {
        let handle = layer.handle(&format!("{subnet}_subnet")).keyed("id");
        handle.named("id", "", format!("{subnet}_subnet_by_zone"))
    };
    let (public, private) = (of_zone("public"), of_zone("private"));
    let class = &env.identity.class.origin;
    let mut exits = Family {
        table: "EXITS",
        class: "Exit",
        doc: "The zone whose NAT gateway is that of all.",
        comment: Some("One costs a third of three; without its zone, nothing leaves the others."),
        variable: "exit_zone",
        key: "id",
        columns: vec![("id", "str")],
        rows: Vec::new(),
        resources: exit(layer, gateway, public).into(),
    };
    let mut former_exits = Vec::new();
    for zone in env.exits() {
        let origin = Origin::derived_from([&zone.id.origin, class]);
        exits.row(vec![("id", Expr::from(&zone.id.value), origin)]);
        former_exits.push(former(zone));
    }
    exits.formerly(former_exits);
    layer.add_family(exits);
    let exit = layer.handle("nat_gateway").keyed("exit").out("id");
    let comment = "A table for each zone, as where each has its own NAT gateway.";
    let mut routes = Family {
        table: "WAYS_OUT",
        class: "WayOut",
        doc: "The zone through which a zone's private subnet reaches the internet.",
        comment: None,
        variable: "way",
        key: "id",
        columns: vec![("id", "str"), ("exit", "str")],
        rows: Vec::new(),
        resources: way_out(layer, vpc, private, exit, comment).into(),
    };
    for zone in &env.network.zones {
        let cells = env.exits().map(|exit| {
            let origin = Origin::derived_from([&exit.id.origin, class]);
            vec![
                ("id", Expr::from(&zone.id.value), zone.id.origin.clone()),
                ("exit", Expr::from(&exit.id.value), origin),
            ]
        });
        cells.for_each(|cells| routes.row(cells));
    }
    routes.formerly(env.network.zones.iter().map(former).collect());
    layer.add_family(routes);
}

/// The zone in whose place it stands, or itself.
fn former(zone: &Zone) -> String {
    zone.renamed_from.as_ref().unwrap_or(&zone.id).value.clone()
}

fn subnet(kind: &str, cidr: &'static str, vpc: &Handle) -> Resource {
    Resource::new("aws.ec2.Subnet", &format!("{kind}_subnet"))
        .logical(&format!("{kind}-{{id}}"))
        .arg("vpc_id", vpc.out("id"))
        .arg("availability_zone_id", Expr::Column("id"))
        .arg("cidr_block", Expr::Column(cidr))
        .fixed("map_public_ip_on_launch", false, "NET-8 CKV_AWS_130 EC2.15")
        .tags("subnet", &format!("{kind}-{{id}}"))
}

fn association(kind: &str, subnet_id: Expr, table: &Handle) -> Resource {
    let variable = format!("{kind}_association");
    Resource::new("aws.ec2.RouteTableAssociation", &variable)
        .logical(&format!("{kind}-{{id}}"))
        .arg("subnet_id", subnet_id)
        .arg("route_table_id", table.out("id"))
}

/// A NAT gateway and its address.
fn exit(layer: &Component, gateway: &Handle, subnet_id: Expr) -> [Resource; 2] {
    [
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
            .arg("subnet_id", subnet_id)
            .arg("allocation_id", layer.handle("address").out("id"))
            .tags("nat", "{id}")
            .after(gateway),
    ]
}

/// The route table of a private subnet.
fn way_out(
    layer: &Component,
    vpc: &Handle,
    subnet_id: Expr,
    nat_gateway_id: Expr,
    comment: &'static str,
) -> [Resource; 2] {
    [
        Resource::new("aws.ec2.RouteTable", "private_routes")
            .logical("private-routes-{id}")
            .arg("vpc_id", vpc.out("id"))
            .arg("routes", default_route("nat_gateway_id", nat_gateway_id))
            .tags("rtb", "private-{id}")
            .comment(comment),
        association("private", subnet_id, &layer.handle("private_routes")),
    ]
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
        env.network.log_retention_days.as_ref(),
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
