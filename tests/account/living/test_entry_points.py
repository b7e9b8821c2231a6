"""Both entry points answer as AWS does at that moment, also in the middle of a change."""

from __future__ import annotations

import concurrent.futures
import http.client
import time
from typing import TYPE_CHECKING

import pytest

from account.living.conftest import ANYWHERE, STAGE
from account.living.network import Network
from account.living.seen import Seen

if TYPE_CHECKING:
    from account.living.conftest import Shop

ANSWERED = (200, 200)
# What a client of the load balancer sees when no packet comes back.
NO_ANSWER = http.client.RemoteDisconnected


def function_of(shop: Shop) -> str:
    return shop.through_api().content["function"]


def test_a_function_answers_through_both(shop: Shop) -> None:
    assert shop.statuses() == ANSWERED
    assert function_of(shop) == "pay"


def test_a_caller_without_a_statement_is_refused(shop: Shop) -> None:
    shop.lambda_.remove_permission(FunctionName="pay", StatementId="apigateway")
    assert shop.statuses() == (500, 200)
    shop.lambda_.remove_permission(FunctionName="pay", StatementId="elasticloadbalancing")
    assert shop.statuses() == (500, 502)


def test_a_statement_of_another_source_is_none(shop: Shop) -> None:
    shop.lambda_.remove_permission(FunctionName="pay", StatementId="apigateway")
    shop.lambda_.add_permission(
        FunctionName="pay",
        StatementId="other",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"{shop.facts['execution']}/{STAGE}/POST/pay",
    )
    assert shop.through_api().status == 500


def test_a_function_that_is_gone_cannot_be_called(shop: Shop) -> None:
    shop.lambda_.delete_function(FunctionName="pay")
    assert shop.statuses() == (500, 502)


def test_a_function_without_its_role_cannot_be_called(shop: Shop) -> None:
    shop.iam.delete_role(RoleName="runs")
    assert shop.statuses() == (500, 502)


def test_between_two_rules_the_default_action_answers(shop: Shop) -> None:
    shop.elbv2.delete_rule(RuleArn=shop.facts["rule"])
    assert shop.statuses() == (200, 404)


def test_a_group_without_a_target_is_unavailable(shop: Shop) -> None:
    target = [{"Id": shop.aws.arn("lambda", "function:pay")}]
    shop.elbv2.deregister_targets(TargetGroupArn=shop.facts["group"], Targets=target)
    assert shop.statuses() == (200, 503)
    shop.elbv2.register_targets(TargetGroupArn=shop.facts["group"], Targets=target)
    assert shop.statuses() == ANSWERED


def test_the_lowest_priority_comes_first(shop: Shop) -> None:
    gone = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"ContentType": "text/plain", "StatusCode": "410"},
    }
    shop.elbv2.create_rule(
        ListenerArn=shop.facts["listener"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/pay"]}}],
        Actions=[gone],
    )
    assert shop.through_balancer().status == 410
    order = {"RuleArn": shop.facts["rule"], "Priority": 2}
    shop.elbv2.set_rule_priorities(RulePriorities=[order])
    assert shop.through_balancer().status == 200


def test_the_stage_shows_the_api_as_it_was_deployed(shop: Shop) -> None:
    shop.make_function("pays")
    shop.put_integration("pays")
    assert function_of(shop) == "pay"
    shop.deploy()
    assert function_of(shop) == "pays"


def test_what_was_deployed_calls_what_is_gone(shop: Shop) -> None:
    shop.make_function("pays")
    shop.put_integration("pays")
    shop.lambda_.delete_function(FunctionName="pay")
    assert shop.through_api().status == 500
    shop.deploy()
    assert shop.through_api().status == 200


def test_a_stage_that_is_gone_is_forbidden(shop: Shop) -> None:
    shop.apigateway.delete_stage(restApiId=shop.facts["api"], stageName=STAGE)
    assert shop.statuses() == (403, 200)


def test_a_key_counts_while_it_is_in_a_plan(shop: Shop) -> None:
    client = shop.apigateway
    shop.put_method(api_key=True)
    shop.put_integration("pay")
    shop.deploy()
    key = client.create_api_key(name="partner", enabled=True)
    bound = [{"apiId": shop.facts["api"], "stage": STAGE}]
    plan = client.create_usage_plan(name="plan", apiStages=bound)["id"]
    assert shop.through_api(X_Api_Key=key["value"]).status == 403
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    assert shop.through_api(X_Api_Key=key["value"]).status == 200
    client.delete_usage_plan_key(usagePlanId=plan, keyId=key["id"])
    assert shop.through_api(X_Api_Key=key["value"]).status == 403


def test_a_client_outside_of_the_group_s_rules_gets_nothing(shop: Shop) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ANYWHERE}
    shop.ec2.revoke_security_group_ingress(GroupId=shop.facts["entry_point"], IpPermissions=[rule])
    with pytest.raises(NO_ANSWER):
        shop.through_balancer()
    assert shop.through_api().status == 200


