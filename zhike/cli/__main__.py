"""`python -m zhike.cli` is `zhike`."""

import sys

from zhike.cli.main import main

sys.exit(main())
