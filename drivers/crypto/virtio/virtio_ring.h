/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Virtqueues as the driver uses them, whatever their format. Knows neither
 * crypto nor PCI: it carries numbered slots to the device and back.
 *
 * A slot is a buffer of the owner with a table of descriptors in the ring's
 * format (struct vcrypto_desc). The ring hands the table to the device as an
 * indirect table, or copies it into the ring where INDIRECT_DESC was not
 * negotiated. Adding, publishing and kicking are three steps.
 *
 * Threads: one producer (add, publish, kick) and one consumer (get) may run at
 * the same time; they write disjoint cache lines. Everything else needs both
 * to be quiet.
 *
 * Distrust: what the device writes is read once and checked against private
 * state. A used index that runs ahead, an identifier that is out of range or
 * not outstanding breaks the ring: get returns -EIO from then on.
 *
 * With IN_ORDER a device may name the last of several requests only; get hands
 * out those before it as well, by the order of issue in private memory. The ring
 * cannot know whether they are really done; what each of them says of itself can
 * (a status byte with a preset), and must be looked at.
 */

#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_memory.h>

#include "virtio_transport.h"
#include "virtio_wire.h"

/**
 * A descriptor of either ring format as two 64-bit stores: the address, and
 * the length with a tail in its upper half. The tail holds flags and next
 * (split) or buffer id and flags (packed), as struct vcrypto_desc_fmt says.
 * Little-endian in memory.
 */
struct vcrypto_desc {
	rte_le64_t addr;
	rte_le64_t len_tail;
} __rte_aligned(16);

/**
 * How a ring's format spells the tail of entry i of a table:
 * device-readable: read + i * step, device-writable: write + i * step,
 * and the last entry, which is always writable: last.
 */
struct vcrypto_desc_fmt {
	uint32_t read;
	uint32_t write;
	uint32_t step;
	uint32_t last;
};

static inline void
vcrypto_desc_set(struct vcrypto_desc *d, rte_iova_t addr, uint32_t len, uint32_t tail)
{
	d->addr = rte_cpu_to_le_64(addr);
	d->len_tail = rte_cpu_to_le_64((uint64_t)tail << 32 | len);
}

/** Point a descriptor elsewhere; its flags and link stay. */
static inline void
vcrypto_desc_retarget(struct vcrypto_desc *d, rte_iova_t addr, uint32_t len)
{
	const rte_le32_t l = rte_cpu_to_le_32(len);

	d->addr = rte_cpu_to_le_64(addr);
	memcpy(&d->len_tail, &l, sizeof(l)); /* the lower half comes first in memory */
}

/** A slot's descriptor table. */
struct vcrypto_ring_req {
	uint16_t slot;
	uint16_t nb_desc; /* entries of the table, 1 to the ring's size */
	const struct vcrypto_desc *table;
	rte_iova_t table_iova;
};

/* What a kind is made of. */
#define VCRYPTO_RING_F_DIRECT 1u
#define VCRYPTO_RING_F_PACKED 2u
#define VCRYPTO_RING_F_IN_ORDER 4u

enum vcrypto_ring_kind {
	VCRYPTO_RING_SPLIT_INDIRECT = 0,
	VCRYPTO_RING_SPLIT_DIRECT = VCRYPTO_RING_F_DIRECT,
	VCRYPTO_RING_PACKED_INDIRECT = VCRYPTO_RING_F_PACKED,
	VCRYPTO_RING_PACKED_DIRECT = VCRYPTO_RING_F_PACKED | VCRYPTO_RING_F_DIRECT,
	VCRYPTO_RING_SPLIT_INDIRECT_IN_ORDER = VCRYPTO_RING_F_IN_ORDER,
	VCRYPTO_RING_SPLIT_DIRECT_IN_ORDER = VCRYPTO_RING_F_IN_ORDER | VCRYPTO_RING_F_DIRECT,
	VCRYPTO_RING_PACKED_INDIRECT_IN_ORDER = VCRYPTO_RING_F_IN_ORDER | VCRYPTO_RING_F_PACKED,
	VCRYPTO_RING_PACKED_DIRECT_IN_ORDER = VCRYPTO_RING_F_IN_ORDER | VCRYPTO_RING_F_PACKED |
		VCRYPTO_RING_F_DIRECT,
	VCRYPTO_RING_NB,
};

/** Used length of a request that an IN_ORDER device skipped: nobody knows it [virtio 2.7.9]. */
#define VCRYPTO_RING_LEN_UNKNOWN UINT32_MAX

struct vcrypto_ring;

/** What a ring format can do; one static table each, chosen at set-up by kind. */
struct vcrypto_ring_ops {
	/** First, so that its address costs the burst loops nothing. */
	struct vcrypto_desc_fmt fmt;
	const char *name;

