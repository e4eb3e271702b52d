"""What Ralph's models say of statements: JSON lines in, for each a line of complaints. Runs in Ralph's environment."""

from __future__ import annotations

import json
import sys

from pydantic import ValidationError
from ralph.models.xapi.base.statements import BaseXapiStatement


def complaints(line: str) -> list[str]:
    """Return what is wrong with a statement, each with its place."""
    try:
        BaseXapiStatement.model_validate(json.loads(line))
    except ValidationError as problem:
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors()]
    return []


for one in sys.stdin:
    print(json.dumps(complaints(one)))
