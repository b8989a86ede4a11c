# The C engine, from simulator/reference.


rule build_c_engine:
    input:
        sources=PLAN.sources("simulator/reference/**/*.[ch]"),
    output:
        engine="results/build/nanobragg-c",
        record="results/build/build.json",
    log:
        "results/build/logs/build_c_engine.log",
    conda:
        "../../envs/engine.yaml"
    params:
        commit=PLAN.engine_commit,
    script:
        "../scripts/build_c_engine.py"
