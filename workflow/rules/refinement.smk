# Refinements: wrong starts from a noisy image of the C engine, judged, shown, sealed.


rule run_refinement:
    input:
        case=PLAN.refinements.file_of,
        engine=PLAN.c_engine_of,
    output:
        found="results/{bundle}/found.json",
    log:
        "results/{bundle}/logs/run_refinement.log",
    wildcard_constraints:
        bundle=PLAN.refinements.open,
    conda:
        "../../envs/simulator.yaml"
    threads: 1  # two gain a tenth: better two cases at a time
    params:
        c_program=PLAN.c_program,
        simulator=PLAN.code("simulator/**/*.py", "workflow/evidence/refinements/*"),
    script:
        "../scripts/run_refinement.py"


rule write_refinement:
    input:
        case=PLAN.refinements.file_of,
        found=rules.run_refinement.output.found,
    output:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
    log:
        "results/{bundle}/logs/write_refinement.log",
    wildcard_constraints:
        bundle=PLAN.refinements.open,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
        c_program=PLAN.c_program,
    script:
        "../scripts/write_refinement.py"


rule seal_refinement:
    input:
        page="results/{bundle}/report.html",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_refinement.log",
    wildcard_constraints:
        bundle=PLAN.refinements.open,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"


for name, bundle in PLAN.refinements.bundles.items():

    rule:
        name:
            name
        input:
            sealed=f"results/{bundle}/SEALED",
        log:
            f"results/logs/{bundle}/refinement.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_promises.py"
