# Gates, reports, seal: the end of a bundle.


# pytest selectors that a case names: log, collection and junit.xml are evidence, a skip is blocked.
rule run_case_tests:
    input:
        inputs="results/{bundle}/inputs/inputs.json",
        engine="results/build/nanobragg-c",
    output:
        record="results/{bundle}/tests/tests.json",
    log:
        "results/{bundle}/logs/run_case_tests.log",
    conda:
        "../../envs/evidence.yaml"
    params:
        selectors=PARTS.tests_of,
        root=str(ROOT),
    script:
        "../scripts/run_mapped_tests.py"


rule judge_gates:
    input:
        tests=PARTS.test_records_of,
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
