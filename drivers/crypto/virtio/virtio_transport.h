/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The transport table: what the driver needs from whatever carries a virtio
 * device (PCI, a vhost-user socket, the in-process device of the tests).
 * Only transports touch registers and sockets; nothing above this table does.
 *
 * Function pointers are valid in one process only, while devices live in
 * memory that is shared with secondary processes. So a device holds the index
 * of its transport and each process fills the table for itself.
 *
 * All functions are called by control-path threads under the device's lock,
 * except get_status(), where() and notify(), which any thread calls.
 */

#ifndef VIRTIO_TRANSPORT_H
#define VIRTIO_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

/** Kinds of transport; the index into the table. */
enum vcrypto_transport_kind {
	VCRYPTO_TRANSPORT_PCI,
	VCRYPTO_TRANSPORT_USER,
	VCRYPTO_TRANSPORT_INPROC, /* a device inside the process: tests and benches */
	VCRYPTO_TRANSPORT_NB,
};

/**
 * A transport's instance for one device. Each transport embeds this in its own
 * structure, in shared memory (rte_malloc) if secondary processes are served.
 */
struct vcrypto_transport {
	enum vcrypto_transport_kind kind;
	const char *dev_name; /* for log lines; primary process only */
};

/** What the status register of an absent device reads as. */
#define VCRYPTO_STATUS_GONE 0xff

/** Where a data or control queue's doorbell is, and what is written there. */
struct vcrypto_doorbell {
	void *addr; /* PCI: register; others: private to the transport */
	uint16_t value; /* queue index, or queue_notif_config_data if negotiated */
	bool with_data; /* NOTIFICATION_DATA: 32-bit write, upper half from the ring */
};

/** Addresses of a virtqueue as the device sees them. */
struct vcrypto_queue_addr {
	uint64_t desc; /* descriptor area */
	uint64_t driver; /* driver area: avail ring or event suppression */
	uint64_t device; /* device area: used ring or event suppression */
	uint16_t size; /* entries */
};

struct vcrypto_transport_ops {
	const char *name;
	/**
	 * The device may go away and come back: then get_status() reads VCRYPTO_STATUS_GONE
	 * at once, and vcrypto_dev_lost() and vcrypto_dev_recover() are called.
	 */
	bool recovers;
	/**
	 * Where the device is, for people: an address, a path. Any thread; constant while the
	 * device exists. NULL: its name says it.
	 */
	const char *(*where)(const struct vcrypto_transport *t);

	/** Device status register [virtio 2.1]. 0xff or an absent device reads as it comes. */
	uint8_t (*get_status)(struct vcrypto_transport *t);
	/**
	 * Write the status register; 0 asks for a reset, which is then polled for with
	 * get_status.
	 */
	void (*set_status)(struct vcrypto_transport *t, uint8_t status);

	/** Features that the device offers (bits 0 to 63). */
	uint64_t (*get_features)(struct vcrypto_transport *t);
	/** Tell the device which of them the driver accepts. */
	void (*set_features)(struct vcrypto_transport *t, uint64_t features);
	/**
	 * Objections of the transport to a feature set, before it is written.
	 * @return 0, or -errno after one log line that names the remedy. May be NULL.
	 */
	int (*check_features)(struct vcrypto_transport *t, uint64_t features);

	/** Bytes of device configuration space that can be read. */
	uint32_t (*config_len)(struct vcrypto_transport *t);
	/** Counter that changes whenever the configuration may have changed. */
	uint32_t (*config_generation)(struct vcrypto_transport *t);
	/**
	 * One aligned 32-bit word of configuration space, in CPU order.
	 * @param off  bytes, multiple of 4, below config_len().
	 */
	uint32_t (*read_config32)(struct vcrypto_transport *t, uint32_t off);

	/** Number of queues that the transport has, the control queue included. */
	uint32_t (*nb_queues)(struct vcrypto_transport *t);
	/** Largest size of queue @p index in entries, 0 if there is no such queue. */
	uint16_t (*queue_size_max)(struct vcrypto_transport *t, uint16_t index);
	/**
	 * Give the device the queue's rings and enable it; fills @p db. The negotiated
	 * @p features decide how the doorbell works. The rings stay the caller's and
	 * must live until the device or the queue was reset.
	 * @return 0; -ENOENT no such queue; -EINVAL the size is not accepted;
	 *         -EIO the device does not behave.
	 */
	int (*queue_enable)(struct vcrypto_transport *t, uint16_t index,
			const struct vcrypto_queue_addr *addr, uint64_t features,
			struct vcrypto_doorbell *db);
	/**
	 * Reset one queue [virtio 2.6.1]; only with RING_RESET negotiated.
	 * @return 0; -ETIMEDOUT the device did not finish in @p timeout_ms.
	 */
	int (*queue_reset)(struct vcrypto_transport *t, uint16_t index, unsigned int timeout_ms);

	/**
	 * Ring a doorbell. Any thread; must not block.
	 * @param ring_state  upper 16 bits of the notification for NOTIFICATION_DATA:
	 *                    split ring: avail.idx; packed ring: offset and wrap bit.
	 */
	void (*notify)(struct vcrypto_transport *t, const struct vcrypto_doorbell *db,
			uint16_t ring_state);
};

/** This process's transports, by kind; NULL where none is registered. */
extern const struct vcrypto_transport_ops *vcrypto_transports[VCRYPTO_TRANSPORT_NB];

/** Enter a transport into this process's table; called by constructors. */
static inline void
vcrypto_transport_register(enum vcrypto_transport_kind kind,
		const struct vcrypto_transport_ops *ops)
{
	vcrypto_transports[kind] = ops;
}

static inline const struct vcrypto_transport_ops *
vcrypto_transport_ops(const struct vcrypto_transport *t)
{
	return vcrypto_transports[t->kind];
}

#endif /* VIRTIO_TRANSPORT_H */
