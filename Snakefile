# Braggproof: two engines for nanoBragg's physics, and the evidence that they agree.
#
# Targets
#   parity_<case>         all phases of config/cases/<case>.yaml, gated, reported, sealed
#   phase_k ... phase_o   one phase            (--config case=NAME; default: case in config/config.yaml)
#   verify                re-hash every sealed bundle and the ledger
#   roundtrip_<case>      a sweep of simulated images through DIALS, of config/roundtrips/<case>.yaml
#   gradients_<case>      every derivative of a case against the C engine and by itself, timed
#   refine_<case>         wrong starts back to the truth, from a noisy image: config/refinements/<case>.yaml
#   benchmark             speed and memory of both engines (--config bench=smoke: a cheap trial)
#   campaign_<suite>      every case of config/suites/<suite>.yaml through several engines, against its baseline
#   campaign              the same for --config suite=NAME [cases='NAME,PATTERN*']
#   campaigns             golden, edges, grid, pairwise, guards
#   all                   parity of every case
#   mutation_table        single faults in the PyTorch engine, and which gate of which case catches each
#   --config stamp=YYYYMMDDTHHMMSSZ picks a bundle; otherwise the newest open one, else a new one
#
# Map of results/                              written by
#   build/                C engine and how it was built                   rules/build.smk
#   benchmark/<stamp>/    one benchmark: timings, verdict, page          rules/benchmark.smk
#   campaign_<suite>/<stamp>/   one campaign: table, verdict, page       rules/campaigns.smk
#   mutation_table/<stamp>/     one mutation table: faults, verdict, page  rules/faults.smk
#   <case>/<stamp>/       one bundle: one attempt at one case
#     inputs/             command, case, files as used                    rules/inputs.smk
#     phase_k ... phase_o one folder per engine run, metrics.json         rules/phases.smk
#     gates.json ... SEALED   verdict, reports, provenance, hashes        rules/seal.smk
#     logs/               log, time and memory of each step
#   ledger.jsonl          one line at the start and end of each attempt
#   index.html ledger.md  all attempts
#   logs/                 what is written after a seal

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/captions/workflow.rst"


include: "workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        sealed=expand("results/{bundle}/SEALED", bundle=PLAN.bundles.values()),
    log:
        "results/logs/all.log",
    localrule: True
    conda:
        "envs/evidence.yaml"
    script:
        "workflow/scripts/show_parity.py"


include: "workflow/rules/build.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/phases.smk"
include: "workflow/rules/seal.smk"
include: "workflow/rules/targets.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/campaigns.smk"
include: "workflow/rules/roundtrip.smk"
include: "workflow/rules/faults.smk"
include: "workflow/rules/gradients.smk"
include: "workflow/rules/refinement.smk"
