/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Random traffic between the driver's model and a ring of the back end: all that both ends may
 * do, in any order, from a seed. Everything that the device does is checked when it is done.
 */

#ifndef VRING_TRAFFIC_H
#define VRING_TRAFFIC_H

#include "vring_model.h"

#define INLINE_DESC 3
#define MAX_PIECES 48
#define LOG_MAX_SIZE 64 /* rings that are compared as a whole */

struct held {
	struct vhc_vring_elem e;
	struct vhc_desc desc[INLINE_DESC];
};

struct traffic {
	struct drv d;
	struct held *held; /* taken and not given back */
	uint32_t nb_held;
	bool *done; /* IN_ORDER: by serial number, given back and waiting */
	uint64_t next; /* IN_ORDER: serial number that goes out next */
	bool asleep; /* the device waits for a kick */

	/* What was given back, in the driver's sight: entries, or ring descriptors. */
	uint32_t released; /* and not published */
	uint32_t signal; /* published since the last question */
	uint32_t called_at; /* packed: place of the first of them */
	bool called_wrap;
	uint16_t called_idx;

	/* The dirty log. */
	uint8_t *desc_copy, *device_copy;
	uint8_t *desc_logged, *device_logged;
};

static inline void
traffic_log(void *ctx, const void *addr, size_t len)
{
	struct traffic *const t = ctx;
	const uint8_t *const p = addr;
	const size_t desc_len = 16u * t->d.size, device_len = device_area_len(&t->d);

	assert_true(len != 0);
	if (p >= t->d.device && p + len <= t->d.device + device_len) {
		memset(t->device_logged + (p - t->d.device), 1, len);
		return;
	}
	assert_true(t->d.cfg.packed);
	assert_true(p >= t->d.desc && p + len <= t->d.desc + desc_len);
	memset(t->desc_logged + (p - t->d.desc), 1, len);
}

static inline void
log_begin(struct traffic *t)
{
	const size_t desc_len = 16u * t->d.size, device_len = device_area_len(&t->d);

	if (t->d.size > LOG_MAX_SIZE)
		return;
	memcpy(t->desc_copy, t->d.desc, desc_len);
	memcpy(t->device_copy, t->d.device, device_len);
	memset(t->desc_logged, 0, desc_len);
	memset(t->device_logged, 0, device_len);
	vhc_vring_set_log(t->d.v, traffic_log, t);
}

/* Nothing has changed that the log has not heard of. */
static inline void
log_end(struct traffic *t)
{
	size_t i;

	if (t->d.size > LOG_MAX_SIZE)
		return;
	for (i = 0; i < 16u * t->d.size; i++)
		if (t->d.desc[i] != t->desc_copy[i])
			assert_true(t->desc_logged[i]);
	for (i = 0; i < device_area_len(&t->d); i++)
		if (t->d.device[i] != t->device_copy[i])
			assert_true(t->device_logged[i]);
	vhc_vring_set_log(t->d.v, NULL, NULL);
}

static inline void
traffic_create(struct traffic *t, const struct vhc_vring_cfg *cfg, uint16_t max_chain,
		uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	drv_create(&t->d, cfg, max_chain, seed);
	t->held = calloc(t->d.size, sizeof(*t->held));
	t->done = calloc(65536, sizeof(*t->done));
	t->desc_copy = calloc(2, 16u * t->d.size);
	t->device_copy = calloc(2, device_area_len(&t->d));
	assert_true(t->held && t->done && t->desc_copy && t->device_copy);
	t->desc_logged = t->desc_copy + 16u * t->d.size;
	t->device_logged = t->device_copy + device_area_len(&t->d);
	t->called_wrap = true;
}

static inline void
traffic_destroy(struct traffic *t)
{
	free(t->held);
	free(t->done);
	free(t->desc_copy);
	free(t->device_copy);
	drv_destroy(&t->d);
}

static inline uint32_t
rnd(struct traffic *t, uint32_t below)
{
	return unit_rand(&t->d.seed) % below;
}

