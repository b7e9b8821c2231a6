import os

URL = "postgresql://payments:hunter2@db.internal/payments"
PASSWORD = os.environ["DB_PASSWORD"]
