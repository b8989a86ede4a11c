# What a bundle is made from: results/{case}/{stamp}/inputs.


rule make_reflection_list:
    input:
        structure=PLAN.structure_of,
    output:
        reflections="results/{bundle}/inputs/{made}",
    log:
        "results/{bundle}/logs/make_reflection_list_{made}.log",
    conda:
        "../../envs/evidence.yaml"
    params:
        options=PLAN.options_of,
    script:
        "../scripts/make_reflection_list.py"


rule stage_inputs:
    input:
        origins=PLAN.origins_of,
    output:
        record="results/{bundle}/inputs/inputs.json",
        command="results/{bundle}/inputs/command.txt",
        case="results/{bundle}/inputs/case.yaml",
    log:
        "results/{bundle}/logs/stage_inputs.log",
    conda:
        "../../envs/evidence.yaml"
    params:
        made_from=PLAN.fingerprint_of,
        case=PLAN.case_file_of,
        settings=PLAN.values,
    script:
        "../scripts/stage_inputs.py"