/** The driver adds up to @p nb buffers and kicks if it has to. */
static inline void
traffic_add(struct traffic *t, uint32_t nb, enum how how)
{
	struct piece p[MAX_PIECES];
	uint32_t i;
	uint16_t n;
	bool any = false;

	for (i = 0; i < nb; i++) {
		const enum how h = !t->d.cfg.indirect ? DIRECT :
			how != NB_HOW ? how : (enum how)rnd(t, NB_HOW);

		n = (uint16_t)(1 + rnd(t, t->d.max_chain));
		drv_pieces(&t->d, p, n);
		if (!drv_add(&t->d, p, n, h))
			break;
		any = true;
		if (rnd(t, 4) == 0)
			drv_publish(&t->d);
	}
	drv_publish(&t->d);
	/* A device that sleeps with nothing to do is always woken by the next buffer. */
	if (drv_kick_wanted(&t->d))
		t->asleep = false;
	else if (t->asleep)
		assert_false(any);
}

/** The device takes up to @p nb. @return how many. */
static inline uint32_t
traffic_pop(struct traffic *t, uint16_t nb)
{
	static struct vhc_vring_elem e[1024];
	const uint16_t max_desc = (uint16_t)rnd(t, INLINE_DESC + 1);
	uint32_t k;
	int n, i;

	if (nb > UNIT_DIM(e))
		nb = UNIT_DIM(e);
	if (nb > t->d.size - t->nb_held)
		nb = (uint16_t)(t->d.size - t->nb_held);
	for (k = 0; k < nb; k++) {
		e[k].desc = t->held[t->nb_held + k].desc;
		memset(e[k].desc, 0xee, sizeof(t->held->desc));
	}
	n = vhc_vring_pop(t->d.v, &t->d.guest.mem, e, nb, max_desc);
	assert_in_range(n, 0, nb);
	for (i = 0; i < n; i++) {
		struct held *const h = &t->held[t->nb_held++];

		drv_check(&t->d, &e[i]);
		/* The caller's array is used as far as it goes. */
		assert_int_equal(e[i].desc == h->desc, e[i].nb_desc <= max_desc);
		h->e = e[i];
	}
	return (uint32_t)n;
}

/* An answer that the driver may see after the next publish. */
static inline void
released(struct traffic *t, const struct sent *s)
{
	t->released += t->d.cfg.packed ? s->nb_ring : 1;
}

/** The device gives back number @p i of what it holds. */
static inline void
traffic_put(struct traffic *t, uint32_t i)
{
	const struct held *const h = &t->held[i];
	struct sent *const s = &t->d.sent[h->e.id];
	uint32_t k;

	s->used_len = rnd(t, 3) == 0 ? 0 : rnd(t, 1u << 31);
	if (!t->d.cfg.in_order) {
		released(t, s);
	} else {
		t->done[s->serial % 65536] = true;
		for (; t->done[t->next % 65536]; t->next++) {
			t->done[t->next % 65536] = false;
			for (k = 0; t->d.sent[k].serial != t->next || !t->d.sent[k].out; k++)
				;
			released(t, &t->d.sent[k]);
		}
	}
	vhc_vring_put(t->d.v, &h->e, s->used_len);
	if (h->e.desc != h->desc)
		free(h->e.desc);
	memmove(&t->held[i], &t->held[i + 1], (t->nb_held - i - 1) * sizeof(*h));
	t->nb_held--;
	/* An inline array has moved. */
	for (k = i; k < t->nb_held; k++)
		if (t->held[k].e.desc == t->held[k + 1].desc)
			t->held[k].e.desc = t->held[k].desc;
}

/** The device publishes; the driver's ring must show it now, and not earlier. */
static inline void
traffic_publish(struct traffic *t)
{
	const bool something = t->released != 0;

	assert_int_equal(vhc_vring_publish(t->d.v), something);
	t->signal += t->released;
	t->released = 0;
}

/* The driver says at random when it wants to be interrupted. */
static inline void
traffic_wish(struct traffic *t)
{
	uint8_t *const p = t->d.driver;
	const uint32_t r = rnd(t, 4);

	if (!t->d.cfg.packed && !t->d.cfg.event_idx) {
		put16(p, 0, r % 2);
		put16(p, driver_area_len(&t->d) - 2, (uint16_t)rnd(t, 65536));
	} else if (!t->d.cfg.packed) {
		put16(p, 0, r % 2); /* to be ignored */
		put16(p, driver_area_len(&t->d) - 2, (uint16_t)(r == 0 ? rnd(t, 65536) :
				t->d.used_idx - 3 + rnd(t, 12)));
	} else if (t->d.cfg.event_idx && r >= 2) {
		put16(p, 0, (uint16_t)(rnd(t, t->d.size) | (r == 2) << 15));
		put16(p, 2, 2);
	} else {
		put16(p, 2, (uint16_t)r % 2);
	}
}

