/* Hands messages to lanes: whichever lane has finished its message takes the next one. See sm3_many.h. */
#include "sm3_many.h"
#include "cpu.h"

const sm3_engine *sm3_choose(unsigned features)
{
#if defined(__x86_64__)
    if ((features & CPU_AVX512) && (features & CPU_AVX2)) return &sm3_engine_avx512;
    if (features & CPU_AVX2) return &sm3_engine_avx2;
#endif
    (void)features;
    return &sm3_engine_4;
}

/* What one lane is doing. Its message comes in two runs of blocks: those in place, then the padded end in `tail`. */
typedef struct {
    size_t message, blocks, tail_blocks;
    uint8_t tail[2 * SM3_BLOCK];
} lane;

typedef struct {
    const sm3_engine *engine;
    uint8_t (*digests)[SM3_DIGEST];
    const sm3_chain *start;
    uint64_t before;
    const sm3_message *messages;
    size_t count, next;
    unsigned busy;
    lane lanes[SM3_MAX_LANES];
    const uint8_t *at[SM3_MAX_LANES];
    uint32_t chains[8 * SM3_MAX_LANES];
} schedule;

/* GB/T 32905-2016, 5.2, for the octets after the last whole block */
static void pad(lane *l, const sm3_message *message, uint64_t before)
{
    size_t rest = message->length % SM3_BLOCK;
    l->blocks = message->length / SM3_BLOCK;
    l->tail_blocks = rest + 9 > SM3_BLOCK ? 2 : 1;
    size_t end = l->tail_blocks * SM3_BLOCK;
    if (rest) memcpy(l->tail, message->data + (message->length - rest), rest);
    l->tail[rest] = 0x80;
    memset(l->tail + rest + 1, 0, end - 8 - rest - 1);
    store64_be(l->tail + end - 8, (before * SM3_BLOCK + message->length) * 8);
}

/* Gives the lane its next message; without one it idles, and nobody reads what it computes. */
static void take(schedule *s, unsigned index)
{
    lane *l = &s->lanes[index];
    unsigned lanes = s->engine->lanes;
    if (s->next == s->count) {
        l->message = s->count;
        s->busy--;
        return;
    }
    l->message = s->next++;
    pad(l, &s->messages[l->message], s->before);
    s->at[index] = l->blocks ? s->messages[l->message].data : l->tail;
    for (unsigned i = 0; i < 8; i++) s->chains[i * lanes + index] = s->start->h[i];
}

/* The lane has taken in `blocks` blocks. */
static void advance(schedule *s, unsigned index, size_t blocks)
{
    lane *l = &s->lanes[index];
    if (l->message == s->count) return;
    if (l->blocks) {
        l->blocks -= blocks;
        s->at[index] = l->blocks ? s->at[index] + blocks * SM3_BLOCK : l->tail;
        return;
    }
    l->tail_blocks -= blocks;
    if (l->tail_blocks) {
        s->at[index] += blocks * SM3_BLOCK;
        return;
    }
    uint8_t *digest = s->digests[l->message];
    for (unsigned i = 0; i < 8; i++) store32_be(digest + 4 * i, s->chains[i * s->engine->lanes + index]);
    take(s, index);
}

/* How many blocks go by before a lane needs to be looked after; idle lanes read along with a busy one meanwhile. */
static size_t prepare_run(schedule *s)
{
    size_t run = SIZE_MAX;
    const uint8_t *somewhere = NULL;
    for (unsigned i = 0; i < s->engine->lanes; i++) {
        const lane *l = &s->lanes[i];
        if (l->message == s->count) continue;
        size_t left = l->blocks ? l->blocks : l->tail_blocks;
        if (left < run) {
            run = left;
            somewhere = s->at[i];
        }
    }
    for (unsigned i = 0; i < s->engine->lanes; i++) {
        if (s->lanes[i].message == s->count) s->at[i] = somewhere;
    }
    return run;
}

/* Finishes the message of one lane alone. */
static void finish_alone(schedule *s, unsigned index)
{
    lane *l = &s->lanes[index];
    sm3_chain chain;
    if (l->message == s->count) return;
    for (unsigned i = 0; i < 8; i++) chain.h[i] = s->chains[i * s->engine->lanes + index];
    if (l->blocks) {
        sm3_compress(&chain, s->at[index], l->blocks);
        sm3_compress(&chain, l->tail, l->tail_blocks);
    } else {
        sm3_compress(&chain, s->at[index], l->tail_blocks);
    }
    for (unsigned i = 0; i < 8; i++) store32_be(s->digests[l->message] + 4 * i, chain.h[i]);
    secret_wipe(&chain, sizeof chain);
}

void sm3_many(const sm3_engine *engine, uint8_t (*digests)[SM3_DIGEST], const sm3_chain *start, uint64_t before,
              const sm3_message *messages, size_t count)
{
    schedule s = {.engine = engine, .digests = digests, .start = start, .before = before, .messages = messages,
                  .count = count, .busy = engine->lanes};
    for (unsigned i = 0; i < engine->lanes; i++) take(&s, i);
    /* below this many, one after the other is faster than side by side */
    while (s.busy > engine->lanes / 6) {
        size_t run = prepare_run(&s);
        engine->compress(s.chains, s.at, run);
        for (unsigned i = 0; i < engine->lanes; i++) advance(&s, i, run);
    }
    for (unsigned i = 0; i < engine->lanes; i++) finish_alone(&s, i);
    secret_wipe(&s, sizeof s);
}
