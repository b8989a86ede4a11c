# Campaigns: suites of config/suites through several engines, judged against config/baselines, sealed.
from evidence.campaigns import campaign_plan

CAMPAIGNS = campaign_plan.settle_or_exit(config, ROOT)


envvars:
    *CAMPAIGNS.variables,


rule stage_campaign:
    input:
        origins=CAMPAIGNS.files_of,
    output:
        cases="results/{bundle}/inputs/cases.json",
    log:
        "results/{bundle}/logs/stage_campaign.log",
    wildcard_constraints:
        bundle=CAMPAIGNS.open_bundles,
    conda:
        "../../envs/evidence.yaml"
    params:
        suite=CAMPAIGNS.suite_name,
        selection=CAMPAIGNS.selection_of,
        made_from=CAMPAIGNS.fingerprint_of,
    script:
        "../scripts/stage_campaign.py"


rule run_batch:
    input:
        cases="results/{bundle}/inputs/cases.json",
        engines=CAMPAIGNS.engines_of,
    output:
        record="results/{bundle}/batches/{number}-{of}.json",
    log:
        "results/{bundle}/logs/run_batch_{number}_{of}.log",
    wildcard_constraints:
        bundle=CAMPAIGNS.open_bundles,
        number=r"\d+",
        of=r"\d+",
    retries: 1
    conda:
        "../../envs/simulator.yaml"
    params:
        suite=CAMPAIGNS.suite_name,
        guests=CAMPAIGNS.guests,
        code=CAMPAIGNS.run_code,
    script:
        "../scripts/run_batch.py"


use rule run_case_tests as run_mapped_tests with:
    input:
        cases="results/{bundle}/inputs/cases.json",
        engine="results/build/nanobragg-c",
    log:
        "results/{bundle}/logs/run_mapped_tests.log",
    wildcard_constraints:
        bundle=CAMPAIGNS.open_bundles,
    params:
        selectors=CAMPAIGNS.tests_of,
        root=str(ROOT),


rule write_campaign:
    input:
        cases="results/{bundle}/inputs/cases.json",
        batches=CAMPAIGNS.batches_of,
        tests=CAMPAIGNS.test_records_of,
    output:
        page=report(
            "results/{bundle}/report.html",
            caption="../report/captions/campaign.rst",
            category="{bundle}",
        ),
        table="results/{bundle}/results.tsv",
        gates="results/{bundle}/gates.json",
    log:
        "results/{bundle}/logs/write_campaign.log",
    wildcard_constraints:
        bundle=CAMPAIGNS.open_bundles,
    conda:
        "../../envs/evidence.yaml"
    params:
        suite=CAMPAIGNS.suite_name,
        root=str(ROOT),
    script:
        "../scripts/write_campaign.py"


rule seal_campaign:
    input:
        page="results/{bundle}/report.html",
        gates="results/{bundle}/gates.json",
    output:
        sealed="results/{bundle}/SEALED",
    log:
        "results/logs/{bundle}/seal_campaign.log",
    wildcard_constraints:
        bundle=CAMPAIGNS.open_bundles,
    conda:
        "../../envs/evidence.yaml"
    params:
        root=str(ROOT),
    script:
        "../scripts/seal_bundle.py"


# The end of every campaign target: the verdict, and failure when it is not pass.
rule campaign:
    input:
        sealed=f"results/{CAMPAIGNS.asked}/SEALED",
    log:
        f"results/logs/{CAMPAIGNS.asked}/campaign.log",
    localrule: True
    conda:
        "../../envs/evidence.yaml"
    script:
        "../scripts/show_campaign.py"


use rule campaign as campaigns with:
    input:
        sealed=expand("results/{bundle}/SEALED", bundle=CAMPAIGNS.standard),
    log:
        "results/logs/campaigns.log",


for suite, bundle in CAMPAIGNS.bundles.items():

    rule:
        name:
            f"campaign_{suite}"
        input:
            sealed=f"results/{bundle}/SEALED",
        log:
            f"results/logs/{bundle}/campaign.log",
        localrule: True
        conda:
            "../../envs/evidence.yaml"
        script:
            "../scripts/show_campaign.py"
