# Settings, cases and bundles of this invocation, settled and validated before the first rule. No logic
# here: the package evidence has it, where ruff, mypy and pytest see it.
import re
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT)]

from evidence.jobs import invocation, known_targets, plan

PLAN = plan.settle_or_exit(config, ROOT)
known_targets.refuse_or_exit(PLAN)


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
    invocation.finish(workflow.dag.needrun_jobs(exclude_finished=False), True, log)


onerror:
    invocation.finish(workflow.dag.needrun_jobs(exclude_finished=False), False, log)
