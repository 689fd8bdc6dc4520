/* The combs of public keys: made when a key has earned one, at most so many at a time, the least used gives way.
 *
 * All functions here need the interpreter's lock. A comb that is being used without the lock is held by a count, so
 * that giving way never frees memory under a verification.
 */
#ifndef EGOV_PY_COMBS_H
#define EGOV_PY_COMBS_H

#include "sm2.h"

/* The verification that makes a comb pay: it costs as much as three or four without one. */
#define COMB_FIRST_USES 3
/* After it had to give way once, only for a key that is really busy. */
#define COMB_LATER_USES 64
/* 52 KB each: 13 MB, which second-level caches still bear. */
#define COMB_LIMIT 256

typedef struct comb comb;

/* What a key object keeps; all zero at first. */
typedef struct {
    comb *held;
    uint32_t uses;
    uint8_t building, gave_way;
} comb_slot;

/* The comb of this key, held until comb_release, or NULL. */
comb *comb_hold(comb_slot *slot);
void comb_release(comb *held);
const affine *comb_points(const comb *held);

/* Counts one verification without a comb; 1 if this one should build it. */
int comb_earned(comb_slot *slot);

/* Memory for a new comb, or NULL; then its points, to be filled without the lock. */
comb *comb_new(void);
affine *comb_room(comb *fresh);

/* Gives a filled comb to its key and holds it for the caller. */
void comb_publish(comb_slot *slot, comb *fresh);

/* The key goes away. */
void comb_forget(comb_slot *slot);

/* For tests: another limit (0 to keep it); returns how many combs there are. */
size_t comb_set_limit(size_t limit);

#endif
