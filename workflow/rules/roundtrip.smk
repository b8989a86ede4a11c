# Round trips: a sweep of each engine through DIALS, judged, shown, sealed.


rule run_roundtrip:
    input:
        trip=PLAN.roundtrips.file_of,
        engine=PLAN.c_engine_of,
    output:
        found=expand("results/{{bundle}}/{role}/found.json", role=["c", "py"]),
    log:
        "results/{bundle}/logs/run_roundtrip.log",
    wildcard_constraints:
        bundle=PLAN.roundtrips.open,
    conda:
        "../../envs/simulator.yaml"
    threads: PLAN.settings.threads
    params:
        c_program=PLAN.c_program,
        simulator=PLAN.code("simulator/**/*.py", "workflow/evidence/roundtrip/*"),
    script:
        "../scripts/run_roundtrip.py"


rule write_roundtrip:
    input:
        trip=PLAN.roundtrips.file_of,
        found=rules.run_roundtrip.output.found,
    output:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
        environment="results/{bundle}/env.json",
        metadata="results/{bundle}/run_metadata.json",
    log:
        "results/{bundle}/logs/write_roundtrip.log",
    wildcard_constraints:
        bundle=PLAN.roundtrips.open,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
        c_program=PLAN.c_program,
    script:
        "../scripts/write_roundtrip.py"


rule seal_roundtrip:
    input:
        page="results/{bundle}/report.html",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_roundtrip.log",
    wildcard_constraints:
        bundle=PLAN.roundtrips.open,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"


for name, bundle in PLAN.roundtrips.bundles.items():

    rule:
        name:
            name
        input:
            sealed=f"results/{bundle}/SEALED",
        log:
            f"results/logs/{bundle}/roundtrip.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_promises.py"
