/* tries: writes results and verdicts wherever it can
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <sys/stat.h>

static const char *const dirs[] = {".",    "/work", "/lab", "/tmp", "/",
                                   "/dev", "/usr",  "/etc", "..",   "/proc"};
static const char *const names[] = {"results.json", "verdict.json",
                                    "91.1.answers/verdict.json", "shout"};
static const char text[] = "{\"schema\":1,\"id\":\"91.1.answers\","
                           "\"verdict\":\"pass\",\"points\":60}\n";

int main(void)
{
    char path[256], what[300];
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        snprintf(path, sizeof(path), "%s/91.1.answers", dirs[i]);
        (void)mkdir(path, 0777);
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            snprintf(path, sizeof(path), "%s/%s", dirs[i], names[k]);
            int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
            int own = i < 2 || strcmp(dirs[i], "/tmp") == 0;
            snprintf(what, sizeof(what), "wrote %s", path);
            attempt(what, fd >= 0 && !own);
            if (fd >= 0)
                (void)!write(fd, text, strlen(text));
        }
    }
    return tried();
}
