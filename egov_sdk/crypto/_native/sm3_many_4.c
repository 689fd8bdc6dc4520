/* Four lanes of SM3 in whatever vectors the target has (SSE2, NEON, or plain registers). */
#include "sm3_many.h"

#define LANES 4
#include "sm3_lanes.h"

static void load_words(vector w[16], const uint8_t *const *blocks)
{
    for (int i = 0; i < 16; i++) {
        for (int j = 0; j < LANES; j++) w[i][j] = load32_be(blocks[j] + 4 * i);
    }
}

const sm3_engine sm3_engine_4 = {"4 lanes", LANES, compress};