	/**
	 * Descriptors that requests may still take; at least the truth's lower bound, since
	 * the consumer may give more back at any time. Indirect: more than any request
	 * needs, as each free slot has its descriptor. Producer.
	 */
	uint32_t (*room)(struct vcrypto_ring *r);

	/**
	 * Tell the ring of a slot's descriptor table. The slot must be free, i.e. not
	 * between add and get; the table stays where it is until the slot gets another.
	 * Producer.
	 */
	void (*set_table)(struct vcrypto_ring *r, const struct vcrypto_ring_req *req);

	/**
	 * Put slots with their tables into the ring, invisible to the device until
	 * publish. The slots must be free. Producer.
	 * @return how many of @p nb fitted (0 to nb); never an error.
	 */
	uint16_t (*add)(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb);

	/** Make everything added visible to the device [virtio 2.7.13]. Producer. */
	void (*publish)(struct vcrypto_ring *r);

	/**
	 * Whether the device wants a notification for what was published since
	 * the last call [virtio 2.7.10, 2.7.13.3]. Contains the full barrier that
	 * orders publish before the read of the device's wish. Producer.
	 */
	bool (*kick_needed)(struct vcrypto_ring *r);

	/**
	 * The ring's half of a notification with data [virtio 2.9, 4.1.5.2]: what is published,
	 * as index (split), or as offset and wrap counter of the next descriptor (packed).
	 * Producer.
	 */
	uint16_t (*notify_state)(const struct vcrypto_ring *r);

	/**
	 * Collect slots that the device has used. Consumer.
	 * @param slots  room for @p nb slot numbers; @param lens, NULL or room for the
	 *               used lengths, which are the device's claims and not checked;
	 *               VCRYPTO_RING_LEN_UNKNOWN for requests that the device skipped.
	 * @return number of slots, 0 to nb; -EIO if the device broke a rule: the ring
	 *         is then broken (vcrypto_ring.broken says how) and stays so until init.
	 */
	int (*get)(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb);

	/**
	 * Any slot that is still with the device, or -1; takes it back from the
	 * ring's books. For use after the device or the queue was reset.
	 */
	int (*reclaim)(struct vcrypto_ring *r);
};

/** Why a ring is broken. */
enum vcrypto_ring_fault {
	VCRYPTO_RING_OK,
	VCRYPTO_RING_USED_IDX, /* more is used than is outstanding */
	VCRYPTO_RING_BAD_ID, /* used id beyond the ring */
	VCRYPTO_RING_NOT_ISSUED, /* used id of nothing that is outstanding */
	VCRYPTO_RING_BAD_WRAP, /* packed: flags that neither driver nor device may write there */
	VCRYPTO_RING_NOT_IN_ORDER, /* used before its turn although IN_ORDER was negotiated */
};

struct vcrypto_ring {
	/* Constant after init. */
	enum vcrypto_ring_kind kind;
	uint16_t size; /* entries, a power of two */
	uint16_t index; /* virtqueue index, for log lines */
	bool event_idx; /* EVENT_IDX negotiated */
	bool strong_barriers; /* ORDER_PLATFORM negotiated: barriers for real devices */
	union {
		struct virtq_desc *desc; /* split */
		struct vcrypto_desc *packed;
	};
	struct virtq_avail *avail; /* split */
	struct virtq_used *used; /* split */
	union {
		uint16_t *avail_event; /* split: in the used area */
		struct virtq_event *device_event; /* packed: the device area */
	};
	/*
	 * Private state, which the device cannot see: the number of descriptors of an
	 * outstanding chain, by head (split) or id (packed), 0 when none is. Set by the
	 * producer (release), cleared by the consumer. With IN_ORDER by number of issue, and
	 * what is outstanding lies between used_idx and avail_idx.
	 */
	uint16_t *issued;
	/* Indirect: the descriptor of each slot's table; split: desc[] by head, unless IN_ORDER. */
	struct vcrypto_desc *shadow;
	struct vcrypto_desc *packed_end; /* behind the last of packed[] */
	uint64_t used_mask; /* packed: bits of a second half that tell a used one with a valid id */

	uint16_t *used_event; /* split: in the avail area */
	struct vcrypto_desc *said; /* split, indirect, IN_ORDER: what desc[] last said */
	uint16_t *order; /* IN_ORDER: slot by number of issue */
	uint16_t *heads; /* split, direct, IN_ORDER: head by number of issue */
	uint16_t *next; /* split, direct: links of outstanding chains */
	uint16_t *slot_of; /* split, direct: slot by head */
	struct vcrypto_ring_req *tables; /* direct: by slot */
	uint16_t *free_desc; /* split, direct: FIFO of free descriptors */
	void *mem; /* the ring's shared memory and its address for the device */
	rte_iova_t mem_iova;
	uint32_t driver_off; /* driver area and device area in it */
	uint32_t device_off;

