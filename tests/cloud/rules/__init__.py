"""What AWS refuses of single types, and what nobody should have it do, where a word about arguments does not say it."""
