/* session.c: one run of the engine: scene, traces, image, files, summary. Twin: simulator/commandline/session.py. */
#include "../engine.h"

#include <stdlib.h>

/* Names the quirks that are on (or off) and matter to this image. */
static void print_quirks(const Scene *scene, const char *text, bool on) {
    bool active[QUIRKS];
    int count = 0;
    active_quirks(scene, active);
    printf("%s:", text);
    for (int i = 0; i < QUIRKS; i++)
        if (active[i] && scene->x->quirks[i] == on) printf("%s %s", count++ > 0 ? "," : "", QUIRK_NAMES[i]);
    printf(count > 0 ? "\n" : " none\n");
}

/* Traces of single pixels. */
static void trace(const Scene *scene, const Task *task) {
    if (task->trace_count > 0) trace_cell(scene->x);
    for (size_t i = 0; i < task->trace_count; i++)
        trace_pixel(scene, task->traces[i][0], task->traces[i][1], task->trace_blocks);
}

/* Does what the command line asked for, and frees the experiment. */
void run(Experiment *x, const Task *task) {
    Scene scene = build_scene(x);
    check_part(&scene, &task->part);
    if (task->cache != NULL) write_cache(&x->reflections, task->cache);
    trace(&scene, task);
    printout(&scene, task);
    if (!task->trace_only) {
        scene.part = task->part;
        const Image image = task->photons ? (Image){task->photons, NULL, 0.0} : render_image(&scene, task->band);
        write_outputs(x, task, &image);
        print_quirks(&scene, "quirks that shaped this image", true);
        print_quirks(&scene, "quirks that would have changed this image", false);
        free(image.pixels), free(image.parts);
    }
    free_scene(&scene);
    free(x->reflections.F), free(x->sources.list), free(x->mask), free((void *)(uintptr_t)task->traces);
}
