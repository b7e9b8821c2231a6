//! Outputs that follow from the inputs: of a resource that is made anew they are known before, and are often what they were.

use std::collections::BTreeMap;

use super::evaluate::Deployment;
use super::value::Value;

/// What an output is made of, by class and by its name in the SDK. `{region}` and `{account}` are the copy's, all else are inputs.
/// Formats of ARNs: AWS's Service Authorization Reference. Ids: the Terraform provider, which takes the name where there is no
/// other. Whatever is not here holds something of AWS's own.
const DERIVED: &[(&str, &str, &str)] = &[
    (
        "aws.apigateway.Method",
        "id",
        "agm-{restApi}-{resourceId}-{httpMethod}",
    ),
    (
        "aws.apigateway.Stage",
        "arn",
        "arn:aws:apigateway:{region}::/restapis/{restApi}/stages/{stageName}",
    ),
    ("aws.apigateway.Stage", "id", "ags-{restApi}-{stageName}"),
    (
        "aws.apigateway.Stage",
        "invoke_url",
        "https://{restApi}.execute-api.{region}.amazonaws.com/{stageName}",
    ),
    ("aws.cloudwatch.Dashboard", "id", "{dashboardName}"),
    (
        "aws.cloudwatch.EventRule",
        "arn",
        "arn:aws:events:{region}:{account}:rule/{name}",
    ),
    ("aws.cloudwatch.EventRule", "id", "{name}"),
    (
        "aws.cloudwatch.LogDeliveryDestination",
        "arn",
        "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
    ),
    (
        "aws.cloudwatch.LogGroup",
        "arn",
        "arn:aws:logs:{region}:{account}:log-group:{name}",
    ),
    ("aws.cloudwatch.LogGroup", "id", "{name}"),
    (
        "aws.cloudwatch.MetricAlarm",
        "arn",
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    ),
    ("aws.iam.Role", "arn", "arn:aws:iam::{account}:role/{name}"),
    ("aws.iam.Role", "id", "{name}"),
    (
        "aws.lambda_.Function",
        "arn",
        "arn:aws:lambda:{region}:{account}:function:{name}",
    ),
    ("aws.lambda_.Function", "id", "{name}"),
    (
        "aws.rds.Instance",
        "address",
        "{identifier}.of-the-account.{region}.rds.amazonaws.com",
    ),
    ("aws.rds.ParameterGroup", "id", "{name}"),
    ("aws.rds.SubnetGroup", "id", "{name}"),
    ("aws.s3.Bucket", "arn", "arn:aws:s3:::{bucket}"),
    ("aws.s3.Bucket", "id", "{bucket}"),
    (
        "aws.sns.Topic",
        "arn",
        "arn:aws:sns:{region}:{account}:{name}",
    ),
    (
        "aws.sns.Topic",
        "id",
        "arn:aws:sns:{region}:{account}:{name}",
    ),
    ("aws.sns.Topic", "owner", "{account}"),
    (
        "aws.sqs.Queue",
        "arn",
        "arn:aws:sqs:{region}:{account}:{name}",
    ),
    (
        "aws.sqs.Queue",
        "id",
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
    ),
    (
        "aws.sqs.Queue",
        "url",
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
    ),
];

/// An output that follows from the inputs: one of them, or what is made of them.
pub fn derived(
    class: &str,
    field: &str,
    inputs: &BTreeMap<String, Value>,
    deployment: &Deployment,
) -> Option<Value> {
    if let Some(value) = inputs.get(&super::evaluate::wire(field)) {
        return Some(value.clone());
    }
    let mut rows = DERIVED.iter();
    let (.., pattern) = rows.find(|(of, output, _)| *of == class && *output == field)?;
    let mut text = String::new();
    let mut rest = *pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        text.push_str(before);
        match name {
            "region" => text.push_str(&deployment.region),
            "account" => text.push_str(&deployment.account),
            input => match inputs.get(input) {
                Some(Value::Unknown) => return Some(Value::Unknown),
                value => text.push_str(&value?.shown()?),
            },
        }
        rest = tail;
    }
    text.push_str(rest);
    Some(Value::Text(text))
}
