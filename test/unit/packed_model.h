/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device's side of a packed virtqueue for ring_model.h, which includes this.
 *
 * desc: 16q bytes {addr 8, len 4, id 2, flags 2}; driver and device area: 4 bytes
 * {desc 2: offset in bits 0 to 14, wrap counter in bit 15; flags 2}.
 */

#ifndef PACKED_MODEL_H
#define PACKED_MODEL_H

#define PACKED_F_AVAIL 0x0080
#define PACKED_F_USED 0x8000

/* [virtio 2.8.1] available: AVAIL like the wrap counter, USED unlike it */
static inline bool
packed_is_avail(const struct model *m, uint16_t at, bool wrap)
{
	const uint16_t flags = model_load_idx(m->desc, 16u * at + 14);

	return ((flags & PACKED_F_AVAIL) != 0) == wrap && ((flags & PACKED_F_USED) != 0) != wrap;
}

static inline void
packed_step(const struct model *m, uint16_t *at, bool *wrap, unsigned int nb)
{
	while (nb-- != 0) {
		if (++*at == m->size) {
			*at = 0;
			*wrap = !*wrap;
		}
	}
}

/* The list that begins at the device's next descriptor. */
static inline void
packed_take_one(struct model *m, struct model_held *h)
{
	uint16_t i = 0, flags, slot = 0, n = 1;
	const uint8_t *p;

	do {
		p = m->desc + 16u * m->dev_avail;
		flags = get16(p, 14);
		/* Right in each descriptor of the list. */
		MODEL_CHECK(m, packed_is_avail(m, m->dev_avail, m->avail_wrap));
		flags &= (uint16_t)~(PACKED_F_AVAIL | PACKED_F_USED);
		packed_step(m, &m->dev_avail, &m->avail_wrap, 1);
		if (!m->direct) {
			MODEL_CHECK(m, flags == 4); /* INDIRECT, without NEXT and WRITE */
			model_take_table(m, p, h);
			slot = h->slot;
			break;
		}
		if (i == 0) {
			slot = (uint16_t)(get64(p, 0) >> 16);
			MODEL_CHECK(m, slot < m->size);
		}
		if (m->err != NULL)
			return;
		model_check_entry(m, p, flags, slot, i, true);
		i++;
	} while (flags & 1 && i < m->size && m->err == NULL);
	if (m->direct) {
		MODEL_CHECK(m, i == m->nb_desc[slot]);
		n = i;
	}
	/* The id is that of the last descriptor. */
	h->id = get16(p, 12);
	h->slot = slot;
	h->nb_desc = n;
	MODEL_CHECK(m, h->id < m->size);
	if (m->err != NULL)
		return;
	MODEL_CHECK(m, !m->busy[h->id]);
	m->busy[h->id] = 1;
	m->nb_held_desc += n;
	MODEL_CHECK(m, m->nb_held_desc <= m->size);
}

static inline unsigned int
packed_take(struct model *m)
{
	unsigned int nb = 0;

	while (m->err == NULL && packed_is_avail(m, m->dev_avail, m->avail_wrap)) {
		MODEL_CHECK(m, m->nb_held < m->size);
		if (m->err != NULL)
			break;
		packed_take_one(m, &m->held[m->nb_held]);
		m->nb_held++;
		m->taken++;
		nb++;
	}
	return nb;
}

static inline void
packed_desc_use(struct model *m, uint16_t at, bool wrap, uint16_t id, uint32_t len)
{
	/* WRITE: the length is valid [virtio 2.8.4]. NEXT is reserved: drivers ignore it. */
	const uint16_t flags = (wrap ? PACKED_F_AVAIL | PACKED_F_USED : 0) | 2 | (len & 1);

	put32(m->desc, 16u * at + 8, len);
	put16(m->desc, 16u * at + 12, id);
	model_store_idx(m->desc, 16u * at + 14, flags);
}

/*
 * Use a buffer of nb_desc descriptors. Of several, the first is shown last, by
 * packed_used_publish().
 */
static inline void
packed_used_put(struct model *m, uint16_t id, uint32_t len, unsigned int nb_desc)
{
	if (m->first.waits) {
		packed_desc_use(m, m->dev_used, m->used_wrap, id, len);
	} else {
		m->first.waits = true;
		m->first.at = m->dev_used;
		m->first.wrap = m->used_wrap;
		m->first.id = id;
		m->first.len = len;
	}
	packed_step(m, &m->dev_used, &m->used_wrap, nb_desc);
}

static inline void
packed_used_publish(struct model *m)
{
	if (m->first.waits)
		packed_desc_use(m, m->first.at, m->first.wrap, m->first.id, m->first.len);
	m->first.waits = false;
	/* The driver polls: it must keep the device silent [virtio 2.8.10]. */
	MODEL_CHECK(m, get16(m->avail, 2) == 1);
}

/** One used descriptor, right but for what it says. */
static inline void
packed_used(struct model *m, uint16_t id, unsigned int nb_desc)
{
	packed_used_put(m, id, 0, nb_desc);
	packed_used_publish(m);
}

/** Device event suppression: flags 0 enable, 1 disable, 2 at this descriptor. */
static inline void
packed_set_event(struct model *m, uint16_t off, bool wrap, uint16_t flags)
{
	model_store_idx(m->used, 0, (uint16_t)(off | wrap << 15));
	model_store_idx(m->used, 2, flags);
}

#endif /* PACKED_MODEL_H */
