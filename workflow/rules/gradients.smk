# Gradients of a case: proved against the C engine and by themselves, timed, judged, shown, sealed.


use rule make_reflection_list as make_gradients_list with:
    wildcard_constraints:
        bundle=PLAN.gradients.open,


use rule stage_inputs as stage_gradients with:
    wildcard_constraints:
        bundle=PLAN.gradients.open,


rule measure_gradients:
    input:
        inputs="results/{bundle}/inputs/inputs.json",
        made=PLAN.made_of,
        engine=PLAN.c_engine_of,
    output:
        parts=expand(
            "results/{{bundle}}/{part}.json",
            part="differences fields configurations cost".split(),
        ),
    log:
        "results/{bundle}/logs/measure_gradients.log",
    wildcard_constraints:
        bundle=PLAN.gradients.open,
    conda:
        "../../envs/simulator.yaml"
    threads: workflow.cores  # nothing else may run meanwhile
    params:
        c_program=PLAN.c_program,
        code=PLAN.code("simulator/**/*.py", "workflow/evidence/**/*.py"),
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/measure_gradients.py"


rule write_gradients:
    input:
        parts=rules.measure_gradients.output.parts,
    output:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
    log:
        "results/{bundle}/logs/write_gradients.log",
    wildcard_constraints:
        bundle=PLAN.gradients.open,
    conda:
        "../../envs/simulator.yaml"
    params:
        root=str(ROOT),
        c_program=PLAN.c_program,
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/write_gradients.py"


use rule seal_roundtrip as seal_gradients with:
    log:
        "results/logs/{bundle}/seal_gradients.log",
    wildcard_constraints:
        bundle=PLAN.gradients.open,


for name, bundle in PLAN.gradients.bundles.items():

    rule:
        name:
            name
        input:
            sealed=f"results/{bundle}/SEALED",
        log:
            f"results/logs/{bundle}/gradients.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_promises.py"
