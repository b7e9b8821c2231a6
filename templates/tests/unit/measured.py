"""What is measured: by AWS, and by the functions themselves, as far as their code tells."""

from __future__ import annotations

from tests.unit.kinds import FUNCTION
from tests.unit.recording import PROJECT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map

# Metrics that AWS publishes, as far as this environment looks at them.
METRICS = {
    "AWS/ApiGateway": {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"},
    "AWS/ApplicationELB": {
        "ClientTLSNegotiationErrorCount",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
        "RequestCount",
        "TargetResponseTime",
        "UnHealthyHostCount",
    },
    "AWS/Backup": {
        "NumberOfBackupJobsCompleted",
        "NumberOfBackupJobsFailed",
        "NumberOfCopyJobsFailed",
    },
    "AWS/Lambda": {"Duration", "Errors", "Invocations", "Throttles"},
    "AWS/RDS": {"CPUCreditBalance", "CPUUtilization", "DatabaseConnections", "FreeStorageSpace"},
    "AWS/SNS": {"NumberOfNotificationsFailed"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/WAFV2": {"BlockedRequests"},
}


def is_measured(recording: Recording, alarm: Resource) -> bool:
    """Tell whether a function measures it: under its own name, in the namespace that it is given."""
    function = next(
        item
        for item in recording.of(FUNCTION)
        if item.get("environment.variables.POWERTOOLS_SERVICE_NAME")
        == alarm.get("dimensions.service")
    )
    variables = as_map(function.get("environment.variables"))
    assert variables.get("POWERTOOLS_METRICS_NAMESPACE") == alarm.text("namespace"), alarm
    folder = PROJECT / "functions" / function.name.replace("-", "_")
    quoted = f'"{alarm.text("metric_name")}"'
    return any(quoted in path.read_text("utf-8") for path in folder.rglob("*.py"))
