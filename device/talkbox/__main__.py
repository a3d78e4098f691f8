"""`python -m talkbox` is `talkbox`."""

import sys

from .cli import main

sys.exit(main())
