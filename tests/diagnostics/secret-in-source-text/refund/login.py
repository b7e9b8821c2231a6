DB_PASSWORD = "hunter2"
