# The mutation table: single faults in the PyTorch engine, each tried on the gates of the small cases.
from evidence.faults import fault_plan

FAULTS = fault_plan.settle_or_exit(config)


envvars:
    *FAULTS.variables,


rule judge_without_fault:
    input:
        origins=FAULTS.files_of,
        engine="results/build/nanobragg-c",
    output:
        gates="results/{bundle}/cases/{case}.json",
        runs=temp(directory("results/{bundle}/runs/{case}")),
    log:
        "results/{bundle}/logs/judge_without_fault_{case}.log",
    wildcard_constraints:
        bundle=FAULTS.open_bundle,
    conda:
        "../../envs/simulator.yaml"
    params:
        settings=PLAN.values,
        code=PLAN.run_code,
        simulator=PLAN.code("simulator/**/*.py"),
    script:
        "../scripts/judge_without_fault.py"


rule try_fault:
    input:
        cases=expand("results/{{bundle}}/cases/{case}.json", case=FAULTS.cases),
        runs=expand("results/{{bundle}}/runs/{case}", case=FAULTS.cases),
    output:
        row="results/{bundle}/faults/{fault}.json",
    log:
        "results/{bundle}/logs/try_fault_{fault}.log",
    wildcard_constraints:
        bundle=FAULTS.open_bundle,
    conda:
        "../../envs/simulator.yaml"
    params:
        fault=FAULTS.fault_of,
        order=FAULTS.order_of,
        settings=PLAN.values,
        root=str(ROOT),
    script:
        "../scripts/try_fault.py"


rule write_faults:
    input:
        cases=expand("results/{{bundle}}/cases/{case}.json", case=FAULTS.cases),
        faults=expand("results/{{bundle}}/faults/{fault}.json", fault=FAULTS.faults),
    output:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
        table="results/{bundle}/faults.tsv",
    log:
        "results/{bundle}/logs/write_faults.log",
    wildcard_constraints:
        bundle=FAULTS.open_bundle,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/write_faults.py"


rule seal_faults:
    input:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_faults.log",
    wildcard_constraints:
        bundle=FAULTS.open_bundle,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"


rule mutation_table:
    input:
        sealed=f"results/{FAULTS.bundle}/SEALED",
    log:
        f"results/logs/{FAULTS.bundle}/mutation_table.log",
    localrule: True
    conda:
        "../../envs/evidence.yaml"
    script:
        "../scripts/show_promises.py"
