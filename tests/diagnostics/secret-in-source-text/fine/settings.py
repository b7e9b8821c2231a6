import os

PASSWORD = os.environ["DB_PASSWORD"]
PASSWORD_FIELD = "password"
TOKEN = ""
SAMPLE_PASSWORD = "changeme"
SIMULATED_PASSWORD = "hunter2"  # noqa: S105
