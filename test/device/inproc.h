/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A virtio crypto device inside the process, behind the driver's transport
 * table. Its crypto is the back end's (app/vhost_crypto: device, request,
 * engine); its ring code is its own, written from the specification's offsets, so
 * that it cannot share a mistake with the driver's. It can be told to misbehave.
 */

#ifndef INPROC_H
#define INPROC_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio_transport.h"

struct rte_cryptodev;
struct inproc;

/** Who runs the device. */
enum inproc_run {
	INPROC_RUN_NOTIFY, /* inside notify(), in the driver's thread: deterministic */
	INPROC_RUN_MANUAL, /* only in inproc_poll(); the control queue inside notify() */
	INPROC_RUN_THREAD, /* a thread of its own polls all queues */
	INPROC_RUN_DOORBELL, /* a thread of its own that sleeps until a doorbell rings */
};

/** What answers the requests. */
enum inproc_engine {
	INPROC_ENGINE_LIBCRYPTO, /* the back end's device and libcrypto engine */
	INPROC_ENGINE_INSTANT, /* no crypto: status OK at once (benches) */
	INPROC_ENGINE_CIPHER_ONLY, /* as QEMU: advertises HASH and MAC, refuses chains; does
				    * ECB, CTR, XTS, 3DES beyond the AES-CBC that it advertises */
	INPROC_ENGINE_NO_F9, /* libcrypto's without KASUMI-F9. The stock test program of DPDK, where
			      * that is shown and a session of it alone is refused, goes on without
			      * a session and crashes. */
};

/** Whether the device offers IN_ORDER; it completes data requests in order in any case. */
enum inproc_in_order {
	INPROC_IN_ORDER_OFF,
	INPROC_IN_ORDER_SINGLE, /* a used entry for each request */
	INPROC_IN_ORDER_BATCH, /* one used entry for several, one to seven of them in turn */
};

/** Deliberate faults, each off at 0. May be changed while the device runs (plain stores). */
struct inproc_faults {
	/* Set-up. */
	bool refuse_features_ok; /* FEATURES_OK does not stick */
	uint64_t refuse_features_mask; /* ... only if one of these was accepted */
	unsigned int reset_reads; /* reset completes after this many status reads; UINT_MAX never */
	bool not_ready; /* HW_READY clear */
	uint32_t extra_status; /* further bits of config status */
	uint32_t generation_flips; /* config generation changes this many times while it is read;
				    * what is read until then is nonsense */
	bool keep_sessions; /* a device reset leaves sessions alive, as QEMU's does */
	/* Control queue. */
	bool ctrl_silent; /* never answers */
	uint32_t ctrl_status; /* create: this status instead of the true one, if not 0 */
	uint32_t ctrl_fail_after; /* create: ERR while this many sessions are alive, 0 never */
	/* Data queues: apply to the next nb_faulty requests. */
	unsigned int nb_faulty; /* UINT_MAX: all */
	bool force_status; /* answer with data_status and write nothing else */
	uint8_t data_status;
	bool keep_status; /* used, but nothing written at all */
	bool keep_digest; /* status OK, cipher result written, digest not */
	bool drop; /* request taken, never used */
	bool bad_id; /* used id outside the ring */
	bool stale_id; /* used id that is not outstanding */
	bool double_use; /* the right id twice */
	uint32_t jump_used_idx; /* used index ahead by this many; packed: so many used descriptors
				 * more, with whatever stands there */
	bool wrong_wrap; /* packed: used flags of the other lap; all data requests while it is on */
	bool scribble_desc; /* overwrite descriptor and indirect tables with 0xff after reading, but
			     * for the flags of a packed ring that say whose a descriptor is */
	bool reverse; /* complete each batch in reverse order */
	bool lie_len; /* used_len instead of the true used length */
	uint32_t used_len;
	bool never_kick; /* says that it wants no notification */
};

struct inproc_cfg {
	enum inproc_run run;
	enum inproc_engine engine;
	uint64_t features; /* offered; 0: all that the driver knows, but for the next lines */
	bool packed; /* offers RING_PACKED too */
	bool direct; /* offers no INDIRECT_DESC */
	enum inproc_in_order in_order; /* offers IN_ORDER too */
	bool stateless; /* offers REVISION_1 and stateless mode of all services too */
	uint16_t nb_data_queues; /* 0: 1 */
	uint16_t queue_size; /* largest, 0: 1024 */
	uint32_t max_sessions; /* 0: 256 */
	uint64_t max_size; /* 0: 1 MiB */
	uint32_t max_cipher_key_len; /* 0: 64 */
	uint32_t max_auth_key_len; /* 0: 512 */
	struct inproc_faults faults; /* switched on from the beginning */
	bool raw_config; /* config[] is shown instead of what the engine can do */
	uint8_t config[56];
};

/** What the device has seen; for assertions. Updated by the device's thread. */
struct inproc_stats {
	uint64_t requests; /* data requests taken */
	uint64_t notifications; /* notify() calls, data queues */
	uint64_t ctrl_requests;
	uint64_t sessions; /* alive now */
	uint64_t resets;
	uint64_t queue_resets;
	uint64_t features; /* accepted by the driver, last time */
	uint64_t rule_breaks; /* things a driver MUST NOT do, each logged on stderr */
	uint32_t last_notify_value; /* as written to the doorbell, 16 or 32 bit */
	unsigned int max_chain; /* longest descriptor chain or table seen */
	uint64_t indirect, direct; /* chains of each kind */
	uint64_t last_readable; /* bytes of the last data request's chain */
	uint64_t last_writable;
};

/** @return a device, or NULL with errno. Free with inproc_destroy(). */
struct inproc *inproc_create(const struct inproc_cfg *cfg);
/** Ends the thread, frees everything. The driver must be gone. */
void inproc_destroy(struct inproc *d);

struct vcrypto_transport *inproc_transport(struct inproc *d);
struct inproc_faults *inproc_faults(struct inproc *d);
const struct inproc_stats *inproc_stats(const struct inproc *d);

/** What NOTIF_CONFIG_DATA has the driver write for a queue. */
uint16_t inproc_notif_data(const struct inproc *d, uint16_t queue);

/** INPROC_RUN_MANUAL: serve up to @p max requests of each queue; @return how many. */
unsigned int inproc_poll(struct inproc *d, unsigned int max);

/** Raise DEVICE_NEEDS_RESET: the device takes no more requests until it is reset. */
void inproc_needs_reset(struct inproc *d);

/** The last data request's readable bytes as one string, for golden tests; @return its length. */
size_t inproc_last_request(const struct inproc *d, uint8_t *buf, size_t len);
/** The same for the last control request. */
size_t inproc_last_ctrl(const struct inproc *d, uint8_t *buf, size_t len);

/**
 * Make a cryptodev of a new device: inproc_create() and vcrypto_cryptodev_create()
 * over a device of the vdev bus.
 * @param devargs  the driver's ("caps=probe,…"), or NULL.
 * @param d        gets the device; inproc_cryptodev_destroy() frees both.
 * @return cryptodev id, or -errno of the driver's probe.
 */
int inproc_cryptodev_create(const char *name, const struct inproc_cfg *cfg, const char *devargs,
		struct inproc **d);
int inproc_cryptodev_destroy(const char *name, struct inproc *d);

#endif /* INPROC_H */