@pytest.mark.parametrize("out", [False, True])
def test_the_acl_is_asked_in_both_directions(shop: Shop, out: bool) -> None:  # noqa: FBT001 - a case
    of_network = [{"Name": "vpc-id", "Values": [shop.facts["vpc"]]}]
    (acl,) = shop.ec2.describe_network_acls(Filters=of_network)["NetworkAcls"]
    place = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 50, "Egress": out}
    shop.ec2.create_network_acl_entry(
        **place, Protocol="-1", RuleAction="deny", CidrBlock="192.0.2.0/24"
    )
    with pytest.raises(NO_ANSWER):
        shop.through_balancer()
    shop.ec2.delete_network_acl_entry(NetworkAclId=acl["NetworkAclId"], RuleNumber=50, Egress=out)
    assert shop.through_balancer().status == 200


def test_without_a_listener_nobody_answers(shop: Shop) -> None:
    shop.elbv2.delete_listener(ListenerArn=shop.facts["listener"])
    with pytest.raises(NO_ANSWER):
        shop.through_balancer()


def test_new_settings_are_for_new_calls(shop: Shop) -> None:
    before = shop.through_api().content
    with concurrent.futures.ThreadPoolExecutor() as pool:
        under_way = pool.submit(shop.through_api, X_Do="sleep=2")
        time.sleep(1)
        shop.lambda_.update_function_configuration(
            FunctionName="pay", Environment={"Variables": {"NEW": "1"}}
        )
        after = shop.through_balancer().content
        slow = under_way.result()
    assert (slow.status, "NEW" in slow.content["variables"]) == (200, False)
    assert "NEW" in after["variables"]
    assert before["pid"] != after["pid"]


def test_a_function_reaches_its_database_by_the_groups_of_both(shop: Shop) -> None:
    network = shop.facts["vpc"]
    own, database = (
        shop.ec2.create_security_group(GroupName=name, Description=name, VpcId=network)["GroupId"]
        for name in ("own", "database")
    )
    of_network = [{"Name": "vpc-id", "Values": [network]}]
    subnets = [
        each["SubnetId"] for each in shop.ec2.describe_subnets(Filters=of_network)["Subnets"]
    ]
    inside = {"SubnetIds": subnets, "SecurityGroupIds": [own]}
    judge = Network(Seen(shop.aws))

    def refusal() -> str:
        return judge.refuses_database(inside, [database], subnets, 5432)

    assert "no ingress rule" in refusal()
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    shop.ec2.authorize_security_group_ingress(
        GroupId=database, IpPermissions=[{**rule, "UserIdGroupPairs": [{"GroupId": own}]}]
    )
    assert refusal() == ""
    everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    shop.ec2.revoke_security_group_egress(GroupId=own, IpPermissions=[everywhere])
    assert "no egress rule" in refusal()
