# Names to type. Each prints its verdict and fails when the verdict is not pass: parity_<case> for every
# file in config/cases, phase_k ... phase_o for the case of --config case=NAME, verify.

for case, bundle in PLAN.bundles.items():

    rule:
        name:
            f"parity_{case}"
        input:
            sealed=f"results/{bundle}/SEALED",
        log:
            f"results/logs/{bundle}/parity.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_parity.py"


for letter in "klmno":

    rule:
        name:
            f"phase_{letter}"
        input:
            metrics=f"results/{PLAN.bundle}/phase_{letter}/metrics.json",
        log:
            f"results/logs/{PLAN.bundle}/phase_{letter}.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_phase.py"


rule verify:
    log:
        "results/logs/verify.log",
    localrule: True
    conda:
        "../../envs/evidence.yaml"
    script:
        "../scripts/verify.py"
