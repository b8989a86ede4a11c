# Phases K to O: run the engines, then measure. A run that fails is on record in runs.json and does not
# fail the job: its logs stay and the gate says why.
from evidence.jobs import case_parts

PARTS = case_parts.CaseParts(PLAN)


rule run_phase:
    input:
        inputs="results/{bundle}/inputs/inputs.json",
        made=PLAN.made_of,
        engines=PLAN.c_engines_of,
    output:
        runs="results/{bundle}/phase_{phase}/runs.json",
    log:
        "results/{bundle}/logs/run_phase_{phase}.log",
    wildcard_constraints:
        phase="[klmn]",
    conda:
        "../../envs/simulator.yaml"
    params:
        programs=PLAN.programs,
        attempt=PLAN.attempt_of,
        simulator=PLAN.code("simulator/**/*.py"),
        evidence=PLAN.run_code,
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/run_phase.py"


use rule run_phase as run_frames with:
    # Large frames take longest and all cores: first, so that nothing waits for them at the end.
    wildcard_constraints:
        bundle=PARTS.whole,
        phase="o",
    priority: 10
    threads: PLAN.frame_threads


# A case with `shards`: its frame in bands of rows, or in parts of its sum, a job each, then put together.
rule run_shard:
    input:
        inputs="results/{bundle}/inputs/inputs.json",
        made=PLAN.made_of,
        engine=PLAN.c_engine_of,
    output:
        record="results/{bundle}/phase_o/shards/{number}-{of}.json",
        pixels=temp("results/{bundle}/phase_o/shards/{number}-{of}.npz"),
    log:
        "results/{bundle}/logs/run_shard_{number}_{of}.log",
    wildcard_constraints:
        bundle=PARTS.split,
        number=r"\d+",
        of=r"\d+",
    priority: 10
    retries: 1
    conda:
        "../../envs/simulator.yaml"
    threads: PLAN.settings.threads
    params:
        c_program=PLAN.c_program,
        simulator=PLAN.code("simulator/**/*.py"),
        evidence=PLAN.run_code,
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/run_shard.py"


rule gather_frames:
    input:
        shards=PARTS.shards_of,
    output:
        runs="results/{bundle}/phase_o/runs.json",
    log:
        "results/{bundle}/logs/gather_frames.log",
    wildcard_constraints:
        bundle=PARTS.split,
    conda:
        "../../envs/simulator.yaml"
    params:
        evidence=PLAN.run_code,
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/gather_frames.py"


rule measure_phase:
    input:
        runs="results/{bundle}/phase_{phase}/runs.json",
        frames=PLAN.frames_of,
    output:
        metrics="results/{bundle}/phase_{phase}/metrics.json",
    log:
        "results/{bundle}/logs/measure_phase_{phase}.log",
    conda:
        "../../envs/simulator.yaml"
    params:
        evidence=PLAN.code("workflow/evidence/**/*.py"),
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/measure_phase.py"


rule draw_frames:
    input:
        runs="results/{bundle}/phase_o/runs.json",
    output:
        images=report(
            "results/{bundle}/phase_o/figures/images.png",
            caption="../report/captions/images.rst",
            category="{bundle}",
        ),
        histogram=report(
            "results/{bundle}/phase_o/figures/histogram.png",
            caption="../report/captions/histogram.rst",
            category="{bundle}",
        ),
        profile=report(
            "results/{bundle}/phase_o/figures/profile.png",
            caption="../report/captions/profile.rst",
            category="{bundle}",
        ),
        scatter=report(
            "results/{bundle}/phase_o/figures/scatter.png",
            caption="../report/captions/scatter.rst",
            category="{bundle}",
        ),
    log:
        "results/{bundle}/logs/draw_frames.log",
    conda:
        "../../envs/simulator.yaml"
    params:
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/draw_frames.py"
