# Straße
