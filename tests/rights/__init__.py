"""Nobody sees or changes what they may not: proved against an oracle that reads roles.yaml by itself."""
