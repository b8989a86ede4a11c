# Settings, cases and bundles of this invocation, settled and validated before the first rule. No logic
# here: the package evidence has it, where ruff, mypy and pytest see it.
import re
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT)]

from evidence.jobs import invocation, plan

PLAN = plan.settle_or_exit(config, ROOT)


envvars:
    "PYTHONPATH",
    *PLAN.variables,


wildcard_constraints:
    # Only a bundle that is not sealed can be written.
    bundle="|".join(PLAN.open_bundles) or "(?!)",
    made="|".join(map(re.escape, PLAN.made_lists)) or "(?!)",
    phase="[klmno]",


onstart:
    invocation.begin(workflow.dag.needrun_jobs(exclude_finished=False))


onsuccess:
    invocation.leave(workflow.dag.needrun_jobs(exclude_finished=False), "incomplete")


onerror:
    invocation.leave(workflow.dag.needrun_jobs(exclude_finished=False), "error")
    invocation.exit_as_verified()
