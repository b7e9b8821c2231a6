"""The layers of the environment, each with what it needs from the ones before it."""

from __future__ import annotations

import pulumi

from components.api import Api, ApiArgs
from components.api_stage import ApiStage, ApiStageArgs
from components.audit import Audit, AuditArgs
from components.callers import Callers, CallersArgs
from components.dashboard import Dashboard, DashboardArgs
from components.database import Database, DatabaseArgs
from components.firewall import Firewall, FirewallArgs
from components.functions import Functions, FunctionsArgs
from components.keys import Keys, KeysArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.network import Network, NetworkArgs
from components.payment_alarms import PaymentAlarms, PaymentAlarmsArgs
from components.tracing import Tracing, TracingArgs
from components.traffic import Traffic, TrafficArgs
from naming import Naming


class Environment:
    """Everything that is deployed: one component per layer."""

    def __init__(self, naming: Naming, opts: pulumi.ResourceOptions) -> None:
        self.keys = Keys("keys", KeysArgs(naming=naming), opts)
        self.network = Network(
            "network",
            NetworkArgs(naming=naming, logs_key_arn=self.keys.logs_key_arn),
            opts,
        )
        self.traffic = Traffic(
            "traffic",
            TrafficArgs(
                naming=naming,
                vpc_id=self.network.vpc_id,
                public_subnet_ids=self.network.public_subnet_ids,
                vpc_cidr_block=self.network.vpc_cidr_block,
                private_subnet_ids=self.network.private_subnet_ids,
            ),
            opts,
        )
        self.audit = Audit(
            "audit",
            AuditArgs(naming=naming, data_key_arn=self.keys.data_key_arn),
            opts,
        )
        self.database = Database(
            "database",
            DatabaseArgs(
                naming=naming,
                private_subnet_ids=self.network.private_subnet_ids,
                logs_key_arn=self.keys.logs_key_arn,
                database_group_id=self.traffic.database_group_id,
                database_key_arn=self.keys.database_key_arn,
            ),
            opts,
        )
        self.tracing = Tracing("tracing", TracingArgs(naming=naming), opts)
        self.functions = Functions(
            "functions",
            FunctionsArgs(
                naming=naming,
                logs_key_arn=self.keys.logs_key_arn,
                data_key_arn=self.keys.data_key_arn,
                database_secret_arn=self.database.database_secret_arn,
                database_key_arn=self.keys.database_key_arn,
                libraries_arn=self.tracing.libraries_arn,
                private_subnet_ids=self.network.private_subnet_ids,
                function_group_id=self.traffic.function_group_id,
                vpc_default_security_group_id=self.network.vpc_default_security_group_id,
                database_host=self.database.database_host,
                private_associations=self.network.private_associations,
                public_associations=self.network.public_associations,
                private_acl=self.traffic.private_acl,
                public_acl=self.traffic.public_acl,
                functions_to_database=self.traffic.functions_to_database,
                database_from_functions=self.traffic.database_from_functions,
                functions_to_https=self.traffic.functions_to_https,
                database_resource_id=self.database.database_resource_id,
                audit_bucket_arn=self.audit.audit_bucket_arn,
                audit_bucket_name=self.audit.audit_bucket_name,
            ),
            opts,
        )
        self.api = Api(
            "api",
            ApiArgs(naming=naming, function_names=self.functions.function_names),
            opts,
        )
        self.api_stage = ApiStage(
            "api-stage",
            ApiStageArgs(
                naming=naming,
                rest_api_id=self.api.rest_api_id,
                logs_key_arn=self.keys.logs_key_arn,
                deployment_id=self.api.deployment_id,
                function_names=self.functions.function_names,
            ),
            opts,
        )
        self.load_balancer = LoadBalancer(
            "load-balancer",
            LoadBalancerArgs(
                naming=naming,
                load_balancer_group_id=self.traffic.load_balancer_group_id,
                public_subnet_ids=self.network.public_subnet_ids,
                log_bucket_id=self.audit.log_bucket_id,
                log_bucket_policy=self.audit.log_bucket_policy,
                internet_gateway=self.network.internet_gateway,
                function_names=self.functions.function_names,
                function_arns=self.functions.function_arns,
                log_bucket_versioning=self.audit.log_bucket_versioning,
                logs_key_arn=self.keys.logs_key_arn,
            ),
            opts,
        )
        self.firewall = Firewall(
            "firewall",
            FirewallArgs(
                naming=naming,
                stage_arn=self.api_stage.stage_arn,
                load_balancer_arn=self.load_balancer.load_balancer_arn,
                logs_key_arn=self.keys.logs_key_arn,
            ),
            opts,
        )
        self.monitoring = Monitoring(
            "monitoring",
            MonitoringArgs(
                naming=naming,
                topic_key_arn=self.keys.topic_key_arn,
                load_balancer_arn_suffix=self.load_balancer.load_balancer_arn_suffix,
                target_group_suffixes=self.load_balancer.target_group_suffixes,
            ),
            opts,
        )
        self.payment_alarms = PaymentAlarms(
            "payment-alarms",
            PaymentAlarmsArgs(naming=naming, topic_arn=self.monitoring.topic_arn),
            opts,
        )
        self.callers = Callers(
            "callers",
            CallersArgs(
                naming=naming,
                topic_arn=self.monitoring.topic_arn,
                load_balancer_arn_suffix=self.load_balancer.load_balancer_arn_suffix,
            ),
            opts,
        )
        self.dashboard = Dashboard(
            "dashboard",
            DashboardArgs(
                naming=naming,
                load_balancer_arn_suffix=self.load_balancer.load_balancer_arn_suffix,
            ),
            opts,
        )
