/* session.c: one run of the engine: scene, traces, image, files, summary. Twin: simulator/session.py. */
#include "engine.h"

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

/* Traces and printouts of single pixels. */
static void print_pixels(const Scene *scene, const Task *task) {
    if (task->trace_count > 0) trace_cell(scene->x);
    for (size_t i = 0; i < task->trace_count; i++) trace_pixel(scene, task->traces[i][0], task->traces[i][1]);
    if (task->printout_one) printout_pixel(scene, task->printout_pixel[1], task->printout_pixel[0]);
    if (!task->printout) return;
    for (int slow = scene->x->roi[2]; slow <= scene->x->roi[3]; slow++)
        for (int fast = scene->x->roi[0]; fast <= scene->x->roi[1]; fast++)
            if (rendered(scene->x, slow, fast)) printout_pixel(scene, slow, fast);
}

/* Does what the command line asked for, and frees the experiment. */
void run(Experiment *x, const Task *task) {
    Scene scene = build_scene(x);
    print_pixels(&scene, task);
    if (!task->trace_only) {
        const Image image = render_image(&scene);
        write_outputs(x, task, &image);
        print_quirks(&scene, "quirks that shaped this image", true);
        print_quirks(&scene, "quirks that would have changed this image", false);
        free(image.pixels);
    }
    free_scene(&scene);
    free(x->reflections.F), free(x->sources.list), free(x->mask), free((void *)(uintptr_t)task->traces);
}
