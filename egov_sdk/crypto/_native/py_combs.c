/* A bounded list of combs in the order of use: see py_combs.h. */
#include "py_combs.h"

#include <stdlib.h>

struct comb {
    comb *newer, *older;
    comb_slot *owner; /* NULL after the key went away or the comb gave way */
    size_t holders;   /* the owner, and each verification under way */
    affine *points;   /* on a cache line */
    affine memory[SM2_KEY_POINTS + 1];
};

static comb *newest, *oldest;
static size_t alive, limit = COMB_LIMIT;

static void unlink_comb(comb *item)
{
    *(item->newer ? &item->newer->older : &newest) = item->older;
    *(item->older ? &item->older->newer : &oldest) = item->newer;
    alive--;
}

static void link_newest(comb *item)
{
    item->newer = NULL;
    item->older = newest;
    *(newest ? &newest->newer : &oldest) = item;
    newest = item;
    alive++;
}

void comb_release(comb *held)
{
    if (--held->holders == 0) free(held);
}

static void part_from_owner(comb *item)
{
    unlink_comb(item);
    item->owner->held = NULL;
    item->owner = NULL;
    comb_release(item);
}

comb *comb_hold(comb_slot *slot)
{
    comb *item = slot->held;
    if (!item) return NULL;
    if (item != newest) {
        unlink_comb(item);
        link_newest(item);
    }
    item->holders++;
    return item;
}

const affine *comb_points(const comb *held)
{
    return held->points;
}

int comb_earned(comb_slot *slot)
{
    if (slot->building || slot->held) return 0;
    return ++slot->uses >= (slot->gave_way ? COMB_LATER_USES : COMB_FIRST_USES);
}

comb *comb_new(void)
{
    comb *fresh = malloc(sizeof *fresh);
    if (!fresh) return NULL;
    fresh->holders = 1; /* the caller */
    fresh->owner = NULL;
    fresh->points = (affine *)(((uintptr_t)fresh->memory + 63) & ~(uintptr_t)63);
    return fresh;
}

affine *comb_room(comb *fresh)
{
    return fresh->points;
}

void comb_publish(comb_slot *slot, comb *fresh)
{
    fresh->holders++; /* the owner */
    fresh->owner = slot;
    slot->held = fresh;
    slot->uses = 0;
    link_newest(fresh);
    while (alive > limit) {
        oldest->owner->gave_way = 1;
        part_from_owner(oldest);
    }
}

void comb_forget(comb_slot *slot)
{
    if (slot->held) part_from_owner(slot->held);
}

size_t comb_set_limit(size_t wanted)
{
    if (wanted) limit = wanted;
    while (alive > limit) part_from_owner(oldest);
    return alive;
}