	/* Producer's line. Numbers of requests and of descriptors are free-running. */
	RTE_MARKER producer __rte_cache_aligned;
	uint16_t avail_idx; /* requests added */
	uint16_t published; /* requests that the device was told of; the consumer reads it */
	uint16_t kicked; /* published (split) or shown (packed) at the last kick decision */
	uint32_t shown; /* packed: descriptors published; the consumer reads it */
	uint32_t free_head; /* direct and packed: descriptors taken */
	uint32_t free_tail_cache; /* direct: last seen free_tail */
	rte_le64_t pending; /* packed: second half of the first descriptor not yet published */
	rte_le64_t *pending_at; /* packed: where that goes */
	struct vcrypto_desc *add_at; /* packed, indirect: next to write */
	struct vcrypto_desc mark; /* packed, indirect: flags of the producer's lap */

	/* Consumer's line. */
	RTE_MARKER consumer __rte_cache_aligned;
	uint16_t used_idx; /* requests got */
	uint16_t silenced; /* split: used_idx when used_event was last moved away */
	uint32_t free_tail; /* direct and packed: size, and descriptors given back */
	enum vcrypto_ring_fault broken;
	uint16_t batch_end; /* IN_ORDER: requests that the device has used */
	uint32_t batch_len; /* IN_ORDER: used length of the last of them */
	const struct vcrypto_desc *get_at; /* packed, not IN_ORDER: next to be used */
	uint64_t used_flags; /* and its flags then */
} __rte_cache_aligned;

/** Bytes of shared memory for a ring of @p size entries, 0 if no legal size. */
size_t vcrypto_ring_mem_size(enum vcrypto_ring_kind kind, uint16_t size);

/**
 * Prepare an empty ring in zeroed shared memory [virtio 2.7.10, 2.8.13, 4.1.5.1.3].
 *
 * @param r      memory of the caller (cache aligned); an earlier state is forgotten.
 * @param mem    vcrypto_ring_mem_size() bytes, 4096-byte aligned, contiguous for the
 *               device at @p iova; stays the caller's and is zeroed here.
 * @param priv   vcrypto_ring_priv_size() bytes of private memory; stays the caller's.
 * @param features  negotiated features.
 * @return 0; -EINVAL the size is not a power of two or above 32768.
 */
int vcrypto_ring_init(struct vcrypto_ring *r, enum vcrypto_ring_kind kind, uint16_t index,
		uint16_t size, void *mem, rte_iova_t iova, void *priv, uint64_t features);

/** Bytes of private memory for a ring of @p size entries. */
size_t vcrypto_ring_priv_size(uint16_t size);

/** The addresses to give to the transport. */
void vcrypto_ring_addr(const struct vcrypto_ring *r, struct vcrypto_queue_addr *addr);

/** The ring kind that fits a negotiated feature set. */
enum vcrypto_ring_kind vcrypto_ring_kind_pick(uint64_t features);

/** One word on a fault, for the log line. */
const char *vcrypto_ring_fault_name(enum vcrypto_ring_fault fault);

/** A number of a ring, for people. */
struct vcrypto_ring_number {
	const char *name;
	uint32_t value;
};

#define VCRYPTO_RING_NUMBERS 12

/**
 * Indices and wishes of a ring, the driver's own and those in shared memory. Any thread, at any
 * time: they are looked at one after the other, and nothing is made of them.
 * @return how many were written, up to VCRYPTO_RING_NUMBERS; 0 the ring was never used.
 */
unsigned int vcrypto_ring_look(const struct vcrypto_ring *r,
		struct vcrypto_ring_number out[VCRYPTO_RING_NUMBERS]);

/** Formats, by kind; static, so valid in each process. */
extern const struct vcrypto_ring_ops *const vcrypto_ring_ops[VCRYPTO_RING_NB];

static inline const struct vcrypto_ring_ops *
vcrypto_ring_ops_of(const struct vcrypto_ring *r)
{
	return vcrypto_ring_ops[r->kind];
}

/** set_table() and add() for requests that are made one by one. @return as add(). */
static inline uint16_t
vcrypto_ring_add(struct vcrypto_ring *r, const struct vcrypto_ring_req *req, uint16_t nb)
{
	const struct vcrypto_ring_ops *const ops = vcrypto_ring_ops_of(r);
	uint16_t i;

	for (i = 0; i < nb; i++) {
		ops->set_table(r, &req[i]);
		if (ops->add(r, &req[i].slot, 1) == 0)
			break;
	}
	return i;
}

#endif /* VIRTIO_RING_H */
