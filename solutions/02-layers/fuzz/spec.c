/* Fuzzes spec_parse() and build_frame(): any text.
 *
 * What must hold: a spec is refused with a sentence, or makes a frame that
 * fits; and what was built without stating a length or a checksum is read by
 * dissect_packet() as a packet in which nothing is wrong. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "dissection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether a layer states what forge would have known better. */
static bool is_stated(const struct spec *spec)
{
    static const char *const fields[] = {"len",  "sum",  "ihl", "off",
                                         "type", "next", "opt", "proto",
                                         "tpid", "frag", "more"};
    for (unsigned i = 0; i < spec->layer_count; i++) {
        for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
            if (spec_has(&spec->layers[i], fields[k]))
                return true;
        }
    }
    return false;
}

/* eth, one of IP, one transport: of other orders dissect may think otherwise.
 */
static bool is_plain(const struct spec *spec)
{
    const struct spec_layer *layers = spec->layers;
    return spec->layer_count >= 3 && spec->layer_count <= 4 &&
           layers[0].kind == SPEC_ETH &&
           ((layers[1].kind == SPEC_IP &&
             (layers[2].kind == SPEC_UDP || layers[2].kind == SPEC_TCP ||
              layers[2].kind == SPEC_ICMP)) ||
            (layers[1].kind == SPEC_IP6 &&
             (layers[2].kind == SPEC_UDP || layers[2].kind == SPEC_TCP ||
              layers[2].kind == SPEC_ICMP6))) &&
           (spec->layer_count == 3 || layers[3].kind == SPEC_TEXT) &&
           !spec_has(&layers[1], "flags");
}

static void check_right(const uint8_t *frame, size_t bytes)
{
    struct dissection dissection;
    dissect_packet(&dissection, LAYER_ETHERNET, frame, bytes);
    assert(dissection.stop == STOP_END && dissection.layer_count == 3);
    for (unsigned i = 0; i < dissection.layer_count; i++) {
        enum check_state state = dissection.layers[i].check.state;
        assert(state == CHECK_OK || state == CHECK_ABSENT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct build build;
    struct spec spec;
    char *line = malloc(size + 1);
    assert(line);
    memcpy(line, data, size);
    line[size] = '\0';
    int error = spec_parse(&spec, line);
    int bytes = error == 0 ? build_frame(&build, &spec) : error;
    assert(bytes >= 0 || (bytes == -EINVAL && spec.error[0] != '\0'));
    assert(bytes <= BUILD_MAX_BYTES);
    if (bytes > 0 && is_plain(&spec) && !is_stated(&spec))
        check_right(build.bytes + build.start, (size_t)bytes);
    free(line);
    return 0;
}
