# Speed and memory of both engines: measured alone on the machine, judged, shown, sealed.


rule run_benchmark:
    input:
        engine=PLAN.c_engine_of,
    output:
        timings=expand(
            "results/{{bundle}}/timings/{part}.json",
            part="frame features scaling tasks cuda".split(),
        ),
    log:
        "results/{bundle}/logs/run_benchmark.log",
    wildcard_constraints:
        bundle=PLAN.open_benchmark,
    conda:
        "../../envs/simulator.yaml"
    threads: workflow.cores  # nothing else may run meanwhile
    params:
        size=PLAN.settings.bench,
        c_program=PLAN.c_program,
        timeout_s=PLAN.settings.timeout_s,
        simulator=PLAN.code("simulator/**/*.py", "workflow/evidence/bench/*"),
    script:
        "../scripts/run_benchmark.py"


rule write_benchmark:
    input:
        timings=rules.run_benchmark.output.timings,
    output:
        page=report(
            "results/{bundle}/benchmark.html",
            caption="../report/captions/benchmark.rst",
            category="{bundle}",
        ),
        gates="results/{bundle}/gates.json",
        figures="results/{bundle}/benchmark.json",
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
    log:
        "results/{bundle}/logs/write_benchmark.log",
    wildcard_constraints:
        bundle=PLAN.open_benchmark,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
        c_program=PLAN.c_program,
    script:
        "../scripts/write_benchmark.py"


rule seal_benchmark:
    input:
        page="results/{bundle}/benchmark.html",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_benchmark.log",
    wildcard_constraints:
        bundle=PLAN.open_benchmark,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"


rule benchmark:
    input:
        sealed=f"results/{PLAN.benchmark}/SEALED",
    log:
        f"results/logs/{PLAN.benchmark}/benchmark.log",
    localrule: True
    conda:
        "../../envs/evidence.yaml"
    script:
        "../scripts/show_benchmark.py"