/* Whether an interrupt must be sent, from the definition: was the driver's place among the used? */
static inline bool
must_call(struct traffic *t)
{
	const uint8_t *const p = t->d.driver;
	const uint16_t flags = get16(p, t->d.cfg.packed ? 2 : 0);
	const uint16_t event = get16(p, t->d.cfg.packed ? 0 : driver_area_len(&t->d) - 2);
	bool hit = false;
	uint32_t i;

	for (i = 0; i < t->signal; i++) {
		if (t->d.cfg.packed) {
			hit |= t->called_at == (event & 0x7fff) &&
				t->called_wrap == (event >> 15 != 0);
			if (++t->called_at == t->d.size) {
				t->called_at = 0;
				t->called_wrap = !t->called_wrap;
			}
		} else {
			hit |= t->called_idx++ == event;
		}
	}
	if (t->d.cfg.packed ? flags != 2 : !t->d.cfg.event_idx)
		return flags == 0 && t->signal != 0;
	return hit;
}

/** The device asks whether to interrupt. */
static inline void
traffic_call(struct traffic *t)
{
	const bool must = must_call(t), wanted = vhc_vring_call_wanted(t->d.v);

	if (must || t->signal < t->d.size)
		assert_int_equal(wanted, must);
	t->signal = 0;
}

static inline void
traffic_sleep(struct traffic *t)
{
	bool left;

	left = vhc_vring_want_kicks(t->d.v, true);
	assert_int_equal(left, vhc_vring_pending(t->d.v));
	/* Nobody kicks for what is there already. */
	t->asleep = !left;
}

/** The ring is given up and made again where it stood; nothing is held. */
static inline void
traffic_restart(struct traffic *t)
{
	struct drv *const d = &t->d;
	const uint16_t wish = get16(d->device, 0);

	assert_int_equal(t->nb_held, 0);
	vhc_vring_position(d->v, &d->cfg.last_avail, &d->cfg.last_used);
	assert_int_equal(d->cfg.last_avail, d->cfg.last_used);
	vhc_vring_destroy(d->v);
	d->v = vhc_vring_create(&d->cfg);
	assert_non_null(d->v);
	assert_int_equal(get16(d->device, 0), wish);
	t->signal = 0;
	t->called_idx = d->cfg.last_used;
	t->called_at = d->cfg.last_used & 0x7fff;
	t->called_wrap = d->cfg.last_used >> 15;
}

/** Until @p nb buffers have come back. */
static inline void
traffic_run(const struct vhc_vring_cfg *cfg, uint16_t max_chain, uint64_t nb, enum how how,
		uint64_t seed)
{
	struct traffic t;
	uint64_t back = 0;
	uint32_t k;

	traffic_create(&t, cfg, max_chain, seed);
	while (back < nb) {
		if (rnd(&t, 3) != 0)
			traffic_add(&t, 1 + rnd(&t, RTE_MIN(t.d.size, 70u)), how);
		if (t.asleep)
			assert_false(vhc_vring_pending(t.d.v));
		traffic_pop(&t, (uint16_t)rnd(&t, RTE_MIN(t.d.size, 70u) + 2));
		log_begin(&t);
		for (k = rnd(&t, t.nb_held + 1); k != 0; k--)
			traffic_put(&t, rnd(&t, t.nb_held));
		traffic_wish(&t);
		if (rnd(&t, 4) != 0)
			traffic_publish(&t);
		if (rnd(&t, 4) != 0)
			traffic_call(&t);
		if (rnd(&t, 4) == 0 && !t.asleep)
			traffic_sleep(&t);
		else if (rnd(&t, 4) == 0 && !t.asleep)
			assert_false(vhc_vring_want_kicks(t.d.v, false));
		traffic_publish(&t);
		log_end(&t);
		back += drv_reap(&t.d);
		if (t.nb_held == 0 && rnd(&t, 8) == 0)
			traffic_restart(&t);
	}
	/* All that is out comes back. */
	while (traffic_pop(&t, 64) != 0 || t.nb_held != 0)
		while (t.nb_held != 0)
			traffic_put(&t, rnd(&t, t.nb_held));
	traffic_publish(&t);
	drv_reap(&t.d);
	assert_int_equal(t.d.nb_free, t.d.size);
	assert_null(vhc_vring_fault(t.d.v));
	traffic_destroy(&t);
}

#endif /* VRING_TRAFFIC_H */
