# Gates, reports, seal: the end of a bundle.


rule judge_gates:
    input:
        metrics=expand(
            "results/{{bundle}}/phase_{phase}/metrics.json", phase=list("klmno")
        ),
    output:
        gates=report(
            "results/{bundle}/gates.json",
            caption="../report/captions/gates.rst",
            category="{bundle}",
        ),
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
    log:
        "results/{bundle}/logs/judge_gates.log",
    conda:
        "../../envs/evidence.yaml"
    params:
        settings=PLAN.values,
        root=str(ROOT),
    script:
        "../scripts/judge_gates.py"


rule write_report:
    input:
        gates="results/{bundle}/gates.json",
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
        figures="results/{bundle}/phase_o/figures/images.png",
    output:
        report=report(
            "results/{bundle}/report.html",
            caption="../report/captions/report.rst",
            category="{bundle}",
        ),
        markdown="results/{bundle}/report.md",
        memo="results/{bundle}/memo.md",
        checklist="results/{bundle}/fix_checklist.md",
    log:
        "results/logs/{bundle}/write_report.log",
    conda:
        "../../envs/evidence.yaml"
    script:
        "../scripts/write_report.py"


rule seal_bundle:
    input:
        gates="results/{bundle}/gates.json",
        report="results/{bundle}/report.html",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_bundle.log",
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"
